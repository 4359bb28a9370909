"""A clerk's common ledger pages: enter, mend, attach, print on one page, remove, undo; kept filters; change in place."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser import Watch, settle
from tests.journeys.looking import examine, examine_both, press

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]


def pages_on_paper(page: Page) -> int:
    return len(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages)


def test_enter_mend_attach_print_remove_undo(desk: Page, watch: Watch, tmp_path: Path) -> None:
    watch.allow("status of 422")
    desk.get_by_role("link", name="工作台账").click()
    examine_both(desk, "ledgers")
    desk.get_by_role("link", name=re.compile(r"新增\s*宣传报道")).click()

    # By keyboard: the first field has the focus; a slip keeps everything that was typed.
    expect(desk.get_by_label("发布日期")).to_be_focused()
    examine_both(desk, "ledger-new")
    desk.get_by_label("发布日期").focus()
    desk.keyboard.press("Control+A")
    desk.keyboard.type("2026.5.6")
    desk.get_by_label("标题").fill("晨会上的集体协商")
    desk.get_by_label("媒体类别").select_option("新媒体")
    desk.get_by_label("媒体名称").fill("")
    desk.get_by_label("报道对象").fill("滕州")
    expect(desk.locator("datalist option").first).to_be_attached()
    subject = desk.locator("datalist option").first.get_attribute("value") or ""
    desk.get_by_label("报道对象").fill("没有的公司")
    desk.keyboard.press("Control+s")
    summary = desk.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("请填写媒体名称")
    expect(summary).to_contain_text("没有找到在册的培育对象“没有的公司”")
    expect(desk.get_by_label("标题")).to_have_value("晨会上的集体协商")
    examine_both(desk, "ledger-errors")
    desk.get_by_label("媒体名称").fill("滕州发布")
    desk.get_by_label("报道对象").fill(subject)
    press(desk, "保存宣传报道")
    expect(desk.locator("h1")).to_contain_text("晨会上的集体协商")
    expect(desk.locator("main")).to_contain_text("2026年度")
    examine_both(desk, "ledger-record")
    record = desk.url

    # A year that is over is asked about once; then it is saved.
    desk.get_by_role("link", name="修改").click()
    desk.get_by_label("发布日期").fill("20250506")
    press(desk, "保存宣传报道")
    expect(desk.locator("[data-error-summary]")).to_contain_text("属于 2025 年度")
    examine(desk, "ledger-confirm")
    desk.get_by_label("补录（以前发生").check()
    desk.get_by_label("补录来源").fill("2025年宣传台账")
    press(desk, re.compile("保存"))
    desk.wait_for_url(record)
    expect(desk.locator("h1")).to_contain_text("补录")
    expect(desk.locator(".timeline")).to_contain_text("2026-05-06 → 2025-05-06")

    # The paper is one page; its scan comes back as a file of the record.
    desk.get_by_role("link", name="打印").click()
    examine_both(desk, "ledger-paper")
    assert pages_on_paper(desk) == 1
    desk.get_by_role("link", name="返回").click()
    scan = tmp_path / "签字扫描件.png"
    Image.effect_noise((300, 200), 40).save(scan)
    # Put into the wrong place first: one click makes it what it is.
    desk.get_by_label("上传附件").set_input_files(scan)
    expect(desk.locator("#record-files")).to_contain_text("签字扫描件.png")
    press(desk, "把 签字扫描件.png 改作宣传报道登记表")
    expect(desk.locator("#record-scans")).to_contain_text("签字扫描件.png")
    desk.get_by_label("扫描件上传").set_input_files(scan)
    expect(desk.locator("#record-scans .file-row")).to_have_count(2)
    desk.reload()
    expect(desk.locator("#record-scans .file-row")).to_have_count(2)
    expect(desk.locator("#record-files")).not_to_contain_text("签字扫描件.png")
    examine_both(desk, "ledger-files")

    # Removed at once, taken back from the bar; then again, and back from the bin.
    remove = desk.locator(".page-actions").get_by_role("button", name="删除")
    remove.click()
    bar = desk.locator(".undo-bar")
    expect(bar).to_contain_text("已删除 1 篇")
    expect(desk.locator("table")).not_to_contain_text("晨会上的集体协商")
    examine_both(desk, "ledger-undo")
    bar.get_by_role("button", name="撤销").click()
    desk.wait_for_url(record)
    expect(desk.locator("#record-scans")).to_contain_text("签字扫描件.png")
    remove.click()
    desk.get_by_role("link", name="回收站").click()
    examine_both(desk, "ledger-bin")
    press(desk, "恢复 晨会上的集体协商")
    desk.wait_for_url(record)


def test_filters_are_kept_and_rows_are_chosen(desk: Page) -> None:
    desk.goto("/ledgers/publicity/")
    everything = int(re.search(r"\d+", desk.locator("h1 small").inner_text())[0])
    desk.get_by_label("媒体类别").select_option("新媒体")
    press(desk, "查找")
    chosen = desk.locator("main tbody tr").count()
    assert 0 < chosen < everything
    desk.get_by_role("link", name="保存当前筛选").click()
    expect(desk.locator("main")).to_contain_text("新媒体")
    examine_both(desk, "filter-new")
    desk.get_by_label("名称").fill("只看新媒体")
    desk.get_by_label("每次打开列表都先用这个筛选").check()
    press(desk, "保存筛选")
    desk.goto("/ledgers/publicity/")
    expect(desk.locator(".saved-filters [aria-current]")).to_have_text("只看新媒体（默认）")
    examine_both(desk, "ledger-filtered")
    desk.get_by_role("link", name="管理筛选").click()
    expect(desk.get_by_role("row", name=re.compile("只看新媒体"))).to_contain_text(str(chosen))
    examine_both(desk, "filters")

    # Two chosen, removed, named in the message.
    desk.goto("/ledgers/publicity/?all=1")
    bulk = desk.locator("[data-bulk-bar]")
    expect(bulk).to_be_hidden()
    for box in desk.locator("[data-check-row]").all()[:2]:
        box.check()
    expect(bulk).to_contain_text("已选 2 篇")
    examine_both(desk, "ledger-chosen")
    bulk.get_by_role("button", name="删除选中").click()
    expect(desk.locator("main")).to_contain_text("已删除 2 篇")
    desk.goto("/ledgers/publicity/?all=1")
    expect(desk.locator("h1 small")).to_contain_text(str(everything - 2))


def test_all_pages_of_a_filter_are_chosen(desk: Page) -> None:
    desk.goto("/ledgers/visits/?year=2024&size=20")
    total = re.search(r"\d+", desk.locator("h1 small").inner_text())[0]
    assert int(total) > 20
    boxes, bulk = desk.locator("[data-check-row]"), desk.locator("[data-bulk-bar]")
    boxes.first.check()
    expect(bulk).to_contain_text("已选 1 次")
    every = bulk.get_by_label(f"选择全部 {total} 次")
    every.check()
    expect(bulk).to_contain_text(f"已选 {total} 次")
    expect(boxes.last).to_be_checked()
    boxes.last.uncheck()
    expect(every).not_to_be_checked()
    expect(bulk).to_contain_text("已选 19 次")
    bulk.get_by_role("button", name="取消").click()
    expect(bulk).to_be_hidden()
    boxes.first.check()
    every.check()
    examine_both(desk, "ledger-every")
    bulk.get_by_role("button", name="删除选中").click()
    settle(desk)
    expect(desk.locator("main")).to_contain_text(f"将处理 {total} 次，跳过 0 次")
    expect(desk.locator("main")).to_contain_text("年度：2024")
    examine_both(desk, "ledger-remove-every")
    press(desk, f"删除 {total} 次")
    expect(desk.locator("main")).to_contain_text(f"已删除 {total} 次")
    desk.goto("/ledgers/visits/?year=2024")
    expect(desk.locator("main")).to_contain_text("没有符合条件的记录")


def test_chosen_subjects_are_exported(desk: Page) -> None:
    desk.goto("/subjects/")
    for box in desk.locator("[data-check-row]").all()[:3]:
        box.check()
    bulk = desk.locator("[data-bulk-bar]")
    expect(bulk).to_contain_text("已选 3 家")
    examine_both(desk, "subjects-chosen")
    bulk.get_by_role("button", name="导出选中").click()
    desk.wait_for_url("**/jobs/**")
    expect(desk.locator("main")).to_contain_text("共 3 行", timeout=30_000)


def test_a_telephone_is_mended_in_the_list(desk: Page, watch: Watch) -> None:
    watch.allow("status of 422")
    desk.goto("/ledgers/coordinators/")
    row = desk.locator("main tbody tr").first
    name = row.locator("th").inner_text()
    row.get_by_role("link", name="编辑").click()
    phone = desk.get_by_label("联系电话")
    expect(phone).to_be_focused()
    examine_both(desk, "inline")
    phone.fill("123")
    phone.press("Enter")
    expect(desk.locator("form.inline-edit")).to_contain_text("不是有效的电话号码")
    expect(phone).to_have_value("123")
    phone.press("Escape")
    expect(row.locator("th")).to_have_text(name)
    expect(row.get_by_role("link", name="编辑")).to_be_focused()
    desk.keyboard.press("Enter")
    phone.fill("１３８ ０６３２ ００００")
    phone.press("Enter")
    expect(row).to_contain_text("13806320000")
    expect(row.get_by_role("link", name="编辑")).to_be_focused()
    desk.reload()
    expect(desk.locator("main tbody tr").first).to_contain_text("13806320000")
