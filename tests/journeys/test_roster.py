"""The yearly roster: choose beside the groundwork, watch the quota, confirm, change with a reason, print; what is behind it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Portal, Watch
from tests.journeys.looking import examine_both, press

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]
# The running demo year of 滕州市 is confirmed with three firms; the next year is empty.
YEAR = 2027


def test_choose_watch_the_quota_confirm_change_and_print(desk: Page, portal: Portal, watch: Watch) -> None:
    watch.allow("status of 422")
    desk.goto(f"/rosters/{YEAR}/")
    examine_both(desk, "roster-empty")
    desk.get_by_role("link", name="选取培育对象").click()

    # The quota follows the ticks before anything is sent.
    meter = desk.locator("[data-quota]", has_text="重点培育企业").first
    expect(meter.locator("[data-quota-gap]")).to_have_text("还差 4 个")
    boxes = desk.locator("main tbody input[type=checkbox]")
    for number in range(3):
        boxes.nth(number).check()
    expect(meter.locator("[data-quota-now]")).to_have_text("3")
    expect(meter.locator("[data-quota-gap]")).to_have_text("还差 1 个")
    boxes.nth(3).check()
    expect(meter.locator("[data-quota-gap]")).to_have_text("达到")
    boxes.nth(3).uncheck()
    examine_both(desk, "roster-choose")
    press(desk, "列入候选名单")

    # Confirmed with its number; three firms leave the target open, and the number opens what counted.
    expect(desk.locator("main")).to_contain_text("名单尚未确认")
    desk.get_by_label("名单文号").fill("滕人社字〔2027〕3号")
    press(desk, "确认名单")
    expect(desk.locator("main")).to_contain_text("名单已确认，第 1 版，滕人社字〔2027〕3号")
    examine_both(desk, "roster-confirmed")
    desk.locator("a.quota-value", has_text="3／4").click()
    expect(desk.locator("main")).to_contain_text("计入的（3 个）")
    examine_both(desk, "target-detail")

    # One more needs a reason; what was typed stays when it is too short.
    desk.goto(f"/rosters/{YEAR}/choose/")
    desk.locator("main tbody input[type=checkbox]").first.check()
    press(desk, "列入候选名单")
    desk.get_by_label("增补理由").fill("增补")
    press(desk, "确认增补")
    expect(desk.get_by_role("alert")).to_contain_text("请写明增补理由")
    expect(desk.get_by_label("增补理由")).to_have_value("增补")
    examine_both(desk, "roster-refused")
    desk.get_by_label("增补理由").fill("原名单少一家，增补")
    press(desk, "确认增补")
    expect(desk.locator("main")).to_contain_text("第 2 版")

    # Taking one off is a change too, in its own revision.
    desk.get_by_role("link", name=re.compile("^调出")).first.click()
    desk.get_by_label("调出理由").fill("企业整体迁出本市")
    press(desk, "调出名单")
    expect(desk.locator("main")).to_contain_text("第 3 版")
    expect(desk.locator("main")).to_contain_text("企业整体迁出本市")
    examine_both(desk, "roster-changed")

    desk.get_by_role("link", name="打印名单").click()
    expect(desk.locator(".roster-paper")).to_contain_text("未会签")
    expect(desk.locator(".roster-paper")).to_contain_text("原名单少一家，增补")
    examine_both(desk, "roster-paper")
    # On A4 nothing is cut at the right.
    desk.set_viewport_size({"width": 678, "height": 900})
    desk.emulate_media(media="print")
    tables = desk.locator(".roster-paper .table")
    widths = tables.evaluate_all("(all) => all.map((t) => [t.scrollWidth, t.parentElement.clientWidth])")
    assert widths and all(table <= room for table, room in widths)
    assert desk.locator(".roster-paper .sheet-table").count() == 1
    assert portal.query(
        "SELECT state, revision FROM cultivation_cultivationroster WHERE year_id = %s", YEAR
    ) == [("CONFIRMED", 3)]


def test_participation_targets_rehearsal_and_checks(desk: Page, watch: Watch) -> None:
    watch.allow("status of 422")
    desk.goto("/rosters/2026/")
    desk.get_by_role("link", name="参与创建覆盖").click()
    examine_both(desk, "coverage")
    missing = desk.get_by_role("link", name=re.compile(r"^未参与 \d+ 家"))
    count = int(re.search(r"\d+", missing.inner_text())[0])  # type: ignore[index]  # the pattern asks for it
    missing.click()
    expect(desk.locator("h1 small")).to_contain_text(f"{count} 家")
    examine_both(desk, "participation")
    press(desk, "登记符合条件的全部未参与企业")
    expect(desk.locator("main")).to_contain_text(f"已登记 {count} 家企业参与创建")

    desk.goto("/targets/?year=all")
    examine_both(desk, "five-years")
    desk.goto("/calendar/")
    desk.get_by_role("link", name="时限预演").click()
    desk.get_by_label("假定今天是").fill("下月")
    press(desk, "预演")
    expect(desk.get_by_role("alert")).to_be_visible()
    desk.get_by_label("假定今天是").fill("2026.11.28")
    press(desk, "预演")
    expect(desk.locator("main")).to_contain_text("剩 2 天")
    examine_both(desk, "rehearsal")
    desk.goto("/data-checks/")
    examine_both(desk, "data-checks")
    desk.goto("/pilots/")
    examine_both(desk, "pilots")
    desk.locator("main tbody th a").first.click()
    examine_both(desk, "pilot")
