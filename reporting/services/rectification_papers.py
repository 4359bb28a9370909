"""PDF of a rectification, as a job: 整改通知书 once issued, 台账单页 at any time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from evaluation.models import Rectification
from evaluation.selectors.rectifications.pages import find_rectification, rectification_page
from reporting.rules.filenames import document_filename
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult
from zaozhuang_portal.operations.services.jobs import request_job

JOB_KIND = "rectification_paper"
ORDER, SHEET = "order", "sheet"
PAPERS = {ORDER: "整改通知书", SHEET: "整改台账单页"}


def _record_for(actor: Actor, parameters: Mapping[str, Any]) -> Rectification:
    """The rectification if the actor may read it now."""
    record = find_rectification(actor, int(parameters.get("rectification", 0)))
    if record is None:
        raise DomainError("您现在的身份看不到这份整改，不能生成或下载。", code="not_visible")
    if parameters.get("paper") not in PAPERS:
        raise DomainError("没有这种文书，请返回整改页重新选择。", code="paper")
    if parameters.get("paper") == ORDER and record.issued_at is None:
        raise DomainError("整改通知书还没有下达，下达后再生成。", code="not_issued")
    return record


def _allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    _record_for(actor, parameters)


def _run(context: JobContext) -> JobResult:
    from reporting.documents.rectifications import render_order, render_sheet

    which, actor = str(context.job.parameters.get("paper")), context.actor
    record = _record_for(actor, context.job.parameters)
    now = clock.now()
    today = clock.shanghai_date(now)
    page = rectification_page(actor, record, today)
    context.progress(f"正在排版{PAPERS[which]}", 0, 1)
    moment = now.astimezone(clock.SHANGHAI)
    content = render_order(page) if which == ORDER else render_sheet(page, f"{moment:%Y-%m-%d %H:%M}")
    name = document_filename(
        year=record.year_id,
        district=record.unit,
        label=f"{PAPERS[which]}{record.number or record.finding.number}",
        day=today,
        extension="pdf",
    )
    context.write_file(name, content)
    context.progress("完成", 1, 1)
    return JobResult(f"{PAPERS[which]}已生成。")


RECTIFICATION_PAPER_JOB = JobKind(JOB_KIND, "整改文书", _run, _allow)


def request_paper(*, actor: Actor, record: Rectification, paper: str, now: datetime) -> Job:
    """Raises DomainError for a paper that is none, and for an order that was not issued."""
    title = PAPERS.get(paper, "")
    return request_job(
        actor=actor,
        kind=JOB_KIND,
        title=f"{title} {record.number or record.finding.number}",
        parameters={"rectification": record.pk, "paper": paper},
        now=now,
        organization=record.organization,
    )
