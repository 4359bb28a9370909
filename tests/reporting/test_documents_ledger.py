"""The printed ledger read back (ux P7-P10)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from reporting.documents.ledger import COLUMNS, render_ledger
from tests.reporting.sample_figures import sample_figures, subject


def sheet_of(**changes: Any) -> Any:
    content = render_ledger(
        sample_figures(**changes), filled_on=date(2026, 11, 20), prepared_by="王玥", reviewed_by="李淏"
    )
    return load_workbook(io.BytesIO(content)).active


@pytest.fixture
def sheet() -> Any:
    return sheet_of()


def test_title_and_unit_line(sheet: Any) -> None:
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert "A1:Q1" in merged
    assert sheet["A1"].value == "滕州市2026年度重点培育对象台账"
    assert sheet["A1"].font.size == 20
    assert sheet["A2"].value == "填报单位：滕州市协调劳动关系三方机构"
    assert "填报日期：2026年11月20日" in "".join(str(cell.value) for cell in sheet[2] if cell.value)
    assert [cell.value for cell in sheet[3]] == [column.title for column in COLUMNS]
    assert all(cell.font.bold and cell.fill.fgColor.rgb != "00000000" for cell in sheet[3])


def test_prints_on_a4_across_one_page_wide(sheet: Any) -> None:
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == 9
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.print_area.endswith(f"$A$1:$Q${sheet.max_row}")
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert sheet.freeze_panes == "C4"
    assert sheet.auto_filter.ref == "A3:Q9"
    assert sheet.print_options.horizontalCentered
    assert round(sheet.page_margins.left * 25.4) == 15


def test_types(sheet: Any) -> None:
    row = {column.title: cell for column, cell in zip(COLUMNS, sheet[4], strict=True)}
    assert row["统一社会信用代码"].value == "91370481MA3C1D2E3F"
    assert row["统一社会信用代码"].number_format == "@"
    assert row["联系电话"].value == "13800000000"
    assert row["职工人数"].value == 320
    assert row["职工人数"].alignment.horizontal == "right"
    assert float(row["自评得分"].value) == 93.5
    assert row["自评得分"].number_format == "0.00"
    assert row["序号"].alignment.horizontal == "center"
    assert row["名称"].alignment.horizontal == "left"
    assert all(sheet.row_dimensions[number].height >= 22 for number in range(4, 10))


def test_a_name_that_looks_like_a_formula_is_text(sheet: Any) -> None:
    cell = sheet["B7"]
    assert cell.value == "=1+1"
    assert cell.data_type == "s"


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A0", "+1", "-2+3", "@SUM(A1)", "＝1+1", "\t=1", "#REF!"])
def test_no_name_becomes_a_formula_or_an_error(name: str) -> None:
    cell = sheet_of(subjects=[subject(name)])["B4"]
    assert cell.data_type == "s"
    assert cell.value.strip() == name.strip()


def test_unknown_is_blank_and_zero_is_zero() -> None:
    sheet = sheet_of(
        subjects=[subject("甲", employee_count=None, self_score=None), subject("乙", employee_count=0)]
    )
    staff = [column.title for column in COLUMNS].index("职工人数") + 1
    assert sheet.cell(4, staff).value is None
    assert sheet.cell(5, staff).value == 0


def test_total_row_sums_the_staff(sheet: Any) -> None:
    total = sheet[10]
    assert "合计" in [cell.value for cell in total]
    assert [cell.value for cell in total if str(cell.value).startswith("=")] == ["=SUM(I4:I9)"]


def test_borders_thin_inside_medium_outside(sheet: Any) -> None:
    assert sheet["A3"].border.left.style == sheet["A3"].border.top.style == "medium"
    assert sheet["Q10"].border.right.style == sheet["Q10"].border.bottom.style == "medium"
    assert sheet["B5"].border.left.style == sheet["B5"].border.bottom.style == "thin"


def test_signature_line_and_note(sheet: Any) -> None:
    text = "\n".join(str(sheet.cell(row, 1).value) for row in range(11, sheet.max_row + 1))
    assert "填报人：王玥" in text
    assert "审核人：李淏" in text
    assert "联系电话：" in text
    assert "数据截至2026年11月20日" in text
    assert "重构稿，待官方文本核定" in text


def test_nobody_enrolled_still_prints() -> None:
    sheet = sheet_of(subjects=[])
    assert sheet["A4"].value == "合计"
    assert not [cell for cell in sheet[4] if str(cell.value).startswith("=")]
