"""An office sees what waits for it, does one thing, goes to the next, gives one away, and reminds a member unit."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Watch, settle
from tests.journeys.looking import examine_both, someone

pytestmark = [pytest.mark.journey, pytest.mark.seed("reported")]


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()
    settle(page)


def test_an_office_works_through_its_inbox(new_page: Callable[..., Page], watch: Watch) -> None:
    watch.allow("status of 422")
    desk = someone(new_page, "tengzhou")
    desk.get_by_role("link", name="全部待办").click()
    settle(desk)
    total = int(re.sub(r"\D", "", desk.locator("h1 small").inner_text()))
    rows = desk.locator("main tbody tr")
    expect(rows).to_have_count(total)
    expect(desk.locator("#site-nav .nav-badge").first).to_have_text(str(total))
    examine_both(desk, "inbox")

    # Only what is overdue; two follow-ups are, and the address says so.
    desk.get_by_label("期限").select_option(label="只看超期")
    settle(desk)
    expect(desk).to_have_url(re.compile("late=1"))
    desk.get_by_label("事项").select_option(label="已逾期的指导服务跟进（2）")
    settle(desk)
    expect(rows).to_have_count(2)

    # The first is done; the message leads to the second, which is given to a colleague.
    desk.get_by_role("link", name=re.compile("^办理")).first.click()
    settle(desk)
    first = desk.locator("h1").inner_text()
    desk.get_by_label("跟进情况").fill("已补签集体合同")
    desk.locator("main form button[type=submit], main form input[type=submit]").first.click()
    settle(desk)
    expect(desk.locator("#messages")).to_contain_text("返回待办")
    examine_both(desk, "inbox-done-one")
    desk.get_by_role("link", name="下一项待办").click()
    settle(desk)
    expect(desk.locator("h1")).not_to_have_text(first)
    desk.get_by_role("link", name="转办").click()
    settle(desk)
    examine_both(desk, "reassign")
    press(desk, "转办")
    expect(desk.locator("[data-error-summary]")).to_contain_text("转给")
    desk.get_by_label("转给").select_option(label="赵成员（tengzhou2）")
    desk.get_by_label("说明").fill("请工会跟进")
    press(desk, "转办")
    expect(desk.locator("#messages")).to_contain_text("已转给赵成员")
    desk.get_by_role("link", name="返回待办").click()
    settle(desk)
    expect(desk.locator("main")).to_contain_text("没有符合条件的待办")
    desk.get_by_role("link", name="已办", exact=True).click()
    settle(desk)
    expect(desk.locator("main tbody tr").first).to_contain_text("转办")
    examine_both(desk, "inbox-acted")

    # What waits for others: two units are reminded at once, a second time is refused for a day.
    desk.get_by_role("link", name="我发起的", exact=True).click()
    settle(desk)
    desk.get_by_label("事项").select_option(label="会签培育名单")
    settle(desk)
    examine_both(desk, "inbox-sent")
    for name in ("滕州市总工会", "滕州市工商业联合会"):
        desk.get_by_role("checkbox", name=re.compile(name)).check()
    expect(desk.locator("[data-bulk-count]")).to_have_text("2")
    press(desk, "催办选中")
    expect(desk.locator("main")).to_contain_text(re.compile("将催办 1 项，跳过 1 项"))
    examine_both(desk, "remind")
    press(desk, "确认催办")
    expect(desk.locator("#messages")).to_contain_text("已催办 1 项")
    expect(desk.get_by_role("row", name=re.compile("会签培育名单.*总工会"))).to_contain_text("已催办 1 次")
    row = desk.get_by_role("row", name=re.compile("会签培育名单.*总工会"))
    row.get_by_role("link", name=re.compile("^催办")).click()
    settle(desk)
    expect(desk.locator("main")).to_contain_text("24 小时内已催办")
    for name in ("drafts", "notices"):
        desk.goto(f"/inbox/{name}/")
        examine_both(desk, f"inbox-{name}")

    # The member unit finds both in its inbox.
    union = someone(new_page, "tengzhou2")
    union.goto("/notifications/")
    expect(union.locator("main")).to_contain_text("催办：会签培育名单")
    expect(union.locator("main")).to_contain_text("转给您")
    union.goto("/inbox/")
    expect(union.get_by_role("row", name=re.compile("会签培育名单"))).to_contain_text("已催办 1 次")
    expect(union.get_by_role("row", name=re.compile("办结指导服务跟进"))).to_be_visible()


def test_the_city_returns_a_plan_with_a_phrase_and_reminds_late_districts(
    new_page: Callable[..., Page], watch: Watch
) -> None:
    watch.allow("status of 422")
    city = someone(new_page, "shiban")
    city.goto("/inbox/?kind=plans_submitted")
    examine_both(city, "inbox-city")
    city.get_by_role("link", name=re.compile("^办理")).first.click()
    settle(city)
    city.get_by_role("link", name="退回修改").click()
    settle(city)
    city.get_by_label("退回理由").fill("改")
    press(city, "退回修改")
    expect(city.locator("[data-error-summary]")).to_contain_text("至少5个字")
    city.get_by_label("退回理由").fill("")
    expect(city.get_by_role("checkbox")).to_have_count(0)
    city.get_by_role("button", name="请补齐方案缺少的内容。").click()
    expect(city.get_by_label("退回理由")).to_have_value("请补齐方案缺少的内容。")
    examine_both(city, "plan-return-phrases")
    press(city, "退回修改")
    expect(city.get_by_role("link", name="下一项待办")).to_be_visible()

    city.goto("/reports/")
    city.get_by_role("link", name="催办未报送的区（市）").click()
    settle(city)
    city.get_by_role("checkbox", name="选中本页全部").check()
    press(city, "催办选中")
    examine_both(city, "remind-city")
    press(city, "确认催办")
    expect(city.locator("#messages")).to_contain_text("已催办")
    city.goto("/reports/")
    expect(city.get_by_role("row", name=re.compile("滕州市"))).to_contain_text("已催办 1 次")
    examine_both(city, "reports-reminded")
