"""发现问题: what a check found, wherever it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cultivation.models import CampaignYear, Subject
from evaluation.enums import Cause, FindingSource, Severity
from evaluation.models.spot_checks.checks import CheckLine, SpotCheck
from evaluation.models.spot_checks.rounds import reads_district
from evaluation.rules.lengths import MAX_COMMENT
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.bounds import BoundedTextField

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, actor: Actor) -> FindingQuerySet:
        """City: all. A district, its leaders, a contact: its own, once told of them (by a check's conclusion or an order)."""
        if actor.sees_whole_city:
            return self
        told = self.filter(Q(source=FindingSource.SPOT_CHECK) | Q(rectification__issued_at__isnull=False))
        if actor.role == Role.SUBJECT_CONTACT:
            return told.filter(subject_id=actor.subject_id, subject_id__isnull=False)
        district = reads_district(actor)
        return told.filter(organization_id=district.pk) if district else self.none()

    def without_order(self) -> FindingQuerySet:
        """Nothing was ordered yet. A withdrawn order is an answer too: it stays with its reason."""
        return self.filter(rectification__isnull=True)


class Finding(models.Model):
    """One fact found at one unit. Of SPOT_CHECK it names the check and its line; of other sources it is entered by hand.

    `recurrence_of` links the earlier finding of the same kind at the same unit.
    """

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="findings", verbose_name="年度")
    number = models.CharField("编号", max_length=30, unique=True)
    source = models.CharField("来源", max_length=14, choices=FindingSource)
    source_note = models.CharField("来源说明", max_length=200, blank=True)
    check_record = models.ForeignKey(
        SpotCheck, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="抽查"
    )
    line = models.OneToOneField(
        CheckLine, models.PROTECT, null=True, blank=True, related_name="finding", verbose_name="检查事项"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="findings", verbose_name="区（市）"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="培育对象"
    )
    clause = models.CharField("条款或指标", max_length=60)
    title = models.CharField("问题", max_length=200)
    facts = BoundedTextField("事实", max_length=MAX_COMMENT)
    evidence_of = models.DateField("佐证所属日期", null=True, blank=True)
    severity = models.CharField("性质", max_length=6, choices=Severity)
    cause = models.CharField("原因类别", max_length=12, choices=Cause, blank=True)
    recurrence_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="recurrences", verbose_name="上次问题"
    )
    found_on = models.DateField("发现日期")
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发现问题"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source=FindingSource.SPOT_CHECK)
                | Q(check_record__isnull=True, line__isnull=True),
                name="finding_of_a_check",
            ),
            models.CheckConstraint(condition=~Q(facts=""), name="finding_has_facts"),
            models.CheckConstraint(
                condition=Q(recurrence_of__isnull=True) | ~Q(recurrence_of=F("id")),
                name="finding_recurs_another",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "clause"], name="finding_of_district"),
            models.Index(fields=["subject", "clause"], name="finding_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def unit(self) -> str:
        """The name of who it was found at. Wants organization and subject loaded."""
        return self.subject.name if self.subject else self.organization.name
