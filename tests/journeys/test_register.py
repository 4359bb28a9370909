"""A district keeps its register, imports a workbook and chooses the year's subjects; the city changes a target."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from reporting.demo.accounts import DEMO_PASSWORD
from tests.browser import Portal, Watch, sign_in
from tests.cultivation.import_samples import code as sample_code
from tests.journeys.looking import DESK, examine_both, press

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]


def names_in_list(page: Page) -> list[str]:
    return page.locator("main tbody th[scope=row]").all_inner_texts()


def count_in_heading(page: Page) -> int:
    return int(re.search(r"\d+", page.locator("h1 small").inner_text())[0])


def test_list_record_and_two_windows(desk: Page, watch: Watch) -> None:
    watch.allow("status of 409|status of 422")
    desk.get_by_role("link", name="培育对象").first.click()
    examine_both(desk, "register")
    everything = count_in_heading(desk)
    assert everything > 20

    # Filters and search live in the address and come off one by one.
    desk.get_by_label("行业").select_option("34")
    press(desk, "查找")
    machines = count_in_heading(desk)
    assert 0 < machines < everything
    assert "industry=34" in desk.url
    desk.get_by_label("名称或信用代码").fill("机床")
    press(desk, "查找")
    assert names_in_list(desk)
    assert all("机床" in name for name in names_in_list(desk))
    examine_both(desk, "register-filtered")
    desk.locator(".chips a", has_text="行业").click()
    assert "industry=34" not in desk.url
    desk.get_by_label("名称或信用代码").fill("没有")
    press(desk, "查找")
    expect(desk.locator("main")).to_contain_text("没有符合条件的记录")
    desk.get_by_role("link", name="清除筛选").last.click()
    assert count_in_heading(desk) == everything

    # Sorting by head, then page by page.
    desk.goto("/subjects/?size=20")
    desk.get_by_role("columnheader", name="职工人数").get_by_role("link").click()
    staff = [int(text) for text in desk.locator("main tbody td.num").all_inner_texts()]
    assert staff == sorted(staff, reverse=True)
    expect(desk.get_by_role("columnheader", name="职工人数")).to_have_attribute("aria-sort", "descending")
    first = names_in_list(desk)
    desk.get_by_role("link", name="下一页").click()
    second = names_in_list(desk)
    assert len(first) == 20
    assert len(second) == everything - 20
    assert not set(first) & set(second)
    desk.get_by_role("link", name="首页", exact=True).click()
    assert names_in_list(desk) == first
    row = desk.locator("main tbody tr").first.bounding_box()
    press(desk, "紧凑")
    dense = desk.locator("main tbody tr").first.bounding_box()
    assert row and dense and dense["height"] < row["height"]
    assert names_in_list(desk) == first
    press(desk, "标准")

    # A record: opened from the list, corrected in two windows at once.
    desk.locator("main tbody th[scope=row] a").first.click()
    examine_both(desk, "record")
    record = desk.url
    desk.get_by_role("link", name="修改档案").click()
    examine_both(desk, "record-edit")
    other = desk.context.new_page()
    other.goto(desk.url)
    other.get_by_label("联系人").fill("孙先到")
    press(other, "保存企业")
    expect(other.locator("main")).to_contain_text("孙先到")
    desk.get_by_label("联系人").fill("周后到")
    desk.get_by_label("地址").fill("荆河东路１８８号")
    press(desk, "保存企业")
    expect(desk.locator("main table")).to_contain_text("孙先到")
    expect(desk.locator("main table")).to_contain_text("周后到")
    expect(desk.get_by_label("联系人")).to_have_value("周后到")
    examine_both(desk, "record-conflict")
    press(desk, "保存企业")
    desk.wait_for_url(record)
    expect(desk.locator("main")).to_contain_text("周后到")
    desk.get_by_role("navigation", name="档案栏目").get_by_role("link", name="动态").click()
    expect(desk.get_by_role("region", name="档案修改记录")).to_contain_text("孙先到 → 周后到")
    desk.goto(record)


def test_a_new_enterprise_with_a_slip_in_its_code(desk: Page, watch: Watch) -> None:
    watch.allow("status of 422")
    code = sample_code(1)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    desk.goto("/subjects/")
    desk.get_by_role("link", name="新增企业").click()
    desk.get_by_label("统一社会信用代码").fill(wrong[:17])
    desk.get_by_label("名称", exact=False).first.fill("滕州市学院路机械有限公司")
    desk.get_by_label("职工人数").fill("三百")
    desk.get_by_label("工作基础").fill("已签订集体合同。\n建有工会。")
    press(desk, "保存企业")
    summary = desk.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("18")
    expect(summary).to_contain_text("职工人数")
    examine_both(desk, "new-errors")
    summary.get_by_role("link", name=re.compile("职工人数")).click()
    expect(desk.get_by_label("职工人数")).to_be_focused()
    desk.get_by_label("职工人数").fill("３００人")
    desk.get_by_label("统一社会信用代码").fill(wrong)
    press(desk, "保存企业")
    expect(summary).to_contain_text("校验")
    expect(desk.get_by_label("统一社会信用代码")).to_have_value(wrong)
    expect(desk.get_by_label("工作基础")).to_have_value(re.compile("建有工会"))
    desk.get_by_label("信用代码说明").fill("已核对营业执照")
    press(desk, "保存企业")
    expect(desk.locator("h1")).to_contain_text("滕州市学院路机械有限公司")
    expect(desk.locator("main")).to_contain_text("300 人")
    expect(desk.locator("main")).to_contain_text("已核对营业执照")


def fill_template(path: Path, *rows: dict[str, object]) -> None:
    """As a clerk does: from row 3 on, in the columns named in row 1."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {str(cell.value).strip("*＊ "): cell.column for cell in sheet[1] if cell.value}
    for number, row in enumerate(rows, 3):
        for header, value in row.items():
            sheet.cell(number, columns[header], value)
    book.save(path)


