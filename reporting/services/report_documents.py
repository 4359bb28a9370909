"""Documents of the annual report, rendered from snapshot and narrative only (design §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cultivation.models import CampaignYear
from cultivation.selectors.year_corrections import correction_lines
from reporting.enums import FILED_STATES
from reporting.models import AnnualReport
from reporting.permissions import may_read_paper, readable_reports
from reporting.rules.annual_report import compose_report
from reporting.rules.figures import ReportFigures
from reporting.rules.filenames import document_filename
from reporting.selectors.figures import collect_figures
from reporting.services.annual_reports import check_cutoff, figures_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult
from zaozhuang_portal.operations.services.jobs import request_job

JOB_KIND = "annual_report"
FORMATS = {"pdf": "PDF", "docx": "Word代拟稿", "xlsx": "培育对象台账（Excel）"}
_LABELS = {
    "pdf": "和谐劳动关系创建活动情况报告",
    "docx": "和谐劳动关系创建活动情况报告（代拟稿）",
    "xlsx": "培育对象台账",
}


@dataclass(frozen=True)
class ReportSource:
    """What a document is made from. `draft`: not yet filed, the paper says 草稿."""

    figures: ReportFigures
    narrative: Mapping[str, str]
    dated: date
    draft: bool
    prepared_by: str = ""
    reviewed_by: str = ""
    provenance: str = ""


def paper_day(report: AnnualReport, now: datetime) -> date:
    """The day a paper of the report bears: of its latest filing, or today while it is not filed."""
    filed = report.state in FILED_STATES
    return shanghai_date(report.submitted_at if filed and report.submitted_at else now)


def provenance_of(report: AnnualReport) -> str:
    """Of a back-filled paper: what it was entered from, by whom, and whether the city received it; "" of any other."""
    if not report.backfilled:
        return ""
    filed = shanghai_date(report.first_filed_at) if report.first_filed_at else None
    entry = report.filings.select_related("filed_by").order_by("-number").first()
    by = entry.filed_by.full_name if entry and entry.filed_by else "（未留存）"
    on = shanghai_date(entry.entered_at if entry else report.created_at)
    words = f"补录件：据盖章纸质报告（{report.source_document}，{filed} 报送）补录，{report.organization.name}{by}于 {on} 录入"
    if report.consent is not None:
        words += f"，市三方委员会办公室同意补录（申请第 {report.consent_id} 号）"
    if report.accepted_at is None:
        return f"{words}；市三方委员会办公室尚未确认收到。"
    by = report.accepted_by.full_name if report.accepted_by else "（未留存）"
    return f"{words}；市三方委员会办公室于 {shanghai_date(report.accepted_at)} 确认收到（{by}）。"


def corrections_of(year: CampaignYear, organization: Organization) -> str:
    """What every later paper of a closed year names: the corrections made since, each in one sentence; "" for none."""
    lines = correction_lines(year_id=year.pk, organization_ids=[organization.pk])
    return f"{year}数据更正：{''.join(lines)}" if lines else ""


def source_of(report: AnnualReport, *, now: datetime) -> ReportSource:
    """Snapshot and narrative of a stored report; dated the day it was filed, or today."""
    filed = report.state in FILED_STATES
    return ReportSource(
        figures=figures_of(report.snapshot),
        narrative=dict(report.sections.values_list("key", "text")),
        dated=paper_day(report, now),
        draft=not filed,
        prepared_by=report.prepared_by.full_name if report.prepared_by else "",
        reviewed_by=report.reviewed_by.full_name if report.reviewed_by else "",
        provenance="".join((provenance_of(report), corrections_of(report.year, report.organization))),
    )


def latest_source(
    *, year: CampaignYear, organization: Organization, as_of: date, now: datetime
) -> ReportSource:
    """The filed report, else a fresh figure set as at `as_of` marked as draft. Writes nothing.

    Raises DomainError for a day to come, and for one before the year's period began.
    """
    check_cutoff(year=year, as_of=as_of, now=now)
    report = (
        AnnualReport.objects.filed()
        .filter(year=year, organization=organization)
        .select_related("snapshot", "prepared_by", "reviewed_by")
        .first()
    )
    if report is not None:
        return source_of(report, now=now)
    figures = collect_figures(year=year, organization=organization, as_of=as_of, made_on=shanghai_date(now))
    return ReportSource(figures=figures, narrative={}, dated=shanghai_date(now), draft=True)


def render_document(source: ReportSource, extension: str) -> bytes:
    """The file's bytes. Raises DomainError for an unknown format, or where Pango is missing (PDF only).

    The document libraries are loaded here, not with the module: no page and no other job waits for them.
    """
    if extension not in FORMATS:
        raise DomainError(f"没有“{extension}”这种格式，可选：{'、'.join(FORMATS)}。", code="format")
    if extension == "xlsx":
        from reporting.documents.ledger import render_ledger

        return render_ledger(
            source.figures,
            filled_on=source.dated,
            prepared_by=source.prepared_by,
            reviewed_by=source.reviewed_by,
            provenance=source.provenance,
        )
    content = compose_report(
        source.figures, source.narrative, date=source.dated.isoformat(), provenance=source.provenance
    )
    if extension == "docx":
        from reporting.documents.docx import render_docx

        return render_docx(content, draft=source.draft)
    from reporting.documents.pdf import render_pdf

    return render_pdf(content, draft=source.draft)


def filename_of(source: ReportSource, extension: str) -> str:
    return document_filename(
        year=source.figures["year"],
        district=source.figures["district_name"],
        label=_LABELS[extension],
        day=source.dated,
        extension=extension,
    )


def _report_for(actor: Actor, parameters: Mapping[str, Any]) -> AnnualReport:
    """The report if the actor may read its content now; the rule of permissions.readable_reports."""
    report = (
        readable_reports(actor)
        .select_related("snapshot", "year", "organization", "prepared_by", "reviewed_by")
        .filter(pk=parameters.get("report", 0))
        .first()
    )
    if report is None:
        raise DomainError("您现在的身份看不到这份报告，不能生成或下载。", code="not_visible")
    if parameters.get("format") not in FORMATS:
        raise DomainError("没有这种格式，请重新选择。", code="format")
    return report


def _allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    _report_for(actor, parameters)


def _run(context: JobContext) -> JobResult:
    """Three stages, counted: read the snapshot, render, store."""
    parameters = context.job.parameters
    extension = str(parameters.get("format"))
    context.progress("正在读取快照", 0, 3)
    report = _report_for(context.actor, parameters)
    source = source_of(report, now=context.job.requested_at)
    context.check_cancelled()
    context.progress(f"正在排版{FORMATS[extension]}", 1, 3)
    content = render_document(source, extension)
    context.check_cancelled()
    context.progress("正在保存文件", 2, 3)
    context.write_file(filename_of(source, extension), content)
    context.progress("完成", 3, 3)
    return JobResult(message=f"{FORMATS[extension]}已生成，数据截至 {source.figures['as_of']}。")


def _shared(actor: Actor, parameters: Mapping[str, Any]) -> bool:
    """Who may read the report reads the papers made of it; the city only those made of what was filed."""
    report = readable_reports(actor).filter(pk=parameters.get("report", 0)).first()
    return report is not None and may_read_paper(actor, report, parameters)


ANNUAL_REPORT_JOB = JobKind(key=JOB_KIND, title="年度报告文件", run=_run, allow=_allow, shared=_shared)


def request_documents(*, actor: Actor, report: AnnualReport, formats: list[str], now: datetime) -> list[Job]:
    """One job per format, so that a missing PDF component stops only the PDF."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise DomainError("请选择要生成的文件：PDF、Word 或 Excel。", code="format", field="formats")
    return [
        request_job(
            actor=actor,
            kind=JOB_KIND,
            title=f"{report}·{FORMATS[name]}",
            # The snapshot and the state make a later request a different one.
            parameters={
                "report": report.pk,
                "format": name,
                "snapshot": report.snapshot_id,
                "revision": sum(report.sections.values_list("revision", flat=True)),
                "state": report.state,
                "filings": report.filings.count(),
            },
            now=now,
            organization=report.organization,
        )
        for name in formats
    ]
