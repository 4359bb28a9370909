"""更正 of a closed year: asked for with reason and document number, consented to by the city, every change under it kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cultivation.enums import CorrectionArea, CorrectionState
from cultivation.models.campaign import CampaignYear
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

_OPEN = [CorrectionState.REQUESTED, CorrectionState.CONSENTED]
_CONSENTED = [CorrectionState.CONSENTED, CorrectionState.DONE]


class YearCorrectionQuerySet(models.QuerySet["YearCorrection"]):
    def visible_to(self, actor: Actor) -> YearCorrectionQuerySet:
        """City: all. District staff and leaders: their district's."""
        if actor.sees_whole_city:
            return self
        district = actor.district
        if district is None or not (actor.is_district or actor.role == Role.LEADER):
            return self.none()
        return self.filter(organization_id=district.pk)

    def in_force(self, today: date) -> YearCorrectionQuerySet:
        """Those under which something may be changed today."""
        return self.filter(state=CorrectionState.CONSENTED, open_until__gte=today)

    def consented(self) -> YearCorrectionQuerySet:
        """Those a later paper of the year names, whether still open or done."""
        return self.filter(state__in=_CONSENTED)


class YearCorrection(models.Model):
    """One 更正 of one year, unit and area. It opens the area to that unit until `open_until` (that day included)."""

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="corrections", verbose_name="年度")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="单位")
    area = models.CharField("更正范围", max_length=12, choices=CorrectionArea)
    content = models.CharField("更正内容", max_length=300)
    reason = models.CharField("更正理由", max_length=200)
    document_number = models.CharField("依据文号", max_length=60)
    state = models.CharField(
        "状态", max_length=12, choices=CorrectionState, default=CorrectionState.REQUESTED
    )
    requested_at = models.DateTimeField("申请时间")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    decision_note = models.CharField("答复意见", max_length=200, blank=True)
    open_until = models.DateField("办理期限", null=True, blank=True)
    finished_at = models.DateTimeField("办结时间", null=True, blank=True)

    objects = YearCorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度更正"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "organization", "area"],
                condition=Q(state__in=_OPEN),
                name="one_open_correction",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(document_number="") & ~Q(content=""),
                name="correction_has_reason_and_document",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="correction_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[CorrectionState.REQUESTED, CorrectionState.WITHDRAWN])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decided_correction_has_author",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_CONSENTED) | Q(open_until__isnull=False),
                name="consented_correction_has_term",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}更正：{self.organization} {self.get_area_display()}"


class CorrectedChange(models.Model):
    """One thing changed under a 更正: what, by whom, when. Written in the transaction of the change."""

    correction = models.ForeignKey(
        YearCorrection, models.PROTECT, related_name="changes", verbose_name="年度更正"
    )
    what = models.CharField("所作更正", max_length=200)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")

    class Meta:
        verbose_name = verbose_name_plural = "更正记录"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.what
