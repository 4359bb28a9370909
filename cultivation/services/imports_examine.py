"""Read, validate and compare: everything an import does before it writes. Nothing here changes the database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from cultivation.rules.imports_fields import KindSpec
from cultivation.rules.imports_rows import SheetCheck, find_tables, missing_columns
from cultivation.services.imports_kinds import Examination, ImportAdapter, ImportTask
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.spreadsheets import Sheet


def digest_of(examination: Examination) -> str:
    """SHA-256 of what confirming would do; differs when the register has moved on in between."""
    parts = hashlib.sha256()
    plan = examination.plan
    for new in plan.created:
        parts.update(f"+{new.draft.row if new.draft.key is None else new.draft.key}".encode())
    for changed in plan.changed:
        parts.update(f"~{changed.id}.{changed.version}.{sorted(changed.changes)}".encode())
    parts.update(f"{len(plan.unchanged)}.{examination.error_rows}".encode())
    return parts.hexdigest()


def visible_sheets(sheets: Sequence[Sheet]) -> list[Sheet]:
    return [sheet for sheet in sheets if sheet.visible and sheet.rows]


def locate_tables(
    spec: KindSpec, sheets: Sequence[Sheet], mapping: Mapping[str, str] | None = None
) -> list[SheetCheck]:
    """The tables of a file. Raises DomainError (no_header) when no sheet has a recognizable heading row."""
    tables = find_tables(spec, [(sheet.name, sheet.rows) for sheet in visible_sheets(sheets)], mapping)
    if not any(table.layout for table in tables):
        raise DomainError(
            f"没有找到表头：前 30 行里没有{spec.label}的列名。请使用导入模板，或保证表头含有名称等列名。",
            code="no_header",
            field="file",
        )
    return tables


def missing_required(spec: KindSpec, tables: Sequence[SheetCheck]) -> list[str]:
    """Required columns that some sheet with a heading lacks."""
    return list(
        dict.fromkeys(
            header for table in tables if table.layout for header in missing_columns(spec, table.layout)
        )
    )


def examine(
    *,
    adapter: ImportAdapter,
    task: ImportTask,
    sheets: Sequence[Sheet],
    mapping: Mapping[str, str] | None = None,
) -> Examination:
    """Validate every row and compare it with what is there; the statements do not grow with the rows.

    Raises DomainError when no heading is found or a required column is missing.
    """
    tables = locate_tables(adapter.spec, sheets, mapping)
    missing = missing_required(adapter.spec, tables)
    if missing:
        raise DomainError(
            f"表头缺少“{'”“'.join(missing)}”列，请补上该列（可下载导入模板对照），或确认列对应后再导入。",
            code="missing_column",
            field="file",
        )
    rows = {sheet.name: sheet.rows for sheet in visible_sheets(sheets)}
    check, plan, context = adapter.check(task, rows, tables)
    return Examination(adapter, task, check, plan, context)


def columns_of(tables: Sequence[SheetCheck]) -> dict[str, dict[str, int]]:
    """{sheet: {field key: column index}}, for messages."""
    return {
        table.name: {column.key: column.index for column in table.layout.columns if column.key}
        for table in tables
        if table.layout
    }
