"""导出 of what the list of rectifications shows under its filters, as a job; the ledger of 整改 in Excel."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from evaluation.models import Rectification
from evaluation.permissions.roles import RECTIFICATION_READERS
from evaluation.selectors.rectifications.lists import RectificationFilters, rectification_rows
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import NotAllowed
from zaozhuang_portal.kernel.spreadsheets.export import ExportColumn, write_data_workbook
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult
from zaozhuang_portal.operations.services.jobs import request_job

EXPORT_KIND = "evaluation.rectification_export"
_EVERY = 500
COLUMNS = (
    ExportColumn("年度", "integer", "问题所属年度", 8),
    ExportColumn("文号", meaning="整改通知书文号；空为待下达", width=26),
    ExportColumn("问题编号", width=16),
    ExportColumn("区（市）", width=14),
    ExportColumn("单位", meaning="收到整改通知书的单位", width=34),
    ExportColumn("来源", width=12),
    ExportColumn("条款或指标", width=16),
    ExportColumn("问题", width=34),
    ExportColumn("事实", width=50),
    ExportColumn("性质", width=8),
    ExportColumn("再次出现", meaning="上次问题的编号", width=16),
    ExportColumn("整改要求", width=40),
    ExportColumn("销号标准", width=40),
    ExportColumn("下达日期", "date", width=12),
    ExportColumn("整改截止", "date", "延期同意的，为延期后的日期", 12),
    ExportColumn("措施", "integer", "已登记的措施项数", 8),
    ExportColumn("状态", width=10),
    ExportColumn("逾期", meaning="导出当天未销号且已过截止日的为“是”", width=8),
    ExportColumn("销号日期", "date", width=12),
)


def request_rectification_export(*, actor: Actor, filters: RectificationFilters, now: datetime) -> Job:
    """Raises NotAllowed for a role that does not read them."""
    return request_job(
        actor=actor,
        kind=EXPORT_KIND,
        title="整改台账",
        parameters=asdict(filters),
        now=now,
        organization=actor.district,
    )


def _allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    if actor.role not in RECTIFICATION_READERS:
        raise NotAllowed("您当前的身份不能导出整改台账。")


def _line(row: Rectification, measures: int, overdue: bool) -> list[Any]:
    found = row.finding
    return [
        row.year_id,
        row.number,
        found.number,
        row.organization.name,
        row.unit,
        found.get_source_display(),
        found.clause,
        found.title,
        found.facts,
        found.get_severity_display(),
        found.recurrence_of.number if found.recurrence_of else None,
        row.requirement,
        row.criterion,
        row.issued_on,
        row.due_on,
        measures,
        row.get_state_display(),
        "是" if overdue else None,
        clock.shanghai_date(row.closed_at) if row.closed_at else None,
    ]


def _run(context: JobContext) -> JobResult:
    actor, now = context.actor, clock.now()
    today = clock.shanghai_date(now)
    known = RectificationFilters.__dataclass_fields__
    given = {name: value for name, value in context.job.parameters.items() if name in known}
    found = rectification_rows(actor, RectificationFilters(**given), today=today)
    total = found.count()
    rows = found.select_related("finding__recurrence_of").prefetch_related("measures").order_by("-id")

    def lines() -> Iterator[list[Any]]:
        for number, row in enumerate(rows.iterator(chunk_size=_EVERY)):
            if number % _EVERY == 0:
                context.check_cancelled()
                context.progress("正在写出", number, total or None)
            yield _line(row, len(row.measures.all()), row.is_overdue(today))

    scope = actor.district.name if actor.district else "枣庄市"
    moment = now.astimezone(clock.SHANGHAI)
    notes = [("范围", scope), ("数据截至", f"{moment:%Y-%m-%d %H:%M}")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        count = write_data_workbook(path, COLUMNS, lines(), notes=notes)
        context.write_file(f"{scope}_整改台账_{today:%Y%m%d}.xlsx", path)

    def commit() -> Mapping[str, Any]:
        record_audit(
            actor=actor,
            at=now,
            action="导出整改台账",
            kind="Job",
            object_id=context.job.pk,
            label=context.job.title,
            changes={"rows": [0, count], "filters": [None, given]},
        )
        return {"rows": count}

    return JobResult(f"共 {count} 件。", commit=commit)


RECTIFICATION_EXPORT_JOB = JobKind(EXPORT_KIND, "导出整改台账", _run, _allow)
