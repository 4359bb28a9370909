"""Import templates: drop-downs on a hidden sheet, a comment on each heading, one example row (ux E15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from zaozhuang_portal.kernel.spreadsheets.cells import DATE_FORMAT, TEXT_FORMAT, put

EXAMPLE_MARK = "示例（导入时忽略）"
CHOICES_SHEET = "选项"
HELP_SHEET = "填写说明"
_LAST_ROW = 5001


@dataclass(frozen=True)
class TemplateColumn:
    """One column. `kind` is text, integer, decimal or date; `choices` become a drop-down.

    With `strict` a value outside the choices is refused by Excel, otherwise only warned about.
    """

    header: str
    help: str
    example: Any = ""
    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False
    width: float = 16
    strict: bool = True


def build_template(
    columns: Sequence[TemplateColumn], *, sheet_name: str, version: str, notes: Sequence[str]
) -> bytes:
    """An .xlsx whose first row holds the headings and whose second row is the marked example.

    The heading of a required column is red with *-less text (the text is the key the import reads).
    """
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = sheet_name
    choices = workbook.create_sheet(CHOICES_SHEET)
    choices.sheet_state = "hidden"
    edge = Border(*(Side(style="thin", color="7B8794") for _ in range(4)))
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        heading = sheet.cell(1, number)
        put(heading, column.header)
        heading.font = Font(bold=True, color="A61B1B" if column.required else "1F2933")
        heading.fill = PatternFill("solid", fgColor="E9EFF6")
        heading.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        heading.border = edge
        heading.comment = Comment(
            f"{'必填' if column.required else '选填'}：{column.help}", "导入模板", height=120, width=260
        )
        dimension = sheet.column_dimensions[letter]
        dimension.width = column.width
        dimension.number_format = {"text": TEXT_FORMAT, "date": DATE_FORMAT}.get(column.kind, "General")
        example = sheet.cell(2, number)
        put(example, column.example)
        example.font = Font(italic=True, color="52606D")
        if column.kind == "text":
            example.number_format = TEXT_FORMAT
        _limit_input(sheet, choices, column, number)
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "B2"
    _write_help(workbook.create_sheet(HELP_SHEET), columns, version, notes)
    workbook.properties.title = sheet_name
    workbook.properties.version = version
    workbook.properties.creator = ""
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _limit_input(sheet: Any, choices: Any, column: TemplateColumn, number: int) -> None:
    letter = get_column_letter(number)
    if column.choices:
        for row, choice in enumerate(column.choices, 1):
            put(choices.cell(row, number), choice)
        rule = DataValidation(
            type="list",
            formula1=f"{CHOICES_SHEET}!${letter}$1:${letter}${len(column.choices)}",
            allow_blank=True,
        )
        rule.errorStyle = "stop" if column.strict else "warning"
        rule.error = f"请从下拉列表中选择{column.header}。"
    elif column.kind == "integer":
        rule = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        rule.error = f"{column.header}请填不小于 0 的整数。"
    elif column.kind == "decimal":
        rule = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        rule.error = f"{column.header}请填不小于 0 的数字。"
    else:
        return
    rule.errorTitle = "请核对"
    rule.showErrorMessage = True
    rule.add(f"{letter}3:{letter}{_LAST_ROW}")
    sheet.add_data_validation(rule)


def _write_help(sheet: Any, columns: Sequence[TemplateColumn], version: str, notes: Sequence[str]) -> None:
    lines: list[tuple[str, ...]] = [("填写说明", f"模板版本 {version}"), ("", "")]
    lines += [(f"{index}", note) for index, note in enumerate(notes, 1)]
    lines += [("", ""), ("列名", "要求")]
    lines += [
        (column.header, f"{'必填' if column.required else '选填'}：{column.help}") for column in columns
    ]
    for row, line in enumerate(lines, 1):
        for number, text in enumerate(line, 1):
            put(sheet.cell(row, number), text)
            sheet.cell(row, number).alignment = Alignment(wrap_text=True, vertical="top")
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = 90
