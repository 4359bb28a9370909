"""数据版 of the register as a background job: the same rows as the list, written in constant memory, logged."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cultivation.enums import SubjectKind
from cultivation.selectors.exports import export_columns, export_rows
from cultivation.selectors.subjects import SubjectFilters, filtered_subjects
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import NotAllowed
from zaozhuang_portal.kernel.spreadsheets.export import write_data_workbook
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult
from zaozhuang_portal.operations.services.jobs import request_job

EXPORT_KIND = "cultivation.register_export"
_PARAMETERS = ("kind", "organization", "township", "size", "industry", "state", "text", "pks")


def request_export(*, actor: Actor, filters: SubjectFilters, now: datetime) -> Job:
    """Ask for the 数据版 of what the list shows under `filters`."""
    return request_job(
        actor=actor,
        kind=EXPORT_KIND,
        title=f"{SubjectKind(filters.kind).label}登记表（数据版）",
        parameters={name: getattr(filters, name) for name in _PARAMETERS},
        now=now,
        organization=actor.district,
    )


def _filters(parameters: Mapping[str, Any]) -> SubjectFilters:
    known = {name: parameters[name] for name in _PARAMETERS if name in parameters}
    return SubjectFilters(**known | {"pks": tuple(known.get("pks", ()))})


def _allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    if actor.is_administrator or actor.organization is None:
        raise NotAllowed("您当前的身份不能导出登记数据。")


def _run(context: JobContext) -> JobResult:
    filters = _filters(context.job.parameters)
    now = clock.now()
    day = clock.shanghai_date(now)
    total = filtered_subjects(context.actor, filters).count()
    context.progress("正在写出", 0, total or None)

    def rows() -> Any:
        for number, row in enumerate(export_rows(context.actor, filters), 1):
            if number % 2000 == 0:
                context.check_cancelled()
                context.progress("正在写出", min(number, total), total or None)
            yield row

    label = SubjectKind(filters.kind).label
    scope = context.actor.district.name if context.actor.district else "枣庄市"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        count = write_data_workbook(
            path, export_columns(filters.kind), rows(), notes=_notes(filters, scope, now)
        )
        context.write_file(f"{scope}_{label}登记表_数据版_{day:%Y%m%d}.xlsx", path)

    def commit() -> Mapping[str, Any]:
        record_audit(
            actor=context.actor,
            at=now,
            action="导出登记数据",
            kind="Job",
            object_id=context.job.pk,
            label=context.job.title,
            changes={"rows": [0, count], "filters": [None, dict(context.job.parameters)]},
        )
        return {"rows": count}

    return JobResult(f"共 {count} 行。电话已脱敏，重新导入时脱敏的格视为不变。", commit=commit)


def _notes(filters: SubjectFilters, scope: str, now: datetime) -> list[tuple[str, str]]:
    moment = now.astimezone(clock.SHANGHAI)
    notes = [
        ("范围", scope),
        ("类别", SubjectKind(filters.kind).label),
        ("数据截至", f"{moment:%Y-%m-%d %H:%M}"),
    ]
    shown = {
        "区（市）": organization_name(filters.organization),
        "乡镇（街道）": organization_name(filters.township),
        "规模": filters.size,
        "行业": filters.industry,
        "状态": filters.state,
        "查找": filters.text,
        "勾选": f"{len(filters.pks)} 个" if filters.pks else "",
    }
    return notes + [(f"筛选：{name}", value) for name, value in shown.items() if value]


EXPORT_JOB = JobKind(EXPORT_KIND, "导出登记数据", _run, _allow)
