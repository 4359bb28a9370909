"""Read, validate and compare: everything an import does before it writes. Nothing here changes the database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cultivation.rules.imports_errors import CellFinding
from cultivation.rules.imports_fields import KIND_LABELS, ImportKind
from cultivation.rules.imports_plan import UNCONFIRMED_CODE, ImportPlan, plan_import
from cultivation.rules.imports_rows import RowsCheck, SheetCheck, check_rows, find_tables, missing_columns
from cultivation.rules.imports_values import Reference
from cultivation.selectors.imports import load_existing, load_reference
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.spreadsheets import Sheet


@dataclass(frozen=True)
class Examination:
    """The whole finding about one file against today's register."""

    kind: ImportKind
    organization: Organization
    reference: Reference
    check: RowsCheck
    plan: ImportPlan

    @property
    def errors(self) -> list[CellFinding]:
        """All errors in the order of the file."""
        order = {sheet.name: index for index, sheet in enumerate(self.check.sheets)}
        return sorted(
            [*self.check.errors, *self.plan.errors],
            key=lambda item: (order.get(item.sheet, 0), item.row, item.column_index),
        )

    @property
    def warnings(self) -> list[CellFinding]:
        return [*self.check.warnings, *self.plan.warnings]

    @property
    def error_rows(self) -> int:
        return len({(item.sheet, item.row) for item in (*self.check.errors, *self.plan.errors)})

    @property
    def row_count(self) -> int:
        return sum(sheet.data_rows for sheet in self.check.sheets)

    @property
    def unconfirmed_codes(self) -> int:
        """Rows whose check digit is wrong and for which nobody has given a word yet."""
        notes = [new.values.get("credit_code_note") for new in self.plan.created]
        notes += [item.changes.get("credit_code_note", (None, None))[1] for item in self.plan.changed]
        return notes.count(UNCONFIRMED_CODE)

    def digest(self) -> str:
        """SHA-256 of what confirming would do; differs when the register has moved on in between."""
        parts = hashlib.sha256()
        for new in self.plan.created:
            parts.update(f"+{new.draft.key}".encode())
        for changed in self.plan.changed:
            parts.update(f"~{changed.id}.{changed.version}.{sorted(changed.changes)}".encode())
        parts.update(f"{len(self.plan.unchanged)}.{self.error_rows}".encode())
        return parts.hexdigest()


def visible_sheets(sheets: Sequence[Sheet]) -> list[Sheet]:
    return [sheet for sheet in sheets if sheet.visible and sheet.rows]


def locate_tables(
    kind: ImportKind, sheets: Sequence[Sheet], mapping: Mapping[str, str] | None = None
) -> list[SheetCheck]:
    """The tables of a file. Raises DomainError (no_header) when no sheet has a recognizable heading row."""
    tables = find_tables(kind, [(sheet.name, sheet.rows) for sheet in visible_sheets(sheets)], mapping)
    if not any(table.layout for table in tables):
        raise DomainError(
            f"没有找到表头：前 30 行里没有{KIND_LABELS[kind]}的列名。请使用导入模板，或保证表头含有名称等列名。",
            code="no_header",
            field="file",
        )
    return tables


def missing_required(kind: ImportKind, tables: Sequence[SheetCheck]) -> list[str]:
    """Required columns that some sheet with a heading lacks."""
    return list(
        dict.fromkeys(
            header for table in tables if table.layout for header in missing_columns(kind, table.layout)
        )
    )


def examine(
    *,
    kind: ImportKind,
    sheets: Sequence[Sheet],
    organization: Organization,
    mapping: Mapping[str, str] | None = None,
    code_note: str = "",
) -> Examination:
    """Validate every row and compare it with the register. Statements: 2, whatever the number of rows.

    Raises DomainError when no heading is found or a required column is missing.
    """
    tables = locate_tables(kind, sheets, mapping)
    missing = missing_required(kind, tables)
    if missing:
        raise DomainError(
            f"表头缺少“{'”“'.join(missing)}”列，请补上该列（可下载导入模板对照），或确认列对应后再导入。",
            code="missing_column",
            field="file",
        )
    reference = load_reference(organization)
    check = check_rows(kind, {sheet.name: sheet.rows for sheet in visible_sheets(sheets)}, tables, reference)
    columns = {
        table.name: {column.key: column.index for column in table.layout.columns if column.key}
        for table in tables
        if table.layout
    }
    plan = plan_import(
        kind,
        check.drafts,
        load_existing(kind, organization, check.drafts),
        district_id=organization.pk,
        columns=columns,
        code_note=code_note,
    )
    return Examination(kind, organization, reference, check, plan)
