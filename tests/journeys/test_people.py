"""Signing in and being managed: lock-out, first password, two capacities, a district's people, the auditor."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from reporting.demo.accounts import DEMO_PASSWORD
from tests.browser import Portal, Watch, sign_in
from tests.journeys.looking import DESK, examine, examine_both, press

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]
PASSWORD = "Haitang-Lvshu-77"


def try_to_sign_in(page: Page, username: str, password: str) -> None:
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(password)
    press(page, "登录")


def approved(office: Page, city: Page, name: str) -> tuple[str, str]:
    """The request the office looks at, approved by the city from its inbox: the halves each of them hands over."""
    first = office.locator("[id^=code-]").inner_text()
    city.get_by_role("link", name="待办", exact=False).first.click()
    city.locator("main table").get_by_role("link", name=re.compile(name)).click()
    expect(city.locator("[id^=code-]")).to_have_count(0)
    examine_both(city, "account-request-to-approve")
    press(city, re.compile(r"^\s*批准$"))
    second = city.locator("[id^=code-]").inner_text()
    examine_both(city, "account-request-approved")
    return first, second


def set_password(page: Page, first: str, second: str, password: str) -> None:
    page.goto("/activate/")
    page.locator("input[name=username]").fill("wang.xiaoli")
    page.locator("input[name=code]").fill(first)
    page.locator("input[name=second]").fill(second)
    page.locator("input[name=password1]").fill(password)
    page.locator("input[name=password2]").fill(password)
    press(page, "设置密码")


def test_wrong_passwords_lock_and_the_security_administrator_lifts(
    new_page: Callable[..., Page], watch: Watch
) -> None:
    watch.allow("status of 429")
    page = new_page(*DESK)
    page.goto("/profile/")
    expect(page.locator("h1")).to_have_text("登录")
    examine_both(page, "sign-in")
    try_to_sign_in(page, "tengzhou", "not the password")
    expect(page.locator("[data-error-summary]")).to_contain_text("用户名或密码不正确")
    expect(page.locator("input[name=login]")).to_have_value("tengzhou")
    examine_both(page, "sign-in-wrong")
    for _ in range(4):
        try_to_sign_in(page, "tengzhou", "not the password")
    expect(page.locator("h1")).to_have_text("暂时不能登录")
    expect(page.locator("main")).to_contain_text("15 分钟")
    examine_both(page, "locked")
    page.get_by_role("link", name="返回登录页").click()
    try_to_sign_in(page, "tengzhou", DEMO_PASSWORD)
    expect(page.locator("h1")).to_have_text("暂时不能登录")

    guard = new_page(*DESK)
    sign_in(guard, "anquan", DEMO_PASSWORD)
    guard.get_by_role("link", name="登录安全").click()
    examine_both(guard, "lockouts")
    press(guard, "解除 tengzhou 的锁定")
    expect(guard.locator("main")).to_contain_text("没有被锁定的账号")
    page.goto("/profile/")
    try_to_sign_in(page, "tengzhou", DEMO_PASSWORD)
    expect(page.locator("h1")).to_have_text("个人设置")


def test_a_person_from_creation_to_leaving(new_page: Callable[..., Page], watch: Watch) -> None:
    watch.allow("status of 422|status of 404|status of 403")
    office = new_page(*DESK)
    sign_in(office, "tengzhou", DEMO_PASSWORD)
    office.get_by_role("link", name="用户管理").click()
    examine_both(office, "users")
    office.get_by_role("link", name="新增用户").click()
    office.get_by_label("姓名").fill("王小丽")
    office.get_by_label("用户名").fill("Z!")
    office.get_by_label("手机号").fill("１３８ 0000 0001")
    press(office, "提交申请")
    expect(office.locator("[data-error-summary]")).to_be_focused()
    expect(office.get_by_label("姓名")).to_have_value("王小丽")
    examine_both(office, "user-errors")
    office.get_by_label("用户名").fill("wang.xiaoli")
    office.get_by_label("角色").select_option("TOWNSHIP_STAFF")
    unit = office.locator("select[name=organization] option", has_text="荆河街道").first
    office.get_by_label("单位", exact=False).first.select_option(value=unit.get_attribute("value"))
    press(office, "提交申请")
    expect(office.locator("main")).to_contain_text("等待第二人批准")
    examine_both(office, "account-request")

    # A second person: the city's office finds it in its inbox, approves, and hands over the other half.
    city = new_page(*DESK)
    sign_in(city, "shiban", DEMO_PASSWORD)
    first, second = approved(office, city, "王小丽")
    office.goto("/people/users/?q=wang.xiaoli")
    office.get_by_role("link", name="王小丽").click()
    detail = office.url
    examine_both(office, "user")

    # The person: a first password of one's own, then the portal. One half opens nothing.
    person = new_page(*DESK)
    set_password(person, first, "", PASSWORD)
    expect(person.locator("[data-error-summary]")).to_contain_text("不正确")
    set_password(person, first, second, "zaozhuang")
    expect(person.locator("[data-error-summary]")).to_contain_text("12")
    examine_both(person, "activate")
    set_password(person, first, second, PASSWORD)
    try_to_sign_in(person, "wang.xiaoli", PASSWORD)
    expect(person.locator("h1")).to_contain_text("工作台")
    examine_both(person, "workbench-township")
    stranger = new_page(*DESK)
    set_password(stranger, first, second, PASSWORD)
    expect(stranger.locator("[data-error-summary]")).to_contain_text("已使用或已过期")
    examine_both(stranger, "activation-used")

    # One's own data, 长辈版, and pages that are not there or not for everybody.
    person.goto("/profile/")
    person.get_by_label("手机号").fill("13800000002")
    press(person, "保存")
    examine_both(person, "profile")
    person.get_by_role("button", name="长辈版").click()
    expect(person.locator("html")).to_have_attribute("data-elder", "on")
    person.goto("/subjects/")
    expect(person.locator("html")).to_have_attribute("data-elder", "on")
    examine_both(person, "register-elder")
    person.get_by_role("button", name="标准版").click()
    person.goto("/subjects/999999/")
    expect(person.locator("h1")).to_contain_text("没有找到")
    examine_both(person, "404")
    person.goto("/audit/")
    expect(person.locator("h1")).to_contain_text("不能办理")
    examine_both(person, "403")

    # Reset: the open session ends at once, the old password is worth nothing. With a number of one's own the link would go
    # there at once; without one it takes two.
    person.goto("/profile/")
    person.get_by_label("手机号").fill("")
    press(person, "保存")
    expect(person.locator("main")).to_contain_text("已保存")
    office.goto(detail)
    office.get_by_role("link", name="重置登录").click()
    examine_both(office, "reset")
    office.get_by_label(re.compile("理由|说明")).fill("本人忘记密码")
    office.locator("main form button.btn-primary, main form button.btn-outline-danger").first.click()
    expect(office.locator("main")).to_contain_text("等待第二人批准")
    city.goto("/")
    first, second = approved(office, city, "王小丽")
    person.goto("/")
    expect(person.locator("h1")).to_have_text("登录")
    set_password(person, first, second, PASSWORD + "-2")
    try_to_sign_in(person, "wang.xiaoli", PASSWORD + "-2")
    expect(person.locator("h1")).to_contain_text("工作台")

    # Leaving.
    office.goto(detail)
    office.get_by_role("link", name="办理离岗").click()
    examine_both(office, "leaver")
    office.get_by_label(re.compile("理由|说明")).fill("调离本单位")
    office.locator("main form button.btn-outline-danger, main form button.btn-danger").first.click()
    expect(office.locator("main")).to_contain_text("已停用")
    person.goto("/")
    try_to_sign_in(person, "wang.xiaoli", "not the password")
    expect(person.locator("[data-error-summary]")).to_contain_text("用户名或密码不正确")
    try_to_sign_in(person, "wang.xiaoli", PASSWORD + "-2")
    expect(person.locator("h1")).to_have_text("账号已停用")

    auditor = new_page(*DESK)
    sign_in(auditor, "shenji", DEMO_PASSWORD)
    auditor.get_by_role("link", name="审计日志").click()
    expect(auditor.locator("main table")).to_contain_text("调离本单位")
    examine_both(auditor, "audit")
    auditor.get_by_label("用户", exact=True).fill("王区办")
    press(auditor, "查找")
    expect(auditor.locator("main table")).to_contain_text("王区办")
    expect(auditor.locator("main table")).not_to_contain_text("王小丽·")
    auditor.get_by_label("自", exact=True).fill("2026年13月5日")
    press(auditor, "查找")
    expect(auditor.locator(".page-summary")).to_contain_text("日期")
    examine(auditor, "audit-wrong-date")


def test_one_person_files_for_two_firms(new_page: Callable[..., Page], portal: Portal, watch: Watch) -> None:
    """An agent of two enterprises: the second claim joins the account; the header says for whom one acts."""
    watch.allow("status of 404")
    office = new_page(*DESK)
    sign_in(office, "tengzhou", DEMO_PASSWORD)
    mine = portal.query(
        "SELECT s.id, s.name FROM cultivation_subjectcontact c JOIN accounts_user u ON u.id = c.user_id"
        " JOIN cultivation_subject s ON s.id = c.subject_id WHERE u.username = 'qiye'"
    )
    first, first_name = mine[0]
    rows = portal.query(
        "SELECT id, name FROM cultivation_subject WHERE kind = 'ENTERPRISE' AND id <> %s AND managing_organization_id ="
        " (SELECT managing_organization_id FROM cultivation_subject WHERE id = %s) ORDER BY id LIMIT 1",
        first,
        first,
    )
    second, second_name = rows[0]
    office.goto(f"/subjects/{second}/contacts/")
    press(office, "生成认领码")
    examine_both(office, "claim-slip")
    link = office.locator("#claim-link").inner_text()

    agent = new_page(*DESK)
    sign_in(agent, "qiye", DEMO_PASSWORD)
    agent.goto(link)
    examine_both(agent, "claim")
    press(agent, "用现在的账号担任经办人")
    expect(agent.locator(".site-header details summary")).to_have_attribute(
        "aria-label", re.compile(re.escape(second_name) + "|" + re.escape(first_name))
    )
    agent.goto("/profile/capacity/")
    examine_both(agent, "capacities")
    other = agent.get_by_role("button", name="切换到此身份")
    wanted = agent.locator("main li", has=other).locator("span").first.inner_text()
    other.click()
    expect(agent.locator(".site-header details summary")).to_have_attribute(
        "aria-label", re.compile(re.escape(wanted))
    )
    acting, idle = (first, second) if first_name in wanted else (second, first)
    agent.goto(f"/subjects/{acting}/")
    expect(agent.locator("h1")).to_contain_text(wanted.split("·")[0])
    agent.goto(f"/subjects/{idle}/")
    expect(agent.locator("h1")).to_contain_text("没有找到")
