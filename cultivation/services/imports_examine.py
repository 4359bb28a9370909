"""Read, validate and compare: everything an import does before it writes. Nothing here changes the database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from cultivation.rules.imports_fields import KindSpec
from cultivation.rules.imports_rows import SheetCheck, find_tables, missing_columns
from cultivation.services.imports_kinds import Examination, ImportAdapter, ImportTask
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.kernel.parsing import cell_text
from zaozhuang_portal.kernel.spreadsheets import (
    CSV,
    PASTED,
    Sheet,
    SpreadsheetError,
    read_pasted,
    read_workbook,
)

USE_TEMPLATE = "也可以下载模板，把内容填进去再上传。"
# How much of what was read instead is told.
_SHOWN, _SHOWN_WORD = 4, 12
_TEMPLATE_HELPS = frozenset({"not_spreadsheet", "empty", "corrupt"})


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


def read_sheets(data: bytes, *, pasted: bool = False) -> list[Sheet]:
    """The sheets of an upload or a paste. Raises SpreadsheetError: what the file is, what is needed, how to mend it."""
    if pasted:
        return [read_pasted(data.decode("utf-8"))]
    try:
        return read_workbook(data)
    except SpreadsheetError as refused:
        if refused.code in _TEMPLATE_HELPS:
            raise SpreadsheetError(f"{refused.message}{USE_TEMPLATE}", code=refused.code) from refused
        raise


def visible_sheets(sheets: Sequence[Sheet]) -> list[Sheet]:
    return [sheet for sheet in sheets if sheet.visible and sheet.rows]


def locate_tables(
    spec: KindSpec, sheets: Sequence[Sheet], mapping: Mapping[str, str] | None = None
) -> list[SheetCheck]:
    """The tables of a file. Raises DomainError (no_header) when no sheet has a recognizable heading row."""
    shown = visible_sheets(sheets)
    tables = find_tables(spec, [(sheet.name, sheet.rows) for sheet in shown], mapping)
    if not any(table.layout for table in tables):
        raise DomainError(no_header_words(spec, shown), code="no_header", field="file")
    return tables


def no_header_words(spec: KindSpec, sheets: Sequence[Sheet]) -> str:
    """What was read instead of a heading, and how to mend it."""
    first = next((row for sheet in sheets for row in sheet.rows if any(map(_words, row))), None)
    if first is None:
        return f"表格里没有内容（隐藏的工作表不读）。请检查选的是不是这个文件，填好后保存为 .xlsx 再导入。{USE_TEMPLATE}"
    cells = [words for words in map(_words, first) if words]
    read = "、".join(shortened(word, _SHOWN_WORD + 1) for word in cells[:_SHOWN])
    more = "等" if len(cells) > _SHOWN else ""
    sources = {sheet.name for sheet in sheets}
    mend = "请连同表头一起复制" if PASTED in sources else "请检查选的是不是这个文件"
    encoding = ""
    if CSV in sources:
        encoding = "看到的是乱码时，说明 csv 的文字编码不对，请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。"
    wanted = "、".join(spec.by_key[key].header for key in spec.required[:_SHOWN]) or "名称"
    return (
        f"没有找到表头：前 30 行里没有{spec.label}的列名，读到的第一行是“{read}”{more}。"
        f"{encoding}{mend}，并保证表头含有“{wanted}”等列名。{USE_TEMPLATE}"
    )


def _words(cell: object) -> str:
    return cell_text(cell).strip()


def missing_by_sheet(spec: KindSpec, tables: Sequence[SheetCheck]) -> list[tuple[str, str]]:
    """(「工作表“工业园区”」, or "" for an only sheet; 「“企业名称”」) of each sheet that lacks required columns."""
    read = [table for table in tables if table.layout]
    found = []
    for table in read:
        if table.layout and (missing := missing_columns(spec, table.layout)):
            found.append((f"工作表“{table.name}”" if len(read) > 1 else "", f"“{'”“'.join(missing)}”"))
    return found


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
    if missing := missing_by_sheet(adapter.spec, tables):
        words = "；".join(f"{where or '表头'}缺少{headers}列" for where, headers in missing)
        other = "，或删去不要的工作表" if missing[0][0] else ""
        raise DomainError(
            f"{words}，请补上该列（可下载导入模板对照），或确认列对应后再导入{other}。",
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
