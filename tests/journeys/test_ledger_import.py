"""A clerk pastes publicity and visits from Excel: columns, preview, confirm, undo; takes the list out and back in."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser import Watch
from tests.journeys.looking import examine_both, press

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]
PIECES = (
    "2026-03-05\t集体协商走进玻璃行业\t主流媒体\t枣庄日报\t消息\n"
    "2026.4.2\t一线指导员的一天\t新媒体\t鲁南先锋\t视频\n"
)


def test_paste_without_a_heading_preview_confirm_and_undo(desk: Page) -> None:
    desk.goto("/ledgers/publicity/")
    desk.get_by_role("link", name="导入", exact=True).click()
    examine_both(desk, "ledger-import")
    desk.get_by_label("或粘贴表格").fill(PIECES)
    press(desk, "上传并校验")

    # ③ the columns in the order of the template, to be confirmed
    expect(desk.locator("h1")).to_have_text("确认列对应")
    expect(desk.get_by_label("“第2列”导入为")).to_have_value("title")
    examine_both(desk, "ledger-import-mapping")
    press(desk, "按此对应校验")

    # ⑤ nothing is written yet
    main = desk.locator("main")
    expect(main).to_contain_text("确认导入 2 篇")
    expect(main).to_contain_text("一线指导员的一天")
    examine_both(desk, "ledger-import-preview")
    press(desk, "确认导入 2 篇")

    # ⑦ and back
    expect(main).to_contain_text("新增 2 篇，更新 0 篇")
    examine_both(desk, "ledger-import-result")
    desk.get_by_role("link", name="查看宣传报道列表").click()
    expect(desk.locator("main")).to_contain_text("一线指导员的一天")
    desk.go_back()
    press(desk, "撤销本批")
    expect(main).to_contain_text("删除新增 2 篇")
    desk.goto("/ledgers/publicity/?q=一线指导员")
    expect(desk.locator("main")).to_contain_text("没有符合条件的记录")


def test_visits_with_errors_then_the_list_out_and_back_in(desk: Page, watch: Watch, tmp_path: Path) -> None:
    watch.allow("status of 422")
    desk.goto("/subjects/")
    name = desk.locator("main tbody th[scope=row]").first.inner_text().strip()
    desk.goto("/ledgers/visits/import/")
    desk.get_by_label("或粘贴表格").fill(
        "序号\t日期\t培育对象\t方式\t类别\t主题\t参加单位和人员\n"
        f"1\t2026年3月5日\t{name}\t现场\t指导\t劳动合同规范指导\t李指导\n"
        f"2\t2026-03-06\t没有这家企业\t现场\t指导\t工资支付指导\t李指导\n"
        "合计\t2次\n"
    )
    press(desk, "上传并校验")
    main = desk.locator("main")
    expect(main).to_contain_text("培育对象找不到：1 处")
    expect(main).to_contain_text("第 3 行 C 列“培育对象”：‘没有这家企业’不是滕州市在册的培育对象")
    examine_both(desk, "ledger-import-errors")
    press(desk, "只导入无错误的 1 次")
    expect(main).to_contain_text("新增 1 次")

    desk.goto("/ledgers/visits/?q=劳动合同规范指导")
    desk.get_by_role("button", name="导出", exact=True).click()
    expect(main).to_contain_text("已完成", timeout=60_000)
    with desk.expect_download() as download:
        desk.locator("main a[href^='/files/']").first.click()
    path = tmp_path / "visits.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book["数据"]
    at = [cell.value for cell in sheet[1]].index("主题") + 1
    row = next(
        cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[at - 1].value == "劳动合同规范指导"
    )
    sheet.cell(row, at).value = "劳动合同规范指导（改）"
    book.save(path)
    desk.goto("/ledgers/visits/import/")
    desk.get_by_label("选择文件").set_input_files(path)
    press(desk, "上传并校验")
    expect(main).to_contain_text("更新 1 次")
    expect(main.locator("ins", has_text="劳动合同规范指导（改）")).to_have_count(1)
