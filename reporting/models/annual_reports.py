"""年度书面报告 of a district (notice 三（四）1, C088–C090)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cultivation.models import BackfillRequest, CampaignYear
from reporting.enums import FilingOutcome, ReportState
from reporting.models.snapshots import Snapshot
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.bounds import BoundedTextField

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

    def not_received(self) -> AnnualReportQuerySet:
        """Begun, written, filed or given back, but not received by the city."""
        return self.exclude(state=ReportState.ACCEPTED)


class AnnualReport(models.Model):
    """One district's report of one year. Document = snapshot + narrative sections, never live tables.

    Late is a fact of the first filing: `first_filed_at` and `is_late` stay when the city gives the report back, and
    `submitted_at` is the latest filing. Each filing, and what became of it, is a row of ReportFiling.
    """

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
    first_filed_at = models.DateTimeField("首次报送时间", null=True, blank=True)
    submitted_at = models.DateTimeField("最近报送时间", null=True, blank=True)
    # Of the first filing, judged by the milestone of the year.
    is_late = models.BooleanField("逾期", default=False)
    # The day by which a report the city gave back is to be filed again; of the latest return, kept after that.
    return_due_on = models.DateField("退回后报送期限", null=True, blank=True)
    accepted_at = models.DateTimeField("接收时间", null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="接收人")
    comment = BoundedTextField("退回意见", max_length=500, blank=True)
    # A report that was filed on paper before the portal: its stamped scan is attached, its words stay empty. Entered by
    # `prepared_by` at `created_at`; the days of filing are those of the paper. Received by an act of the city only.
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("盖章件文号（来源）", max_length=160, blank=True)
    # The city's consent to back-fill a year in which the portal was in use.
    consent = models.ForeignKey(
        BackfillRequest, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="补录申请"
    )

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
                condition=~Q(state__in=_FILED) | Q(submitted_at__isnull=False), name="report_submitted_at"
            ),
            models.CheckConstraint(
                condition=Q(first_filed_at__isnull=True, submitted_at__isnull=True, is_late=False)
                | Q(first_filed_at__isnull=False, submitted_at__gte=F("first_filed_at")),
                name="report_first_filing",
            ),
            models.CheckConstraint(
                condition=Q(return_due_on__isnull=True) | Q(first_filed_at__isnull=False),
                name="returned_report_was_filed",
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.ACCEPTED, accepted_at__isnull=False)
                | (~Q(state=ReportState.ACCEPTED) & Q(accepted_at__isnull=True)),
                name="report_accepted_at",
            ),
            models.CheckConstraint(
                condition=Q(backfilled=False) | ~Q(source_document=""), name="backfilled_report_has_source"
            ),
            models.CheckConstraint(
                condition=Q(consent__isnull=True) | Q(backfilled=True), name="consent_is_to_backfill"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}{self.year_id}年度报告"


class ReportFiling(models.Model):
    """One filing of a report and what became of it; never changed once closed.

    `filed_at` is the time of filing (noon of the paper's day when back-filled), `entered_at` when it was entered here.
    The first is due by the milestone of the year, one after a return by the day the return set; `past_due` says that
    it came later. A filing the district took back itself does not count as the first.
    """

    report = models.ForeignKey(AnnualReport, models.CASCADE, related_name="filings", verbose_name="报告")
    number = models.PositiveSmallIntegerField("次数")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+", verbose_name="快照")
    # Section key → text, as it was filed.
    words = models.JSONField("报送时的文字", default=dict, blank=True)
    filed_at = models.DateTimeField("报送时间")
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报送人")
    entered_at = models.DateTimeField("录入时间")
    due_on = models.DateField("期限")
    after_return = models.BooleanField("退回后再报", default=False)
    past_due = models.BooleanField("超过期限", default=False)
    outcome = models.CharField("结果", max_length=8, choices=FilingOutcome, default=FilingOutcome.PENDING)
    closed_at = models.DateTimeField("结果时间", null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    reason = BoundedTextField("退回意见", max_length=500, blank=True)
    return_due_on = models.DateField("退回后报送期限", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "报送记录"
        ordering = ["report_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="unique_report_filing"),
            models.UniqueConstraint(
                fields=["report"], condition=Q(outcome=FilingOutcome.PENDING), name="one_pending_filing"
            ),
            models.CheckConstraint(
                condition=Q(outcome=FilingOutcome.PENDING, closed_at__isnull=True)
                | (~Q(outcome=FilingOutcome.PENDING) & Q(closed_at__isnull=False)),
                name="closed_filing_has_time",
            ),
            models.CheckConstraint(
                condition=(Q(outcome=FilingOutcome.RETURNED) & ~Q(reason=""))
                | (~Q(outcome=FilingOutcome.RETURNED) & Q(reason="", return_due_on__isnull=True)),
                name="returned_filing_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}第{self.number}次报送"


class NarrativeSection(models.Model):
    """The office's own words of one section. `revision` guards two editors: a stale one keeps both texts."""

    report = models.ForeignKey(AnnualReport, models.CASCADE, related_name="sections", verbose_name="报告")
    key = models.CharField("段落", max_length=40)
    text = BoundedTextField("内容", max_length=20_000, blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField("保存时间", null=True, blank=True)
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="保存人")

    class Meta:
        verbose_name = verbose_name_plural = "报告段落"
        ordering = ["report_id", "id"]
        constraints = [models.UniqueConstraint(fields=["report", "key"], name="unique_report_section")]

    def __str__(self) -> str:
        return f"{self.report} {self.key}"


class ReportExplanation(models.Model):
    """A word of the office on a point of the figures, or on open 【待补充】 (rules.contradictions). Never changed.

    `doubt` is what was asked about, in its words of then: other numbers ask again. The latest word stands.
    """

    report = models.ForeignKey(AnnualReport, models.CASCADE, related_name="explanations", verbose_name="报告")
    code = models.CharField("事项", max_length=40)
    doubt = models.TextField("所问情况")
    text = BoundedTextField("说明", max_length=500)
    written_at = models.DateTimeField("说明时间")
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="说明人")

    class Meta:
        verbose_name = verbose_name_plural = "报告数据说明"
        ordering = ["report_id", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="report_explanation_says_something")
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.code}"
