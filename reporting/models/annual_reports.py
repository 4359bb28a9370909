"""年度书面报告 of a district (notice 三（四）1, C088–C090)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cultivation.models import CampaignYear
from reporting.enums import ReportState
from reporting.models.snapshots import Snapshot
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

# Lists, not the sets of enums: a constraint must read the same at every start.
_FILED = [ReportState.SUBMITTED, ReportState.ACCEPTED]
_REVIEWED = [ReportState.REVIEWED, *_FILED]


class AnnualReportQuerySet(models.QuerySet["AnnualReport"]):
    def visible_to(self, actor: Actor) -> AnnualReportQuerySet:
        """A district works on its own. The city sees all districts, their content once it is filed (permissions)."""
        if actor.sees_whole_city:
            return self
        district = actor.district
        if actor.is_administrator or district is None or actor.organization != district:
            return self.none()
        return self.filter(organization_id=district.pk)

    def filed(self) -> AnnualReportQuerySet:
        return self.filter(state__in=_FILED)


class AnnualReport(models.Model):
    """One district's report of one year. Document = snapshot + narrative sections, never live tables."""

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="annual_reports", verbose_name="年度")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="annual_reports", verbose_name="单位"
    )
    state = models.CharField("状态", max_length=14, choices=ReportState, default=ReportState.DRAFT)
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="reports", verbose_name="快照")
    created_at = models.DateTimeField("开始时间")
    prepared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="填报人")
    prepared_at = models.DateTimeField("送审时间", null=True, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审核人")
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    signed_by = models.CharField("签发人", max_length=40, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报送人")
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True)
    is_late = models.BooleanField("逾期", default=False)
    accepted_at = models.DateTimeField("接收时间", null=True, blank=True)
    comment = models.TextField("退回意见", blank=True)
    # A report that was filed on paper before the portal: its stamped scan is attached, its words stay empty.
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("盖章件文号（来源）", max_length=160, blank=True)

    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度报告"
        ordering = ["-year_id", "organization_id"]
        constraints = [
            models.UniqueConstraint(fields=["year", "organization"], name="unique_annual_report"),
            models.CheckConstraint(
                condition=Q(state=ReportState.DRAFT) | Q(prepared_at__isnull=False), name="report_prepared_at"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_REVIEWED, reviewed_at__isnull=False)
                | (~Q(state__in=_REVIEWED) & Q(reviewed_at__isnull=True)),
                name="report_reviewed_at",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_FILED, submitted_at__isnull=False)
                | (~Q(state__in=_FILED) & Q(submitted_at__isnull=True, is_late=False)),
                name="report_submitted_at",
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.ACCEPTED, accepted_at__isnull=False)
                | (~Q(state=ReportState.ACCEPTED) & Q(accepted_at__isnull=True)),
                name="report_accepted_at",
            ),
            models.CheckConstraint(
                condition=Q(backfilled=False) | ~Q(source_document=""), name="backfilled_report_has_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}{self.year_id}年度报告"


class NarrativeSection(models.Model):
    """The office's own words of one section. `revision` guards two editors: a stale one keeps both texts."""

    report = models.ForeignKey(AnnualReport, models.CASCADE, related_name="sections", verbose_name="报告")
    key = models.CharField("段落", max_length=40)
    text = models.TextField("内容", blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField("保存时间", null=True, blank=True)
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="保存人")

    class Meta:
        verbose_name = verbose_name_plural = "报告段落"
        ordering = ["report_id", "id"]
        constraints = [models.UniqueConstraint(fields=["report", "key"], name="unique_report_section")]

    def __str__(self) -> str:
        return f"{self.report} {self.key}"
