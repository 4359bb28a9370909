"""§6: in both modes and at both usual widths a row can be read and acted on: what it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import Portal, Watch, settle
from tests.journeys.looking import assert_fits, someone

pytestmark = [pytest.mark.journey, pytest.mark.seed("reported")]
PLACES = {
    "tengzhou": (
        "/inbox/",
        "/reviews/",
        "/rosters/2026/",
        "/subjects/",
        "/plans/",
        "/work-items/",
        "/reports/",
    ),
    "shiban": ("/inbox/", "/reviews/", "/people/users/", "/years/"),
}
# Of every visible table: the width of the cell that names a row, and whether the acts of a row are in sight. In em.
MEASURE = """() => [...document.querySelectorAll("main .table-region > table")].filter(t => t.offsetParent).map(table => {
  const row = table.querySelector("tbody tr");
  const name = row && row.querySelector("th[scope=row]");
  if (!name) { return null; }
  const em = parseFloat(getComputedStyle(table).fontSize);
  const region = table.closest(".table-region").getBoundingClientRect();
  const last = row.lastElementChild, box = last.getBoundingClientRect();
  const acts = table.classList.contains("acts-last") && last.querySelector("a, button");
  return {
    label: table.caption ? table.caption.textContent : "",
    name: name.getBoundingClientRect().width / em,
    acts: !acts || (box.left >= region.left - 1 && box.right <= Math.min(innerWidth, region.right) + 1),
  };
}).filter(Boolean)"""


def switch_to_elder(page: Page) -> None:
    page.get_by_role("button", name="长辈版").click()
    page.wait_for_function("document.documentElement.dataset.elder === 'on'")


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
def test_the_name_and_the_acts_of_a_row_are_in_sight(
    elder: bool, new_page: Callable[..., Page], portal: Portal, watch: Watch
) -> None:
    problems = []
    for who, places in PLACES.items():
        page = someone(new_page, who)
        if elder:
            switch_to_elder(page)
        for place in places:
            page.goto(place)
            settle(page)
            for width in (1280, 1366):
                page.set_viewport_size({"width": width, "height": 768})
                assert_fits(page)
                found = page.evaluate(MEASURE)
                problems += [
                    f"{who} {place} {width}: {table}"
                    for table in found
                    if table["name"] < 6 or not table["acts"]
                ]
        # The entry of this page stands in the menu where it is seen.
        page.goto(places[-1])
        settle(page)
        assert page.evaluate(
            "() => { const r = document.querySelector('#site-nav [aria-current]').getBoundingClientRect();"
            " return r.top >= 0 && r.bottom <= innerHeight; }"
        ), (who, places[-1])
    assert not problems, "\n".join(problems)


def test_the_head_of_a_phone_in_elder_mode_stays_as_high_as_it_was(
    new_page: Callable[..., Page], portal: Portal, watch: Watch
) -> None:
    page = someone(new_page, "qiye")
    switch_to_elder(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => {"
        " window.firstHeight = document.querySelector('.site-header').getBoundingClientRect().height; });"
    )
    page.goto("/")
    settle(page)
    page.wait_for_function("document.querySelector('.site-badges').children.length > 0")
    before = page.evaluate("window.firstHeight")
    after = page.evaluate("document.querySelector('.site-header').getBoundingClientRect().height")
    assert before == after <= 140
    assert_fits(page)
