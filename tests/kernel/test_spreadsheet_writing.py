from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.kernel import hostile
from zaozhuang_portal.kernel.spreadsheets import Sheet, read_workbook
from zaozhuang_portal.kernel.spreadsheets.export import ExportColumn, write_data_workbook
from zaozhuang_portal.kernel.spreadsheets.marked import RowMark, mark_workbook
from zaozhuang_portal.kernel.spreadsheets.templates import EXAMPLE_MARK, TemplateColumn, build_template

FORMULAS = ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0", "＝1+1", "\t=1"]


def test_the_data_workbook_keeps_types_and_never_writes_a_formula():
    stream = BytesIO()
    columns = [
        ExportColumn("企业名称", meaning="全称"),
        ExportColumn("人数", "integer"),
        ExportColumn("日期", "date"),
        ExportColumn("收入", "money"),
    ]
    rows = [[text, 3, date(2026, 11, 5), Decimal("1.50")] for text in FORMULAS] + [["零", 0, None, None]]
    assert write_data_workbook(stream, columns, iter(rows), notes=[("数据截至", "2026-11-05")]) == len(rows)
    workbook = load_workbook(stream)
    assert workbook.sheetnames == ["数据", "说明", "字典"]
    cells = list(workbook["数据"].iter_rows(min_row=2))
    assert [row[0].value for row in cells] == [*FORMULAS, "零"]
    assert {row[0].data_type for row in cells} == {"s"}
    assert {row[0].number_format for row in cells} == {"@"}
    assert (cells[-1][1].value, cells[-1][2].value, cells[-1][3].value) == (0, None, None)
    assert ("行数", str(len(rows))) in [tuple(c.value for c in row) for row in workbook["说明"].iter_rows()]
    assert read_workbook(stream.getvalue())[0].rows[1][2] == date(2026, 11, 5)


def test_an_empty_export_has_its_headings():
    stream = BytesIO()
    assert write_data_workbook(stream, [ExportColumn("企业名称")], []) == 0
    assert read_workbook(stream.getvalue())[0].rows[0] == ["企业名称"]


def test_an_export_with_wrong_width_or_equal_headings_fails():
    with pytest.raises(ValueError):
        write_data_workbook(BytesIO(), [ExportColumn("a")], [[1, 2]])
    with pytest.raises(ValueError):
        write_data_workbook(BytesIO(), [ExportColumn("a"), ExportColumn("a")], [])


def test_a_template_has_drop_downs_comments_text_columns_and_an_example():
    choices = tuple(f"乡镇{n}" for n in range(100))
    columns = [
        TemplateColumn("企业名称", "全称", f"{EXAMPLE_MARK}某厂", required=True),
        TemplateColumn("乡镇（街道）", "可空", choices=choices),
        TemplateColumn("职工人数", "在岗", 12, kind="integer"),
    ]
    sheet = load_workbook(BytesIO(build_template(columns, sheet_name="企业", version="1", notes=["说明"])))
    main = sheet["企业"]
    assert [cell.value for cell in main[1]] == ["企业名称", "乡镇（街道）", "职工人数"]
    assert main["A2"].value.startswith("示例（导入时忽略）")
    assert "必填" in main["A1"].comment.text
    assert main.column_dimensions["A"].number_format == "@"
    rules = {str(rule.sqref): rule for rule in main.data_validations.dataValidation}
    assert rules["B3:B5001"].formula1 == "选项!$B$1:$B$100"
    assert sheet["选项"].sheet_state == "hidden"


def marked(data, **options):
    sheets = read_workbook(data)
    marks = {sheets[0].name: {2: RowMark("第 2 行：=错", True, (1,)), 3: RowMark("新增")}}
    return load_workbook(
        BytesIO(mark_workbook(data, sheets, marks, header_rows={sheets[0].name: 1}, **options))
    ).active


ROWS = [("企业名称", "职工人数"), ("=甲", "三百"), ("乙", 3)]


def test_the_users_workbook_comes_back_marked():
    sheet = marked(hostile.xlsx([ROWS[0], ("甲", "三百"), ("乙", 3)]))
    assert [cell.value for cell in sheet["C"]] == ["导入结果", "第 2 行：=错", "新增"]
    assert sheet["B2"].fill.fgColor.rgb.endswith("FDECEC")
    assert sheet["B3"].fill.fill_type is None


def test_marking_twice_reuses_the_column():
    once = marked(
        hostile.xlsx([(*row, extra) for row, extra in zip(ROWS, ["导入结果", "x", ""], strict=True)])
    )
    assert once.max_column == 3


def test_only_the_wrong_rows_and_text_sources():
    sheet = marked("企业名称,职工人数\n=甲,三百\n乙,3\n".encode(), errors_only=True)
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["企业名称", "职工人数", "导入结果"],
        ["=甲", "三百", "第 2 行：=错"],
    ]
    assert sheet["A2"].data_type == "s"


def test_an_unmarked_sheet_is_left_out():
    data = mark_workbook(b"a,b", [Sheet("CSV", [["a"]])], {}, header_rows={})
    assert load_workbook(BytesIO(data)).sheetnames == ["导入结果"]
