"""参训人次 and a past 培育名单 out as 数据版 and back in without a change; a township's gap named, filled from its link."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.looking import examine_both, press

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]


def download(page: Page, path: Path) -> None:
    expect(page.locator("main")).to_contain_text("已完成", timeout=60_000)
    with page.expect_download() as found:
        page.locator("main a[href^='/files/']").first.click()
    found.value.save_as(path)


def test_attendance_goes_out_and_one_changed_number_comes_back(desk: Page, tmp_path: Path) -> None:
    desk.goto("/ledgers/trainings/")
    examine_both(desk, "trainings-with-attendance-files")
    press(desk, "导出参训人次")
    path = tmp_path / "attendance.xlsx"
    download(desk, path)
    book = openpyxl.load_workbook(path)
    sheet = book["数据"]
    lines = sheet.max_row - 1
    assert lines > 1
    at = [cell.value for cell in sheet[1]].index("人力资源工作人员（人次）") + 1
    before = int(sheet.cell(2, at).value or 0)
    sheet.cell(2, at).value = before + 3
    book.save(path)
    desk.goto("/ledgers/trainings/")
    desk.get_by_role("link", name="导入参训人次").click()
    desk.get_by_label("选择文件").set_input_files(path)
    press(desk, "上传并校验")
    main = desk.locator("main")
    expect(main).to_contain_text("更新 1 条")
    expect(main.locator("ins", has_text=str(before + 3))).to_have_count(1)
    examine_both(desk, "attendance-back-in")


def test_a_past_roster_goes_out_and_comes_back_unchanged(desk: Page, tmp_path: Path) -> None:
    desk.goto("/rosters/2025/")
    press(desk, "导出名单")
    path = tmp_path / "roster.xlsx"
    download(desk, path)
    sheet = openpyxl.load_workbook(path)["数据"]
    assert {row[1] for row in sheet.iter_rows(min_row=2, values_only=True)} == {2025}
    desk.goto("/rosters/2025/")
    desk.get_by_role("link", name="导入往年名单").click()
    desk.get_by_label("选择文件").set_input_files(path)
    desk.get_by_label("补录来源").fill("滕州市2025年名单（数据版）")
    press(desk, "上传并校验")
    main = desk.locator("main")
    expect(main).to_contain_text(f"不变 {sheet.max_row - 1} 户")
    examine_both(desk, "roster-back-in")


def test_a_township_without_an_answer_is_named_and_answered_from_its_link(desk: Page) -> None:
    desk.goto("/adoptions/?year=2026")
    examine_both(desk, "adoptions-by-township")
    link = desk.get_by_role("link", name="登记东郭镇2026年纳入政府目标责任考核体系")
    link.click()
    expect(desk.get_by_label("年度")).to_have_value("2026")
    expect(desk.get_by_label("事项")).to_have_value("IN_APPRAISAL")
    place = desk.get_by_label("乡镇（街道）、园区")
    expect(place.locator("option:checked")).to_contain_text("东郭镇")
    desk.get_by_label("是否做到").check()
    desk.get_by_label("日期", exact=True).fill("2026-05-06")
    desk.get_by_label("文号", exact=True).fill("东政发〔2026〕5号")
    press(desk, "保存汇报、纳入规划与考核")
    expect(desk.locator("body")).to_contain_text("已保存汇报、纳入规划与考核")
    desk.goto("/adoptions/?year=2026")
    row = desk.locator("tr", has=desk.get_by_role("rowheader", name="东郭镇", exact=True))
    expect(row).to_contain_text("东政发〔2026〕5号")
    expect(link).to_have_count(0)
