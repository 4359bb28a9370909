"""职工（代表）大会审议: the frozen print, the meeting, the minutes (DB37/T 4077)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from evaluation.models.assessments import Assessment
from zaozhuang_portal.accounts.models import User


class Adoption(models.Model):
    """One freezing of the answers and, once held, the meeting that adopted them.

    `content_hash` (SHA-256 of the canonical answers) is printed on the paper, so that the minutes name the
    version that was adopted. The minutes are attachments of owner kind "adoption".
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
        ]

    def __str__(self) -> str:
        return f"审议 {self.content_hash[:8]}"

    @property
    def short_hash(self) -> str:
        """First 16 characters in fours, as printed."""
        return " ".join(self.content_hash[i : i + 4].upper() for i in range(0, 16, 4))