def test_import_in_five_clicks_marked_workbook_and_undo(desk: Page, tmp_path: Path) -> None:
    desk.goto("/subjects/")
    before = count_in_heading(desk)
    desk.get_by_role("link", name="导入").click()
    examine_both(desk, "import")
    with desk.expect_download() as caught:
        desk.get_by_role("link", name="下载企业模板").click()
    template = tmp_path / caught.value.suggested_filename
    caught.value.save_as(template)
    firms = [
        {
            "企业名称": f"滕州市导入第{number}机械有限公司",
            "统一社会信用代码": sample_code(number),
            "乡镇（街道）": "荆河街道",
            "职工人数": 100 + number,
        }
        for number in range(1, 31)
    ]
    fill_template(template, *firms, firms[0] | {"统一社会信用代码": sample_code(99), "职工人数": "三百"})

    # J2 of ux §10: 导入, choose file, 上传并校验, 确认导入; the result is the page one lands on.
    desk.goto("/subjects/")
    clicks = 0
    desk.get_by_role("link", name="导入").click()
    desk.locator("input[type=file]").set_input_files(template)
    press(desk, "上传并校验")
    clicks += 3
    expect(desk.locator("h1")).to_have_text("核对导入内容")
    expect(desk.locator("#errors")).to_contain_text("三百")
    examine_both(desk, "import-preview")
    press(desk, "只导入无错误的 30 家")
    clicks += 1
    expect(desk.locator("h1")).to_have_text("导入结果")
    expect(desk.locator("main")).to_contain_text("新增 30 家")
    assert clicks <= 5
    examine_both(desk, "import-result")
    with desk.expect_download() as caught:
        desk.get_by_role("link", name="下载标注后的表格").first.click()
    returned = tmp_path / "标注.xlsx"
    caught.value.save_as(returned)
    marked = openpyxl.load_workbook(returned).worksheets[0]
    result = [str(row[-1].value or "") for row in marked.iter_rows(min_row=1)]
    assert result[0] == "导入结果"
    assert sum(text == "新增" for text in result) == 30
    assert sum(text.startswith("未导入") and "三百" in text for text in result) == 1

    desk.get_by_role("link", name="查看企业列表").click()
    assert count_in_heading(desk) == before + 30
    desk.go_back()
    press(desk, "撤销本批")
    expect(desk.locator("main")).to_contain_text("删除新增 30 家")
    examine_both(desk, "import-undone")
    desk.goto("/imports/")
    examine_both(desk, "import-list")
    desk.goto("/subjects/")
    assert count_in_heading(desk) == before


