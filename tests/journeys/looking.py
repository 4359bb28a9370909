"""Sitting down at the portal and looking at a page as a person does: nothing sideways, nothing axe objects to.

PORTAL_PICTURES=folder keeps a picture of every page looked at.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from reporting.demo.accounts import DEMO_PASSWORD
from tests.browser import assert_accessible, settle, sign_in

DESK = (1366, 900)
PHONE = (360, 780)
_numbers = itertools.count(1)


def someone(new_page: Callable[..., Page], username: str) -> Page:
    """A person of the demo city, signed in at a desk."""
    page = new_page(*DESK)
    sign_in(page, username, DEMO_PASSWORD)
    return page


def press(page: Page, words: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=words).click()


def assert_fits(page: Page) -> None:
    """The page itself never scrolls sideways (ux E5)."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the window"


def examine(page: Page, name: str = "") -> Page:
    """The page as it stands now."""
    settle(page)
    if folder := os.environ.get("PORTAL_PICTURES"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        path = Path(folder) / f"{next(_numbers):02d}-{name or 'page'}-{width}.png"
        page.screenshot(path=path, full_page=True)
    assert_accessible(page)
    assert_fits(page)
    return page


def examine_both(page: Page, name: str = "") -> Page:
    """The page as it stands, first in its own width, then as narrow as a phone, without loading it again."""
    examine(page, name)
    before = page.viewport_size or {"width": DESK[0], "height": DESK[1]}
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    examine(page, name)
    page.set_viewport_size(before)
    return page
