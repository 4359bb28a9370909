"""The city opens a round's dashboard, a number's list, prints one page; a district sees its own; in both widths."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Portal
from tests.journeys.looking import examine_both, someone

pytestmark = pytest.mark.journey

# A drawn round over the demo city: concluded, told, with findings ordered, closed and overdue at 滕州市 and 薛城区.
DRAWN = """
from datetime import date, timedelta
from cultivation.models import Subject
from evaluation.enums import CheckState, Conclusion, RectificationState as R
from tests.evaluation.spot_checks.dashboard_builders import concluded, found_line, order
from tests.evaluation.spot_checks.team_builders import a_team, drawn_check, drawn_round
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Membership, Organization
from zaozhuang_portal.accounts.actors import Actor, list_capacities
user = Membership.objects.filter(role="CITY_OFFICE").first().user
office = Actor(user=user, capacity=list_capacities(user)[0])
held = drawn_round(batch=9, title="看板批次")
for place in Organization.objects.filter(level=Level.DISTRICT).order_by("code"):
    if place.code in ("370481", "370403"):
        check = concluded(held, place)
        order(found_line(check, "DC01", office), R.CLOSED)
        order(found_line(check, "DC02", office), R.IN_PROGRESS, due_on=date.today() - timedelta(days=2))
    else:
        a_team(drawn_check(held, place, state=CheckState.NOTIFIED))
    for subject in Subject.objects.filter(managing_organization=place)[:2]:
        concluded(held, subject, Conclusion.QUALIFIED)
print("ROUND", held.pk)
"""


def test_the_dashboard_leads_to_its_lists_and_prints_on_one_page(
    new_page: Callable[..., Page], portal: Portal
) -> None:
    made = re.search(r"ROUND (\d+)", portal.manage("shell", "-c", DRAWN))
    assert made
    path = f"/spot-checks/{made[1]}/"

    city = someone(new_page, "shiban")
    city.goto(f"{portal.url}{path}")
    table = city.get_by_role("region", name="各区（市）抽查整改情况")
    row = table.get_by_role("row", name=re.compile("^滕州市"))
    expect(row).to_contain_text("严重滞后")
    examine_both(city, "round-dashboard")
    pages = city.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pages)) == 1, "one A4 page"
    row.get_by_role("link", name=re.compile("^3.*应查")).click()
    expect(city.locator("h1")).to_contain_text("3 项")
    examine_both(city, "round-items")
    city.go_back()
    row.get_by_role("link", name=re.compile("^1.*逾期")).click()
    expect(city.locator("main")).to_contain_text("事项DC02")
    city.goto(f"{portal.url}/spot-checks/years/")
    expect(city.locator("main")).to_contain_text("第9批")
    examine_both(city, "round-years")

    district = someone(new_page, "tengzhou")
    district.goto(f"{portal.url}{path}")
    expect(district.locator("main")).to_contain_text("整改：事项DC02")
    expect(district.locator("main")).not_to_contain_text("薛城区")
    examine_both(district, "round-district")
