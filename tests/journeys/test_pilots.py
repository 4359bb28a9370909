"""An industry pilot with its firms and what it reached; a visit recorded without touching the mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Portal, Watch, settle
from tests.journeys.looking import examine_both, press

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]


def test_a_pilot_gets_its_firms_and_its_proof(desk: Page, watch: Watch) -> None:
    watch.allow("status of 422")
    desk.get_by_role("link", name="行业试点").first.click()
    examine_both(desk, "pilots")
    desk.locator("main tbody a").first.click()
    settle(desk)
    pilot = desk.url
    desk.get_by_role("link", name="粘贴企业名单").click()
    desk.locator("textarea[name=text]").fill("滕州新星试制有限公司\n91370481MA00000009\n")
    press(desk, "加入试点行业企业")
    expect(desk.get_by_role("alert")).to_contain_text("第 2 行")
    expect(desk.locator("textarea[name=text]")).to_have_value(re.compile("91370481MA00000009"))
    examine_both(desk, "pilot-firms-wrong")
    desk.goto(pilot)
    expect(desk.locator("[aria-labelledby=h-members]")).to_contain_text("滕州新星试制有限公司 未建档")

    desk.get_by_role("link", name="登记进展").click()
    desk.locator("[name=happened_on]").fill("2026年9月1日")
    desk.get_by_label("类别").select_option(label="进展")
    desk.get_by_label("标题").fill("行业集体合同续签")
    desk.get_by_label("内容").fill("覆盖四家企业，工资集体协商每年一次。")
    desk.get_by_label("协商协调成效明显").check()
    press(desk, re.compile("^保存试点"))
    expect(desk.locator("h1")).to_contain_text("行业集体合同续签")
    examine_both(desk, "pilot-progress")
    desk.goto(pilot)
    expect(desk.locator("[aria-labelledby=h-progress]")).to_contain_text("行业集体合同续签")
    examine_both(desk, "pilot")


def tab_to(page: Page, selector: str, most: int = 120) -> None:
    """Tab until something that matches has the focus, as somebody without a mouse does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")


def test_a_visit_by_keyboard_alone(desk: Page, portal: Portal, watch: Watch) -> None:
    watch.allow("status of 422")
    before = portal.query("SELECT count(*) FROM cultivation_guidancevisit")[0][0]
    tab_to(desk, "main a[href='/visits/new/']")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/visits/new/")
    tab_to(desk, "main .pick")
    desk.keyboard.press("Enter")
    desk.wait_for_url(re.compile(r"/visits/new/\d+/"))
    tab_to(desk, "[name=topic]")
    desk.keyboard.type("劳动合同签订规范")
    tab_to(desk, "[name=advice]")
    desk.keyboard.type("一周内补签两份合同")
    desk.keyboard.press("Control+s")
    expect(desk.locator("[data-error-summary]")).to_contain_text("不在该对象任何一段结对期内")
    desk.keyboard.press("Control+s")
    desk.wait_for_url(re.compile(r"/ledgers/visits/\d+/"))
    expect(desk.locator("main")).to_contain_text("一周内补签两份合同")
    assert portal.query("SELECT count(*) FROM cultivation_guidancevisit")[0][0] == before + 1
    # Undo without the mouse too: out of the list, and back in.
    tab_to(desk, "main a[href$='/remove/'], main form[action$='/remove/'] button")
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    expect(desk.locator("main")).to_contain_text("撤销")
    tab_to(desk, "main form[action$='/restore/'] button")
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    assert (
        portal.query("SELECT count(*) FROM cultivation_guidancevisit WHERE removed_at IS NULL")[0][0]
        == before + 1
    )
