"""职工（代表）大会审议: the frozen print, the meeting, the minutes (DB37/T 4077)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from evaluation.models.assessments import Assessment
from evaluation.rules.lengths import MAX_ADOPTION_WORDS
from evaluation.rules.self_assessment import in_fours
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.bounds import BoundedTextField


class Adoption(models.Model):
    """One freezing of the answers and, once held, the meeting that adopted them.

    `content_hash` (SHA-256 of all the print lists, evidence included) is printed on the paper, so that the minutes
    name the version that was adopted. The minutes are attachments of owner kind "adoption". What was recorded of the
    meeting is never rewritten: what was wrong in it is put right by an `AdoptionCorrection`.
    `printed_hash` is the one the clerk read on the paper that was voted on; `text_*`: a paper without one, the firm
    asks the city office to confirm that the texts agree.
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="adoptions", verbose_name="自评")
    frozen_at = models.DateTimeField("定稿时间")
    frozen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="定稿人")
    content_hash = models.CharField("内容校验码", max_length=64)
    held_on = models.DateField("会议日期", null=True, blank=True)
    delegates = models.PositiveIntegerField("应到人数", null=True, blank=True)
    participants = models.PositiveIntegerField("实到人数", null=True, blank=True)
    votes_for = models.PositiveIntegerField("赞成人数", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间", null=True, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    printed_hash = models.CharField("纸上校验码", max_length=16, blank=True)
    text_asked_at = models.DateTimeField("申请确认文本时间", null=True, blank=True)
    text_asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请人"
    )
    text_asked_words = BoundedTextField("申请说明", max_length=MAX_ADOPTION_WORDS, blank=True)
    text_agreed_at = models.DateTimeField("确认文本一致时间", null=True, blank=True)
    text_agreed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    text_agreed_words = BoundedTextField("确认理由", max_length=MAX_ADOPTION_WORDS, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "职工（代表）大会审议"
        ordering = ["assessment_id", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment"], condition=Q(voided_at__isnull=True), name="one_adoption_in_force"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True, held_on__isnull=True, participants__isnull=True)
                | Q(
                    recorded_at__isnull=False,
                    held_on__isnull=False,
                    delegates__isnull=False,
                    participants__isnull=False,
                    votes_for__isnull=False,
                ),
                name="recorded_adoption_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(participants__isnull=True)
                | Q(participants__lte=F("delegates"), votes_for__lte=F("participants")),
                name="adoption_counts_nest",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="voided_adoption_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(text_agreed_at__isnull=True)
                | (Q(text_asked_at__isnull=False) & ~Q(text_agreed_words="")),
                name="agreed_text_was_asked_for",
            ),
        ]

    def __str__(self) -> str:
        return f"审议 {self.content_hash[:8]}"

    @property
    def short_hash(self) -> str:
        """First 16 characters in fours, as printed."""
        return in_fours(self.content_hash)


class AdoptionCorrection(models.Model):
    """A mistake in what was recorded of a meeting, put right with a reason. The latest holds; what stood before stays."""

    adoption = models.ForeignKey(Adoption, models.CASCADE, related_name="corrections", verbose_name="审议")
    held_on = models.DateField("会议日期")
    delegates = models.PositiveIntegerField("应到人数")
    participants = models.PositiveIntegerField("实到人数")
    votes_for = models.PositiveIntegerField("赞成人数")
    printed_hash = models.CharField("纸上校验码", max_length=16, blank=True)
    reason = BoundedTextField("更正理由", max_length=MAX_ADOPTION_WORDS)
    corrected_at = models.DateTimeField("更正时间")
    corrected_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="更正人")

    class Meta:
        verbose_name = verbose_name_plural = "审议结果更正"
        ordering = ["adoption_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(participants__lte=F("delegates"), votes_for__lte=F("participants")),
                name="corrected_counts_nest",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.adoption} 更正"
