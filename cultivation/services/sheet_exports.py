"""数据版 of 参训人次 and 培育名单 as a background job: what the page shows, in constant memory, logged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from cultivation.ledgers.base import READERS
from cultivation.selectors.sheet_exports import SHEETS, Sheet, SheetFilters
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.spreadsheets.export import write_data_workbook
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult
from zaozhuang_portal.operations.services.jobs import request_job

EXPORT_KIND = "cultivation.sheet_export"
_EVERY = 2000


def request_sheet_export(*, actor: Actor, sheet: Sheet, filters: SheetFilters, now: datetime) -> Job:
    """Ask for the 数据版. Raises NotAllowed for a role that does not read it."""
    return request_job(
        actor=actor,
        kind=EXPORT_KIND,
        title=f"{sheet.label}（数据版）",
        parameters={"sheet": sheet.slug, **asdict(filters)},
        now=now,
        organization=actor.district,
    )


def _sheet(parameters: Mapping[str, Any]) -> Sheet:
    sheet = SHEETS.get(str(parameters.get("sheet", "")))
    if sheet is None:
        raise DomainError("系统当前版本没有这种导出，请返回原页面重新导出。", code="no_sheet")
    return sheet


def _allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    if actor.role not in READERS:
        raise NotAllowed(f"您当前的身份不能导出{_sheet(parameters).label}。")


def _run(context: JobContext) -> JobResult:
    actor, parameters = context.actor, context.job.parameters
    sheet = _sheet(parameters)
    filters = SheetFilters(parameters.get("year"), parameters.get("organization"))
    now = clock.now()
    total = sheet.count(actor, filters)
    context.progress("正在写出", 0, total or None)

    def rows() -> Iterator[list[Any]]:
        for number, row in enumerate(sheet.rows(actor, filters), 1):
            if number % _EVERY == 0:
                context.check_cancelled()
                context.progress("正在写出", min(number, total), total or None)
            yield row

    scope = actor.district.name if actor.district else "枣庄市"
    moment = now.astimezone(clock.SHANGHAI)
    notes = [("范围", scope), ("数据截至", f"{moment:%Y-%m-%d %H:%M}")]
    if filters.year:
        notes.append(("筛选：年度", str(filters.year)))
    if filters.organization:
        notes.append(("筛选：区（市）", organization_name(filters.organization)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        count = write_data_workbook(path, list(sheet.columns), rows(), notes=notes)
        context.write_file(f"{scope}_{sheet.label}_数据版_{clock.shanghai_date(now):%Y%m%d}.xlsx", path)

    def commit() -> Mapping[str, Any]:
        record_audit(
            actor=actor,
            at=now,
            action=f"导出{sheet.label}",
            kind="Job",
            object_id=context.job.pk,
            label=context.job.title,
            changes={"rows": [0, count], "filters": [None, dict(parameters)]},
        )
        return {"rows": count}

    return JobResult(f"共 {count} {sheet.unit}。改好后可直接导入，没有改动的行视为不变。", commit=commit)


SHEET_EXPORT_JOB = JobKind(EXPORT_KIND, "导出参训人次和培育名单", _run, _allow)
