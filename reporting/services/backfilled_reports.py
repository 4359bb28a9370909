"""历史补录 of a report that was filed on paper: its dates and document number, with the stamped scan attached.

What is entered waits for the city like any other filing: 市级已收 is an act of the city office with its own date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, transaction

from cultivation.enums import BackfillMatter
from cultivation.models import BackfillRequest, CampaignYear
from cultivation.services.backfill import check_backfill
from reporting.enums import FilingOutcome, ReportState
from reporting.models import AnnualReport
from reporting.selectors.filings import Due, deadline_of, due_day_of, due_of_next
from reporting.services.annual_reports import check_district, take_snapshot
from reporting.services.report_filings import add_filing, close_filing
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import SHANGHAI, shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition

# Filed and not received yet, or given back by the city: what was entered may be put right.
CORRECTABLE = (ReportState.SUBMITTED, ReportState.DRAFT)


@dataclass(frozen=True)
class Paper:
    """What the stamped paper says of itself."""

    filed_on: date
    source_document: str
    signed_by: str = ""

    @property
    def filed_at(self) -> datetime:
        """Noon of its day."""
        return datetime.combine(self.filed_on, time(12), tzinfo=SHANGHAI)


def may_correct(report: AnnualReport) -> bool:
    """Whether what was entered from the paper may still be put right."""
    return report.backfilled and report.state in CORRECTABLE


def _check(year: CampaignYear, paper: Paper, now: datetime) -> None:
    today = shanghai_date(now)
    if today <= year.period_end:
        raise DomainError(
            f"{year}的统计期到 {year.period_end} 才结束，请用“开始填报”在线报送；补录只用于以前年度。",
            code="year_running",
        )
    if paper.filed_on > today:
        raise DomainError(f"报送日期 {paper.filed_on} 在今天之后，请核对。", code="future", field="filed_on")
    if paper.filed_on < year.period_start:
        raise DomainError(
            f"报送日期 {paper.filed_on} 早于{year}统计期（{year.period_start} 起），请核对年度或日期。",
            code="too_early",
            field="filed_on",
        )
    if not paper.source_document.strip():
        raise DomainError(
            "请填写盖章件的文号，没有文号的写明来源，如“档案室2024-12号卷”。",
            code="source",
            field="source_document",
        )


def _check_consent(consent: BackfillRequest | None, paper: Paper) -> None:
    if consent is not None and paper.filed_on != consent.paper_on:
        raise DomainError(
            f"市级同意补录的是 {consent.paper_on} 报送的纸质件，报送日期请填这一天；日期有误的请重新申请。",
            code="other_day",
            field="filed_on",
        )


def _columns(year: CampaignYear, paper: Paper, consent: BackfillRequest | None) -> dict[str, object]:
    return {
        "first_filed_at": paper.filed_at,
        "submitted_at": paper.filed_at,
        "is_late": paper.filed_at >= deadline_of(year),
        "signed_by": paper.signed_by.strip(),
        "source_document": paper.source_document.strip(),
        "consent": consent,
    }


@transaction.atomic
def backfill_report(
    *,
    actor: Actor,
    year: CampaignYear,
    organization: Organization,
    filed_on: date,
    source_document: str,
    now: datetime,
    signed_by: str = "",
) -> AnnualReport:
    """Record a report of a past year as filed on paper; the city's receipt is still to come.

    Its figures are as of the day of the paper, with what was back-filled until today; the paper names what is of today.

    Only for years before the portal went into use, or with the city's consent. `filed_on` decides 逾期 by the year's
    deadline. Raises DomainError (field named) while the year is still running, without consent, for a day to come or
    before the year, a missing document number, or when the year has a report already.
    """
    check_district(actor, organization)
    paper = Paper(filed_on, source_document, signed_by)
    _check(year, paper, now)
    consent = check_backfill(year=year, organization_id=organization.pk, matter=BackfillMatter.ANNUAL_REPORT)
    _check_consent(consent, paper)
    snapshot = take_snapshot(actor=actor, year=year, organization=organization, now=now, as_of=paper.filed_on)
    try:
        with transaction.atomic():
            report = AnnualReport.objects.create(
                year=year,
                organization=organization,
                state=ReportState.SUBMITTED,
                snapshot=snapshot,
                created_at=now,
                prepared_by=actor.user,
                prepared_at=now,
                reviewed_at=paper.filed_at,
                submitted_by=actor.user,
                backfilled=True,
                **_columns(year, paper, consent),
            )
    except IntegrityError as error:
        raise DomainError(
            f"{organization.name}{year}已有年度报告，不需要补录。请打开它查看。", code="exists"
        ) from error
    due = Due(due_day_of(year), False)
    add_filing(report=report, actor=actor, due=due, now=now, filed_at=paper.filed_at)
    _audit(actor, report, "补录年度报告", paper, now)
    return report


@transaction.atomic
def correct_backfilled_report(
    *,
    actor: Actor,
    report: AnnualReport,
    filed_on: date,
    source_document: str,
    now: datetime,
    signed_by: str = "",
) -> AnnualReport:
    """更正补录: put right what was entered from the paper, until the city received it, or after the city gave it back.

    Raises as backfill_report does, and IllegalTransition once the city received it. The former entry stays as a row.
    """
    check_district(actor, report.organization)
    if not may_correct(report):
        raise IllegalTransition("这份报告不是补录的，或市级已收，不能更正补录。需要更正的请市级办公室退回。")
    paper = Paper(filed_on, source_document, signed_by)
    _check(report.year, paper, now)
    consent = check_backfill(
        year=report.year, organization_id=report.organization_id, matter=BackfillMatter.ANNUAL_REPORT
    )
    _check_consent(consent, paper)
    old = report.state
    before = [report.submitted_at, report.source_document]
    values = {
        **_columns(report.year, paper, consent),
        "state": ReportState.SUBMITTED,
        "reviewed_at": paper.filed_at,
        "prepared_by": actor.user,
        "submitted_by": actor.user,
        "comment": "",
    }
    if paper.filed_on != report.snapshot.as_of:
        values["snapshot"] = take_snapshot(
            actor=actor,
            year=report.year,
            organization=report.organization,
            now=now,
            as_of=paper.filed_on,
        )
    if not AnnualReport.objects.filter(pk=report.pk, state=old, backfilled=True).update(**values):
        raise IllegalTransition("报告的状态刚刚改变，请刷新页面。")
    due = due_of_next(report) if old == ReportState.DRAFT else Due(due_day_of(report.year), False)
    if old == ReportState.SUBMITTED:
        close_filing(report=report, actor=actor, outcome=FilingOutcome.RECALLED, now=now)
    report.refresh_from_db()
    add_filing(report=report, actor=actor, due=due, now=now, filed_at=paper.filed_at)
    _audit(actor, report, "更正补录的年度报告", paper, now, before)
    return report


def _audit(
    actor: Actor,
    report: AnnualReport,
    action: str,
    paper: Paper,
    now: datetime,
    before: Sequence[object] | None = None,
) -> None:
    filed, source = before or [None, None]
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="AnnualReport",
        object_id=report.pk,
        label=str(report),
        changes={
            "filed_on": [
                shanghai_date(filed).isoformat() if isinstance(filed, datetime) else None,
                paper.filed_on.isoformat(),
            ],
            "source_document": [source, report.source_document],
        },
    )
