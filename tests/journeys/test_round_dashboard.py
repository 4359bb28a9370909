"""The city opens a round's dashboard, a number's list, prints one page; a district sees its own; in both widths."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Portal
from tests.journeys.looking import examine_both, someone

pytestmark = pytest.mark.journey


def test_the_dashboard_leads_to_its_lists_and_prints_on_one_page(
    new_page: Callable[..., Page], portal: Portal
) -> None:
    [(pk,)] = portal.query(
        "SELECT id FROM evaluation_spotcheckround WHERE state = 'DRAWN' ORDER BY year_id DESC, batch LIMIT 1"
    )
    path = f"/spot-checks/{pk}/"

    city = someone(new_page, "shiban")
    city.goto(f"{portal.url}{path}")
    table = city.get_by_role("region", name="各区（市）抽查整改情况")
    row = table.get_by_role("row", name=re.compile("^滕州市"))
    expect(row).to_contain_text(re.compile("正常|滞后"))
    examine_both(city, "round-dashboard")
    pages = city.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pages)) == 1, "one A4 page"
    due = row.get_by_role("link", name=re.compile("滕州市应查"))
    count = re.match(r"\d+", due.inner_text())
    assert count
    due.click()
    expect(city.locator("h1")).to_contain_text(f"{count[0]} 项")
    expect(city.locator("main tbody tr")).to_have_count(int(count[0]))
    examine_both(city, "round-items")
    city.goto(f"{portal.url}/spot-checks/years/")
    expect(city.locator("main")).to_contain_text("口径变化")
    examine_both(city, "round-years")

    district = someone(new_page, "tengzhou")
    district.goto(f"{portal.url}{path}")
    expect(district.get_by_role("heading", name=re.compile("要办的"))).to_be_visible()
    expect(district.locator("main")).not_to_contain_text("薛城区")
    examine_both(district, "round-district")
