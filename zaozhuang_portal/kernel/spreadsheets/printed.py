"""打印版台账: one styled sheet to print and sign (ux P7–P10). For people; the 数据版 of export.py is for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from zaozhuang_portal.kernel.spreadsheets.cells import DATE_FORMAT, TEXT_FORMAT, put

_FACE = "仿宋"
_THIN, _MEDIUM = Side(style="thin"), Side(style="medium")
_FORMATS = {"text": TEXT_FORMAT, "date": DATE_FORMAT, "count": "0", "score": "0.00"}
_ALIGN = {"text": "left", "date": "center", "count": "right", "score": "right", "center": "center"}
MILLIMETERS_PER_INCH = 25.4


@dataclass(frozen=True)
class PrintedColumn:
    """`kind`: text, center, date, count or score. `total` adds SUM in the last row. Width in characters."""

    title: str
    width: float
    kind: str = "text"
    total: bool = False


@dataclass(frozen=True)
class PrintedLedger:
    """Row 1 title, row 2 who and when, row 3 heads, data, 合计, signatures. None is blank, 0 is 0."""

    sheet_name: str
    title: str
    filled_by: str
    filled_on: str
    columns: Sequence[PrintedColumn]
    rows: Sequence[Sequence[Any]]
    signatures: Sequence[str]
    note: str = ""


def write_printed_ledger(ledger: PrintedLedger) -> bytes:
    """The .xlsx: A4 landscape, one page wide, heads repeated, user text never a formula."""
    workbook = Workbook()
    sheet: Worksheet = workbook.active
    sheet.title = ledger.sheet_name[:31]
    last = len(ledger.columns)
    _head(sheet, ledger, last)
    first_row = 4
    for number, row in enumerate(ledger.rows, start=first_row):
        for index, (column, value) in enumerate(zip(ledger.columns, row, strict=True), start=1):
            cell = sheet.cell(number, index)
            put(cell, value)
            cell.font = Font(name=_FACE, size=11)
            cell.number_format = _FORMATS.get(
                column.kind, TEXT_FORMAT if isinstance(value, str) else "General"
            )
            cell.alignment = Alignment(horizontal=_ALIGN[column.kind], vertical="center", wrap_text=True)
        sheet.row_dimensions[number].height = _row_height(ledger.columns, row)
    total_row = first_row + len(ledger.rows)
    _totals(sheet, ledger, first_row, total_row)
    _borders(sheet, 3, total_row, last)
    _feet(sheet, ledger, total_row + 1, last)
    _page(sheet, ledger, total_row, last)
    target = BytesIO()
    workbook.save(target)
    return target.getvalue()


def _head(sheet: Worksheet, ledger: PrintedLedger, last: int) -> None:
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
    put(sheet.cell(1, 1), ledger.title)
    sheet.cell(1, 1).font = Font(name="黑体", size=20)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height = 36
    half = max(last // 2, 1)
    for start, end, text, side in (
        (1, half, ledger.filled_by, "left"),
        (half + 1, last, ledger.filled_on, "right"),
    ):
        if end > start:
            sheet.merge_cells(start_row=2, start_column=start, end_row=2, end_column=end)
        put(sheet.cell(2, start), text)
        sheet.cell(2, start).font = Font(name=_FACE, size=11)
        sheet.cell(2, start).alignment = Alignment(horizontal=side, vertical="center")
    sheet.row_dimensions[2].height = 22
    for index, column in enumerate(ledger.columns, start=1):
        cell = sheet.cell(3, index)
        put(cell, column.title)
        cell.font = Font(name="黑体", size=11, bold=True)
        cell.fill = PatternFill("solid", fgColor="E9EFF6")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.row_dimensions[3].height = 32


def _row_height(columns: Sequence[PrintedColumn], row: Sequence[Any]) -> float:
    """At least 22 pt; higher when a text wraps (a Chinese character is about two widths)."""
    lines = max(
        (
            -(-2 * len(value) // max(int(column.width), 1))
            for column, value in zip(columns, row, strict=True)
            if isinstance(value, str)
        ),
        default=1,
    )
    return max(22.0, 15.0 * lines + 4)


def _totals(sheet: Worksheet, ledger: PrintedLedger, first_row: int, total_row: int) -> None:
    put(sheet.cell(total_row, 1), "合计")
    for index, column in enumerate(ledger.columns, start=1):
        cell = sheet.cell(total_row, index)
        cell.font = Font(name="黑体", size=11)
        cell.alignment = Alignment(
            horizontal="center" if index == 1 else _ALIGN[column.kind], vertical="center"
        )
        if column.total and ledger.rows:
            letter = get_column_letter(index)
            cell.value = f"=SUM({letter}{first_row}:{letter}{total_row - 1})"
            cell.number_format = _FORMATS[column.kind]
    sheet.row_dimensions[total_row].height = 22


def _borders(sheet: Worksheet, top: int, bottom: int, last: int) -> None:
    for row in range(top, bottom + 1):
        for column in range(1, last + 1):
            sheet.cell(row, column).border = Border(
                left=_MEDIUM if column == 1 else _THIN,
                right=_MEDIUM if column == last else _THIN,
                top=_MEDIUM if row == top else _THIN,
                bottom=_MEDIUM if row == bottom else _THIN,
            )


def _feet(sheet: Worksheet, ledger: PrintedLedger, row: int, last: int) -> None:
    lines = ["　　　　".join(ledger.signatures), *([ledger.note] if ledger.note else [])]
    for number, text in enumerate(lines, start=row):
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=last)
        put(sheet.cell(number, 1), text)
        sheet.cell(number, 1).font = Font(name=_FACE, size=11)
        sheet.cell(number, 1).alignment = Alignment(vertical="center", wrap_text=True)
        sheet.row_dimensions[number].height = 26


def _page(sheet: Worksheet, ledger: PrintedLedger, total_row: int, last: int) -> None:
    letter = get_column_letter(last)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margin = 15 / MILLIMETERS_PER_INCH
    sheet.page_margins.left = sheet.page_margins.right = sheet.page_margins.top = (
        sheet.page_margins.bottom
    ) = margin
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = "1:3"
    sheet.print_area = f"A1:{letter}{total_row + 1 + bool(ledger.note)}"
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
    sheet.freeze_panes = "C4"
    sheet.auto_filter.ref = f"A3:{letter}{max(total_row - 1, 3)}"
