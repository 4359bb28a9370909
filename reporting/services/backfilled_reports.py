"""历史补录 of a report that was filed on paper: its dates and document number, with the stamped scan attached."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import IntegrityError, transaction

from cultivation.models import CampaignYear
from reporting.enums import ReportState
from reporting.models import AnnualReport
from reporting.services.annual_reports import check_district, deadline_of, take_snapshot
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import SHANGHAI, shanghai_date
from zaozhuang_portal.kernel.errors import DomainError


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
    """Record a report of a past year as filed and received on paper. Its figures are those of today's records.

    `filed_on` decides 逾期 by the year's deadline. Raises DomainError (field named) while the year is still running,
    for a day to come or before the year, a missing document number, or when the year has a report already.
    """
    check_district(actor, organization)
    today = shanghai_date(now)
    if today <= year.period_end:
        raise DomainError(
            f"{year}的统计期到 {year.period_end} 才结束，请用“开始填报”在线报送；补录只用于以前年度。",
            code="year_running",
        )
    if filed_on > today:
        raise DomainError(f"报送日期 {filed_on} 在今天之后，请核对。", code="future", field="filed_on")
    if filed_on < year.period_start:
        raise DomainError(
            f"报送日期 {filed_on} 早于{year}统计期（{year.period_start} 起），请核对年度或日期。",
            code="too_early",
            field="filed_on",
        )
    if not source_document.strip():
        raise DomainError(
            "请填写盖章件的文号，没有文号的写明来源，如“档案室2024-12号卷”。",
            code="source",
            field="source_document",
        )
    filed_at = datetime.combine(filed_on, time(12), tzinfo=SHANGHAI)
    snapshot = take_snapshot(actor=actor, year=year, organization=organization, now=now)
    try:
        with transaction.atomic():
            report = AnnualReport.objects.create(
                year=year,
                organization=organization,
                state=ReportState.ACCEPTED,
                snapshot=snapshot,
                created_at=now,
                prepared_by=actor.user,
                prepared_at=filed_at,
                reviewed_at=filed_at,
                submitted_at=filed_at,
                accepted_at=filed_at,
                is_late=filed_at >= deadline_of(year),
                signed_by=signed_by.strip(),
                backfilled=True,
                source_document=source_document.strip(),
            )
    except IntegrityError as error:
        raise DomainError(
            f"{organization.name}{year}已有年度报告，不需要补录。请打开它查看。", code="exists"
        ) from error
    record_audit(
        actor=actor,
        at=now,
        action="补录年度报告",
        kind="AnnualReport",
        object_id=report.pk,
        label=str(report),
        changes={"filed_on": [None, filed_on.isoformat()], "source_document": [None, report.source_document]},
    )
    return report
