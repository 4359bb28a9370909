"""The user's own workbook given back: a last column 导入结果 and the wrong cells filled (ux E13)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill

from zaozhuang_portal.kernel.limited import OverLimit, Refused, open_limited
from zaozhuang_portal.kernel.spreadsheets.cells import TEXT_FORMAT, put
from zaozhuang_portal.kernel.spreadsheets.guard import ZIP_MAGIC
from zaozhuang_portal.kernel.spreadsheets.reading import Sheet

RESULT_HEADER = "导入结果"
_WRONG = PatternFill("solid", fgColor="FDECEC")
_EDITABLE_ROWS = 20_000
MARK_MEMORY = 1024 * 1024 * 1024


@dataclass(frozen=True)
class RowMark:
    """What became of one row: a sentence, whether it is an error, and the wrong columns (0 = A)."""

    text: str
    is_error: bool = False
    columns: tuple[int, ...] = ()


Marks = Mapping[str, Mapping[int, RowMark]]


def mark_workbook(
    source: bytes,
    sheets: Sequence[Sheet],
    marks: Marks,
    *,
    header_rows: Mapping[str, int],
    errors_only: bool = False,
) -> bytes:
    """An .xlsx with the result of each row in a last column and wrong cells filled.

    `marks[sheet][row]` and `header_rows[sheet]` count rows as Excel does, from 1. The user's formatting is
    kept for .xlsx up to 20,000 rows that open within the limits of one file; everything else gets a plain workbook.
    """
    rows = sum(len(sheet.rows) for sheet in sheets)
    if source.startswith(ZIP_MAGIC) and rows <= _EDITABLE_ROWS and not errors_only:
        order = {
            "marks": {
                name: {
                    str(row): [mark.text, mark.is_error, list(mark.columns)] for row, mark in found.items()
                }
                for name, found in marks.items()
            },
            "header_rows": dict(header_rows),
        }
        # What openpyxl cannot open within the limits (a merged range over the whole sheet) still gets its marks.
        with contextlib.suppress(OverLimit, Refused):
            return open_limited("mark_workbook", source, order, memory=MARK_MEMORY).content
    return _saved(_mark_plain(sheets, marks, header_rows, errors_only))


def _saved(workbook: Workbook) -> bytes:
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def mark_original(
    source: bytes, *, marks: Mapping[str, Mapping[str, Sequence[Any]]], header_rows: Mapping[str, int]
) -> tuple[dict[str, Any], bytes]:
    """The user's workbook with its marks ([text, is_error, columns] by row). In the limited process only."""
    workbook = load_workbook(BytesIO(source))
    for name, found in marks.items():
        if name not in workbook.sheetnames:
            continue
        rows = {
            int(row): RowMark(text, wrong, tuple(columns)) for row, (text, wrong, columns) in found.items()
        }
        sheet = workbook[name]
        header_row = header_rows.get(name, 1)
        number = _result_column(sheet, header_row)
        _write_heading(sheet.cell(header_row, number))
        sheet.column_dimensions[sheet.cell(header_row, number).column_letter].width = 48
        for row, mark in rows.items():
            _write_mark(sheet, row, number, mark)
    return {}, _saved(workbook)


def _result_column(sheet: Any, header_row: int) -> int:
    last = 0
    for cell in sheet[header_row]:
        if cell.value == RESULT_HEADER:
            return int(cell.column)
        if cell.value is not None:
            last = int(cell.column)
    return max(last, 0) + 1


def _mark_plain(
    sheets: Sequence[Sheet], marks: Marks, header_rows: Mapping[str, int], errors_only: bool
) -> Workbook:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for source in sheets:
        rows = marks.get(source.name)
        if rows is None:
            continue
        sheet = workbook.create_sheet(source.name)
        header_row = header_rows.get(source.name, 1)
        header = source.rows[header_row - 1] if 0 < header_row <= len(source.rows) else []
        number = next((i for i, text in enumerate(header, 1) if text == RESULT_HEADER), _width(header) + 1)
        target = 0
        for position, values in enumerate(source.rows, 1):
            mark = rows.get(position)
            if errors_only and position != header_row and not (mark and mark.is_error):
                continue
            target += 1
            for column, value in enumerate(values, 1):
                if value not in (None, ""):
                    cell = sheet.cell(target, column)
                    put(cell, value)
                    if isinstance(value, str):
                        cell.number_format = TEXT_FORMAT
            if position == header_row:
                _write_heading(sheet.cell(target, number))
            elif mark:
                _write_mark(sheet, target, number, mark)
        sheet.column_dimensions[sheet.cell(1, number).column_letter].width = 48
    if not workbook.worksheets:
        workbook.create_sheet(RESULT_HEADER)
    return workbook


def _width(row: Sequence[Any]) -> int:
    return max((index for index, value in enumerate(row, 1) if value not in (None, "")), default=0)


def _write_heading(cell: Any) -> None:
    put(cell, RESULT_HEADER)
    cell.font = Font(bold=True)


def _write_mark(sheet: Any, row: int, number: int, mark: RowMark) -> None:
    cell = sheet.cell(row, number)
    put(cell, mark.text)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if mark.is_error:
        cell.font = Font(color="A61B1B")
        for column in mark.columns:
            wrong = sheet.cell(row, column + 1)
            if type(wrong).__name__ != "MergedCell":
                wrong.fill = _WRONG
