"""数据版 of a ledger as a background job: the rows of its list under the same filters, in constant memory, logged."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from cultivation.ledgers.base import Ledger, find_ledger
from cultivation.selectors.ledger_exports import export_rows, export_slots
from cultivation.selectors.ledgers import LedgerFilters, filtered_records, may_read
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.spreadsheets.export import write_data_workbook
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult
from zaozhuang_portal.operations.services.jobs import request_job

EXPORT_KIND = "cultivation.ledger_export"
_EVERY = 2000


def request_ledger_export(*, actor: Actor, ledger: Ledger, filters: LedgerFilters, now: datetime) -> Job:
    """Ask for the 数据版 of what the list shows under `filters`. Raises NotAllowed for a role that does not read it."""
    return request_job(
        actor=actor,
        kind=EXPORT_KIND,
        title=f"{ledger.noun}台账（数据版）",
        parameters={"ledger": ledger.slug, **asdict(filters)},
        now=now,
        organization=actor.district,
    )


def _ledger(parameters: Mapping[str, Any]) -> Ledger:
    ledger = find_ledger(str(parameters.get("ledger", "")))
    if ledger is None:
        raise DomainError("系统当前版本没有这本台账，请返回台账页面重新导出。", code="no_ledger")
    return ledger


def _filters(parameters: Mapping[str, Any]) -> LedgerFilters:
    names = LedgerFilters.__dataclass_fields__
    known = {name: value for name, value in parameters.items() if name in names}
    known["choices"] = tuple((key, code) for key, code in known.get("choices", ()))
    known["pks"] = tuple(known.get("pks", ()))
    return LedgerFilters(**known)


def _allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    if not may_read(actor, _ledger(parameters)):
        raise NotAllowed("您当前的身份不能导出这本台账。")


def is_keeper(actor: Actor, ledger: Ledger) -> bool:
    """Who keeps a ledger gets its private columns in full; everybody else gets them masked."""
    return actor.role in ledger.keepers


def _run(context: JobContext) -> JobResult:
    actor, parameters = context.actor, context.job.parameters
    ledger, filters = _ledger(parameters), _filters(parameters)
    now = clock.now()
    total = filtered_records(actor, ledger, filters).order_by().count()
    context.progress("正在写出", 0, total or None)
    slots = export_slots(ledger, keeper=is_keeper(actor, ledger))

    def rows() -> Iterator[list[Any]]:
        for number, row in enumerate(export_rows(actor, ledger, filters, slots), 1):
            if number % _EVERY == 0:
                context.check_cancelled()
                context.progress("正在写出", min(number, total), total or None)
            yield row

    scope = actor.district.name if actor.district else "枣庄市"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        notes = export_notes(ledger, filters, scope, now)
        count = write_data_workbook(path, [slot.column for slot in slots], rows(), notes=notes)
        context.write_file(f"{scope}_{ledger.noun}台账_数据版_{clock.shanghai_date(now):%Y%m%d}.xlsx", path)

    def commit() -> Mapping[str, Any]:
        record_audit(
            actor=actor,
            at=now,
            action=f"导出{ledger.noun}台账",
            kind="Job",
            object_id=context.job.pk,
            label=context.job.title,
            changes={"rows": [0, count], "filters": [None, dict(parameters)]},
        )
        return {"rows": count}

    return JobResult(f"共 {count} 行。改好后可直接导入：编号认行，含 * 的格视为不变。", commit=commit)


def export_notes(ledger: Ledger, filters: LedgerFilters, scope: str, now: datetime) -> list[tuple[str, str]]:
    """Scope, as-of and the filters in words, for the sheet 说明."""
    moment = now.astimezone(clock.SHANGHAI)
    notes = [("范围", scope), ("台账", ledger.noun), ("数据截至", f"{moment:%Y-%m-%d %H:%M}")]
    shown = {
        "年度": str(filters.year or ""),
        "区（市）": organization_name(filters.organization),
        "乡镇（街道）": organization_name(filters.township),
        "培育对象": f"登记号 {filters.subject}" if filters.subject else "",
        "查找": filters.text,
        "勾选": f"{len(filters.pks)} {ledger.unit}" if filters.pks else "",
    }
    for key, code in filters.choices:
        column = ledger.by_key[key]
        shown[column.header] = dict(column.choices).get(code, code)
    return notes + [(f"筛选：{name}", value) for name, value in shown.items() if value]


LEDGER_EXPORT_JOB = JobKind(EXPORT_KIND, "导出台账", _run, _allow)
