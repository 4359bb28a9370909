"""Reports as lists: who has filed and who has not, the latest documents of one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from cultivation.enums import BackfillMatter
from cultivation.models import CampaignYear, Milestone
from cultivation.selectors.backfill import may_backfill_year
from cultivation.selectors.calendar import statistical_periods
from reporting.enums import FILED_STATES, FilingOutcome, ReportState
from reporting.models import AnnualReport, ReportFiling
from reporting.permissions import may_read_paper
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.models.organizations import OrganizationQuerySet
from zaozhuang_portal.kernel.clock import DeadlineText, describe_deadline, end_of_day
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job


@dataclass(frozen=True)
class FilingRow:
    """One district and year. `overdue`: never filed and the day has passed; `return_overdue`: given back by the city and
    not filed again by the day it set. Years before the portal went into use light neither."""

    organization: Organization
    report: AnnualReport | None
    overdue: bool
    return_overdue: bool = False
    in_use: bool = True
    filings: Sequence[ReportFiling] = ()

    @property
    def filed(self) -> bool:
        return self.report is not None and self.report.state in FILED_STATES

    @property
    def returned(self) -> bool:
        """Given back by the city, not filed again."""
        return self.report is not None and not self.filed and self.report.first_filed_at is not None

    @property
    def returns(self) -> list[ReportFiling]:
        """The filings the city gave back, oldest first."""
        return [filing for filing in self.filings if filing.outcome == FilingOutcome.RETURNED]

    @property
    def late_after_return(self) -> bool:
        """Filed again after the day the return had set; apart from the lateness of the first filing."""
        return (
            self.filed and bool(self.filings) and self.filings[-1].after_return and self.filings[-1].past_due
        )

    @property
    def word(self) -> str:
        """已报送 / 已报送（逾期） / 填报中 / 未开始, with what the passing of a day makes of it."""
        if self.report is None:
            return "待补录" if not self.in_use else "逾期未报" if self.overdue else "未开始"
        label: str = self.report.get_state_display()
        if self.filed:
            notes = []
            if self.report.backfilled:
                received = self.report.state == ReportState.ACCEPTED
                notes = ["补录"] if received else ["补录，待市级接收"]
            notes += ["逾期"] if self.report.is_late else []
            notes += ["退回后超期"] if self.late_after_return else []
            return f"{label}（{'，'.join(notes)}）" if notes else label
        if self.returned:
            notes = ["首次报送逾期"] if self.report.is_late else []
            notes += ["已过再报期限"] if self.return_overdue else []
            return f"市级退回，{label}" + (f"（{'，'.join(notes)}）" if notes else "")
        return f"逾期未报（{label}）" if self.overdue else label

    @property
    def tag(self) -> str:
        if self.filed:
            late = self.report is not None and (self.report.is_late or self.late_after_return)
            waits = self.report is not None and self.report.backfilled and self.report.accepted_at is None
            return "warn" if late else "info" if waits else "ok"
        if self.overdue or self.return_overdue:
            return "danger"
        return "neutral" if self.report is None else "warn" if self.returned else "info"


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
    """Who has filed and who has not: every quota district for the city, its own for a district. Statements: 4."""
    districts = quota_districts()
    if not actor.sees_whole_city:
        districts = districts.filter(pk__in=[actor.district.pk] if actor.district else [])
    reports = {
        r.organization_id: r
        for r in AnnualReport.objects.visible_to(actor).filter(year=year).prefetch_related(_FILINGS)
    }
    milestone = Milestone.objects.filter(year=year, code="ANNUAL_REPORT").first()
    due_on = milestone.due_on if milestone else year.period_end
    passed = year.in_use and now >= end_of_day(due_on)
    rows = []
    for district in districts:
        report = reports.get(district.pk)
        filings = list(report.filings.all()) if report is not None else []
        filed = report is not None and report.state in FILED_STATES
        returned = report is not None and not filed and report.first_filed_at is not None
        due_again = report.return_due_on if report is not None else None
        rows.append(
            FilingRow(
                district,
                report,
                overdue=passed and not filed and not returned,
                return_overdue=returned and due_again is not None and now >= end_of_day(due_again),
                in_use=year.in_use,
                filings=filings,
            )
        )
    return FilingOverview(rows, due_on, describe_deadline(now, due_on))


_FILINGS = Prefetch("filings", ReportFiling.objects.select_related("filed_by", "closed_by"))


def quota_districts() -> OrganizationQuerySet:
    """The districts that owe a report every year."""
    return Organization.objects.districts().filter(carries_quota=True)


def districts_not_received(year: CampaignYear) -> OrganizationQuerySet:
    """The districts whose report of the year the city has not received: never begun, unfinished, filed or given back.

    What the closing of a year asks. Statements: 1 when read.
    """
    received = AnnualReport.objects.filter(year=year, organization=OuterRef("pk"), state=ReportState.ACCEPTED)
    return quota_districts().filter(~Exists(received))


def reports_not_received(year: CampaignYear) -> list[tuple[Organization, str]]:
    """Each of those districts with what stands of its report, in words. Statements: 2."""
    reports = {r.organization_id: r for r in AnnualReport.objects.filter(year=year).not_received()}
    return [
        (district, str(reports[district.pk].get_state_display()) if district.pk in reports else "未开始")
        for district in districts_not_received(year)
    ]


def may_backfill(actor: Actor, year: CampaignYear, *, today: date) -> bool:
    """Whether the actor's district may enter a stamped report of the year now. Statements: at most 1."""
    if not actor.is_district or actor.district is None or today <= year.period_end:
        return False
    return may_backfill_year(year, actor.district.pk, BackfillMatter.ANNUAL_REPORT)


