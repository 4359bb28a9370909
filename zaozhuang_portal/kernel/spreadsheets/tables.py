"""Several small tables as one workbook to be edited and read back: headings bold, frozen, wrapped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from zaozhuang_portal.kernel.spreadsheets.cells import TEXT_FORMAT, put

_WIDEST = 60


def write_tables(tables: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    """An .xlsx with one sheet per (name, rows); `rows[0]` is the heading row. Text cells stay text when edited."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in tables:
        sheet = workbook.create_sheet(name)
        sheet.freeze_panes = "A2"
        widths: dict[int, int] = {}
        for row_number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(row_number, column)
                put(cell, value)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if isinstance(value, str):
                    cell.number_format = TEXT_FORMAT
                if row_number == 1:
                    cell.font = Font(bold=True)
                longest = max((len(line) for line in str(value or "").splitlines()), default=0)
                widths[column] = max(widths.get(column, 0), longest)
        for column, width in widths.items():
            sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, 2 * width + 4)
    target = BytesIO()
    workbook.save(target)
    return target.getvalue()
