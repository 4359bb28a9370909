"""Each kind of page: no WCAG A/AA violation, no sideways scroll, big enough in 长辈版, nothing refused by the policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import Watch

PAGES = {
    "home": "/",
    "list": "/enterprises/?district=1",
    "no match": "/enterprises/?q=none",
    "form": "/enterprises/new/",
    "record": "/enterprises/1/",
    "task list": "/assessment/?as=contact",
    "section": "/assessment/section/?as=contact",
    "confirm": "/confirm/",
    "conflict": "/conflict/",
    "sign in": "/login-page/?as=nobody",
    "sign in failed": "/login-failed/?as=nobody",
    "not found": "/nowhere/",
    "help": "/help/?as=nobody",
    "keys": "/help/keys/",
    "accessibility": "/accessibility/",
    "privacy": "/privacy/",
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OpenPage = Callable[..., Page]


def expected_refusals(watch: Watch) -> None:
    watch.allow(r"status of (404|422)")


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits(name: str, elder: bool, open_page: OpenPage, watch: Watch) -> None:
    expected_refusals(watch)
    page = open_page(PAGES[name], elder=elder)
    for width in (1366, 768, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{name} at {width} px is {overflow} px too wide"
        if width in {1366, 360}:
            results = Axe().run(page, options=RULES)
            assert results.violations_count == 0, results.generate_report()


def test_elder_mode_sizes(open_page: OpenPage) -> None:
    """ux A5: body at least 20 px, smallest text at least 18 px, main buttons at least 60 px high."""
    page = open_page("/assessment/section/?as=contact", elder=True)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(e => e.childNodes.length && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
            .filter(e => e.offsetParent !== null && !e.closest('.visually-hidden, script, style, noscript'))
            .map(e => [parseFloat(getComputedStyle(e).fontSize), e.textContent.trim().slice(0, 20)])"""
    )
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20
    assert min(sizes)[0] >= 17.9, min(sizes)
    heights = page.evaluate(
        "[...document.querySelectorAll('.btn')].filter(b => b.offsetParent).map(b => b.offsetHeight)"
    )
    assert heights and min(heights) >= 59.9


def test_menu_follows_the_width(open_page: OpenPage) -> None:
    page = open_page("/enterprises/1/", width=1366)
    nav = page.get_by_role("navigation", name="主菜单")
    assert round(nav.bounding_box()["width"]) == 216
    assert nav.get_by_role("link", name="企业").get_attribute("aria-current") == "true"
    page.set_viewport_size({"width": 900, "height": 700})
    assert nav.is_hidden()
    page.get_by_text("菜单", exact=True).click()
    assert nav.is_visible()
    page.keyboard.press("Escape")
    assert nav.is_hidden()


def test_menu_opens_without_script(open_page: OpenPage) -> None:
    page = open_page("/enterprises/", width=900, script=False)
    page.get_by_text("菜单", exact=True).click()
    assert page.get_by_role("navigation", name="主菜单").is_visible()


def test_phone_bar_only_for_those_who_work_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/assessment/?as=contact", width=360)
    bar = page.get_by_role("navigation", name="常用功能")
    assert bar.get_by_role("link").all_inner_texts() == ["工作台", "待办", "自评", "材料库"]
    assert bar.get_by_role("link", name="自评").get_attribute("aria-current") == "page"
    page.goto("/?as=staff")
    assert page.get_by_role("navigation", name="常用功能").count() == 0


def test_every_text_link_and_button_is_reachable_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/enterprises/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到主要内容"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_badge_is_loaded_lazily(open_page: OpenPage) -> None:
    page = open_page("/")
    expect(page.locator(".nav-badge").first).to_have_text("5")
    assert page.evaluate("document.activeElement === document.body")


def test_print_leaves_menu_and_buttons_out(open_page: OpenPage) -> None:
    page = open_page("/enterprises/1/")
    page.emulate_media(media="print")
    assert page.locator(".site-header").is_hidden() and page.locator(".site-nav").is_hidden()
    assert (
        page.get_by_role("link", name="修改").count() == 0
        or page.get_by_role("link", name="修改").is_hidden()
    )