@dataclass(frozen=True)
class PastGap:
    """A year that is over, and how many districts have no report of it at all."""

    year: int
    districts: int


def past_gaps(actor: Actor, overview: FilingOverview, *, today: date) -> list[PastGap]:
    """Years before the portal's use whose reports are not all in the portal, for 补录. Statements: 1 beside the periods."""
    past = [period.year for period in statistical_periods() if period.last < today and not period.in_use]
    reports = AnnualReport.objects.visible_to(actor).filter(
        year_id__in=past, organization_id__in=[row.organization.pk for row in overview.rows]
    )
    kept = Counter(reports.order_by().values_list("year_id", flat=True))
    gaps = [PastGap(year, len(overview.rows) - kept[year]) for year in past]
    return [gap for gap in gaps if gap.districts]


@dataclass(frozen=True)
class Paper:
    """One made paper of a report. `mine`: asked for by the person who looks; `outdated`: the report changed since."""

    job: Job
    mine: bool
    outdated: bool

    @property
    def files(self) -> list[dict[str, Any]]:
        """uid and label of what somebody else made; one's own are on the page of the job."""
        return list(self.job.result.get("files", [])) if self.job.state == JobState.DONE else []


def document_jobs(actor: Actor, report: AnnualReport, *, kind: str) -> list[Paper]:
    """The newest papers of each format, in the order PDF, Word, Excel: one's own, and those others made (the reviewer reads
    what the preparer printed). Statements: 1, and 1 for the revision of the words."""
    jobs = (
        Job.objects.listed()
        .filter(kind=kind, organization=report.organization, parameters__report=report.pk)
        .select_related("requested_by")
        .order_by("-id")
    )
    revision = sum(report.sections.values_list("revision", flat=True))
    found: dict[tuple[str, bool], Paper] = {}
    for job in jobs[:60]:
        mine = job.requested_by_id == actor.user.pk
        if not mine and not (job.state == JobState.DONE and may_read_paper(actor, report, job.parameters)):
            continue
        same = (job.parameters.get("snapshot"), job.parameters.get("revision"))
        paper = Paper(job, mine, same != (report.snapshot_id, revision))
        found.setdefault((job.parameters.get("format", ""), mine), paper)
    return [
        found[name, mine]
        for name in ("pdf", "docx", "xlsx")
        for mine in (True, False)
        if (name, mine) in found
    ]
