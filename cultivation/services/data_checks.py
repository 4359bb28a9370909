"""The doubts as a workbook. Reading them out in bulk is logged."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from cultivation.selectors.data_checks import CheckResult, Scope
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.spreadsheets.export import ExportColumn, write_data_workbook

COLUMNS = (
    ExportColumn("级别", width=12),
    ExportColumn("检查项", width=28),
    ExportColumn("区（市）", width=16),
    ExportColumn("对象", width=36),
    ExportColumn("问题", width=48),
    ExportColumn("怎样处理", width=60),
    ExportColumn("依据", width=24),
)


@transaction.atomic
def export_doubts(
    *, actor: Actor, scope: Scope, results: Sequence[CheckResult], day: date, now: datetime
) -> bytes:
    """An .xlsx of all doubts listed by `results`, one row each, gravest first."""

    def rows() -> Iterator[list[Any]]:
        for result in results:
            check = result.check
            for doubt in result.doubts:
                yield [
                    check.severity.label,
                    check.title,
                    doubt.place,
                    doubt.label,
                    doubt.detail,
                    check.sentence,
                    check.clause,
                ]

    place = scope.district.name if scope.district else "全市"
    capped = [result.check.title for result in results if result.capped]
    notes = [("范围", place), ("检查日期", day.isoformat())]
    if capped:
        notes.append(("未列全的检查项", "、".join(capped)))
    buffer = io.BytesIO()
    count = write_data_workbook(buffer, COLUMNS, rows(), notes=notes)
    record_audit(
        actor=actor,
        at=now,
        action="导出数据核查结果",
        kind="DataCheck",
        label=f"{place}数据核查",
        changes={"rows": [0, count]},
    )
    return buffer.getvalue()
