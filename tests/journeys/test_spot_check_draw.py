"""J7 (ux §10): the office plans a round, draws it in public and sends the teams, each sitting in at most five clicks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import Portal, Watch
from tests.journeys.looking import examine_both, someone

pytestmark = [pytest.mark.journey, pytest.mark.seed("reported")]

DIGITS = {"HRSS": "271828", "TRADE_UNION_FEDERATION": "161803", "ENTERPRISE_CONFEDERATION": "141421"}
LAST = ("FEDERATION_OF_INDUSTRY_AND_COMMERCE", "577215")
MOST_CLICKS = 5


class Sitting:
    """Counts what is pressed from the workbench on; typing is no click."""

    def __init__(self, page: Page, portal: Portal) -> None:
        self.page, self.clicks = page, 0
        page.goto(f"{portal.url}/")

    def press(self, target: Locator, heading: str) -> None:
        target.click()
        self.clicks += 1
        expect(self.page.locator("h1")).to_contain_text(heading)

    def link(self, words: str | re.Pattern[str], heading: str) -> None:
        self.press(self.page.get_by_role("link", name=words).first, heading)

    def button(self, words: str | re.Pattern[str], heading: str) -> None:
        self.press(self.page.get_by_role("button", name=words), heading)


def _commit(page: Page, digits: str) -> str:
    """人社 commits on this device: only the hash is sent. Returns what was told to be noted down."""
    page.locator("#commit-digits").fill("１２ab")
    page.get_by_role("button", name="生成承诺值").click()
    expect(page.locator("[data-commit-told]")).to_contain_text("数字只能是")
    page.locator("#commit-digits").fill(digits)
    page.get_by_role("button", name="生成承诺值").click()
    told = page.locator("[data-commit-told]")
    expect(told).to_contain_text("随机串")
    found = re.search(r"随机串\s*([0-9a-f]{32})", told.inner_text())
    assert found and re.fullmatch("[0-9a-f]{64}", page.locator("#id_commitment").input_value())
    examine_both(page, "commit")
    return found[1]


def test_the_office_plans_draws_and_sends_in_five_clicks_each(
    new_page: Callable[..., Page], portal: Portal, watch: Watch
) -> None:
    watch.allow("status of 422")  # a nonce that is not the one noted down
    office = someone(new_page, "shiban")
    plan = Sitting(office, portal)
    plan.link("抽查整改", "抽查")
    examine_both(office, "rounds")
    plan.link("新建抽查批次", "新建抽查批次")
    examine_both(office, "plan")
    plan.button("保存抽查方案", "抽查对象名录")
    examine_both(office, "population-planned")
    plan.link("冻结名录", "冻结名录")
    examine_both(office, "freeze")
    plan.button("冻结名录", "抽查对象名录")
    expect(office.locator("main")).to_contain_text("名录已冻结")
    assert plan.clicks <= MOST_CLICKS
    examine_both(office, "population")

    # Beside the way: one seat commits before.
    office.get_by_role("link", name="公开抽取").click()
    office.get_by_role("link", name="登记承诺值").click()
    nonce = _commit(office, DIGITS["HRSS"])
    office.get_by_role("button", name="登记承诺值").click()
    expect(office.locator("main")).to_contain_text("已登记承诺值")

    draw = Sitting(office, portal)
    draw.link("抽查整改", "抽查")
    draw.link(re.compile("第2批"), "第2批")
    examine_both(office, "round-frozen")
    draw.link("公开抽取", "公开抽取")
    for seat, digits in (*DIGITS.items(), LAST):
        office.locator(f"#id_{seat}-speaker").fill("宣读人")
        office.locator(f"#id_{seat}-digits").fill(digits)
    office.locator("#id_HRSS-nonce").fill("0" * 32)
    office.get_by_role("button", name="核对种子").click()
    expect(office.locator("main")).to_contain_text("算不出先前的承诺值")
    assert office.locator("#id_HRSS-digits").input_value() == DIGITS["HRSS"], "nothing typed is lost"
    office.locator("#id_HRSS-nonce").fill(nonce)
    examine_both(office, "draw")
    draw.button("核对种子", "确认种子")
    expect(office.locator("main")).to_contain_text("".join((*DIGITS.values(), LAST[1])))
    examine_both(office, "draw-confirm")
    draw.button("抽取", "抽取次序")
    assert draw.clicks <= MOST_CLICKS
    examine_both(office, "order")

    # From the order that has just appeared.
    office.get_by_role("link", name="派检查组").click()
    expect(office.locator("h1")).to_contain_text("检查组")
    office.get_by_role("button", name=re.compile("派检查组")).click()
    expect(office.locator("main")).to_contain_text(re.compile(r"已派 \d+ 个检查组"))
    examine_both(office, "teams")
    office.goto(f"{portal.url}/spot-checks/")
    office.get_by_role("link", name=re.compile("第2批")).click()
    examine_both(office, "round-drawn")
    office.get_by_role("link", name="抽取记录").click()
    examine_both(office, "minutes")
