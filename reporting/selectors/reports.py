"""Reports as lists: who has filed and who has not, the latest documents of one report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from cultivation.models import CampaignYear, Milestone
from cultivation.selectors.calendar import statistical_periods
from reporting.enums import FILED_STATES
from reporting.models import AnnualReport
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import DeadlineText, describe_deadline, end_of_day
from zaozhuang_portal.operations.models import Job


@dataclass(frozen=True)
class FilingRow:
    """One district and year. `overdue`: not filed and the day has passed."""

    organization: Organization
    report: AnnualReport | None
    overdue: bool

    @property
    def filed(self) -> bool:
        return self.report is not None and self.report.state in FILED_STATES

    @property
    def word(self) -> str:
        """已报送 / 已报送（逾期） / 填报中 / 未开始, with 逾期未报 when the day has passed."""
        if self.report is None:
            return "逾期未报" if self.overdue else "未开始"
        label: str = self.report.get_state_display()
        if self.filed:
            return f"{label}（逾期）" if self.report.is_late else label
        return f"逾期未报（{label}）" if self.overdue else label

    @property
    def tag(self) -> str:
        if self.filed:
            return "warn" if self.report and self.report.is_late else "ok"
        return "danger" if self.overdue else "neutral" if self.report is None else "info"


@dataclass(frozen=True)
class FilingOverview:
    rows: list[FilingRow]
    due_on: date
    deadline: DeadlineText

    @property
    def complete(self) -> bool:
        """Everybody has filed: nothing is due or overdue any more."""
        return bool(self.rows) and self.filed == len(self.rows)

    @property
    def filed(self) -> int:
        return sum(row.filed for row in self.rows)


def filing_overview(actor: Actor, *, year: CampaignYear, now: datetime) -> FilingOverview:
    """Who has filed and who has not: every quota district for the city, its own for a district. Statements: 3."""
    districts = Organization.objects.districts().filter(carries_quota=True)
    if not actor.sees_whole_city:
        districts = districts.filter(pk__in=[actor.district.pk] if actor.district else [])
    reports = {r.organization_id: r for r in AnnualReport.objects.visible_to(actor).filter(year=year)}
    milestone = Milestone.objects.filter(year=year, code="ANNUAL_REPORT").first()
    due_on = milestone.due_on if milestone else year.period_end
    passed = now >= end_of_day(due_on)
    rows = []
    for district in districts:
        report = reports.get(district.pk)
        overdue = passed and not (report is not None and report.state in FILED_STATES)
        rows.append(FilingRow(district, report, overdue))
    return FilingOverview(rows, due_on, describe_deadline(now, due_on))


@dataclass(frozen=True)
class PastGap:
    """A year that is over, and how many districts have no report of it at all."""

    year: int
    districts: int


def past_gaps(actor: Actor, overview: FilingOverview, *, today: date) -> list[PastGap]:
    """Past years whose reports are not all in the portal, for 补录. Statements: 1 beside the periods."""
    past = [period.year for period in statistical_periods() if period.last < today]
    reports = AnnualReport.objects.visible_to(actor).filter(
        year_id__in=past, organization_id__in=[row.organization.pk for row in overview.rows]
    )
    kept = Counter(reports.order_by().values_list("year_id", flat=True))
    gaps = [PastGap(year, len(overview.rows) - kept[year]) for year in past]
    return [gap for gap in gaps if gap.districts]


def document_jobs(actor: Actor, report: AnnualReport, *, kind: str) -> list[Job]:
    """The newest job of each format that this person asked for, in the order PDF, Word, Excel."""
    jobs: dict[str, Job] = {}
    for job in Job.objects.filter(requested_by=actor.user, kind=kind, parameters__report=report.pk).order_by(
        "-id"
    )[:30]:
        jobs.setdefault(job.parameters.get("format", ""), job)
    return [jobs[name] for name in ("pdf", "docx", "xlsx") if name in jobs]