def test_roster_targets_and_calendar(desk: Page, new_page: Callable[..., Page], watch: Watch) -> None:
    watch.allow("status of 422")
    desk.get_by_role("link", name="目标任务").click()
    examine_both(desk, "targets")
    desk.get_by_role("row", name=re.compile("滕州市 重点培育企业")).get_by_role("link").first.click()
    expect(desk.locator("main")).to_contain_text("3／4")
    examine_both(desk, "target-detail")
    desk.goto("/rosters/2026/")
    examine_both(desk, "roster-before")

    desk.get_by_role("link", name="选取培育对象").click()
    free = desk.locator("main tbody tr:has(input[type=checkbox])").first
    name = free.get_by_role("link").inner_text()
    free.get_by_role("checkbox").check()
    examine_both(desk, "roster-choose")
    press(desk, "列入候选名单")
    expect(desk.get_by_role("row", name=name)).to_contain_text("候选")
    for box in desk.locator("main tbody input[type=checkbox]").all():
        box.uncheck()
    desk.get_by_role("checkbox", name=f"确认{name}").check()
    desk.get_by_label("增补理由").fill("补足四户目标，增补")
    press(desk, "确认增补")
    expect(desk.locator("main")).to_contain_text("4／4")
    expect(desk.locator("main")).to_contain_text("达标")
    examine_both(desk, "roster-after")

    # Out again, with a reason: first too short, kept and said.
    desk.get_by_role("row", name=name).get_by_role("link", name="调出").click()
    desk.get_by_label("调出理由").fill("错")
    press(desk, "调出名单")
    expect(desk.locator("[data-error-summary]")).to_contain_text("5")
    expect(desk.get_by_label("调出理由")).to_have_value("错")
    examine_both(desk, "roster-remove")
    desk.get_by_label("调出理由").fill("企业已迁出本市，不再培育。")
    press(desk, "调出名单")
    expect(desk.locator("main")).to_contain_text("3／4")
    expect(desk.get_by_role("row", name=name)).to_contain_text("已调出")

    desk.goto("/calendar/")
    expect(desk.locator("main")).to_contain_text("2027-12-31")
    examine_both(desk, "calendar")

    # The city changes the target; the district sees the document beside it.
    city = new_page(*DESK)
    sign_in(city, "shiban", DEMO_PASSWORD)
    city.get_by_role("link", name="目标任务").click()
    examine_both(city, "targets-city")
    city.get_by_role("row", name=re.compile("滕州市 重点培育企业")).get_by_role("link", name="调整").click()
    city.get_by_label("最少").fill("５")
    press(city, "保存目标")
    expect(city.locator("[data-error-summary]")).to_be_visible()
    expect(city.get_by_label("最少")).to_have_value("５")
    examine_both(city, "target-edit")
    city.get_by_label("调整理由").fill("市三方会议议定增加一户")
    city.get_by_label("依据文号").fill("枣人社字〔2026〕12号")
    press(city, "保存目标")
    city.goto("/targets/")
    expect(city.get_by_role("row", name=re.compile("滕州市 重点培育企业"))).to_contain_text("3／5")
    desk.goto("/rosters/2026/")
    expect(desk.locator("main")).to_contain_text("枣人社字〔2026〕12号")


def test_a_form_sent_after_the_session_timed_out(desk: Page, portal: Portal, watch: Watch) -> None:
    """The page that keeps everything, sign-in in another tab, 重新提交: the record is there."""
    watch.allow("status of 401")
    desk.goto("/subjects/new/ENTERPRISE/")
    desk.get_by_label("统一社会信用代码").fill(sample_code(7))
    desk.get_by_label("名称", exact=False).first.fill("滕州市超时机械有限公司")
    desk.get_by_label("工作基础").fill("第一行\n第二行")
    portal.query("DELETE FROM django_session")
    press(desk, "保存企业")
    expect(desk.locator("h1")).to_have_text("登录已超时，您填写的内容没有丢失")
    examine_both(desk, "timed-out")
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="在新窗口登录").click()
    tab = opened.value
    tab.locator("input[name=login]").fill("tengzhou")
    tab.locator("input[name=password]").fill(DEMO_PASSWORD)
    press(tab, "登录")
    expect(tab.locator("h1")).to_contain_text("工作台")
    press(desk, "重新提交")
    expect(desk.locator("h1")).to_contain_text("滕州市超时机械有限公司")
    expect(desk.locator("main")).to_contain_text("第二行")
