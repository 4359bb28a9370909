"""A subject renamed, merged and moved; a leaver's work handed over; a stamped report of a past year filed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reporting.demo.accounts import DEMO_PASSWORD
from reporting.demo.assessments import picture
from tests.browser import Portal, Watch, sign_in
from tests.journeys.looking import DESK, examine_both, press

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]


@pytest.fixture
def open_as(new_page: Callable[..., Page]) -> Callable[[str], Page]:
    def sign(user: str) -> Page:
        page = new_page(*DESK)
        sign_in(page, user, DEMO_PASSWORD)
        return page

    return sign


def of_shown(portal: Portal, number: int) -> tuple[int, str, str]:
    """(pk, name, code) of an enterprise of 滕州市 with records."""
    rows = portal.query(
        "select s.id, s.name, s.credit_code from cultivation_subject s"
        " join accounts_organization o on o.id = s.managing_organization_id"
        " join cultivation_enrollment e on e.subject_id = s.id"
        " where o.code = '370481' and s.kind = 'ENTERPRISE' and e.year_id = 2024 order by s.id"
    )
    return rows[number]


def act(page: Page, words: str) -> None:
    """Choose an act from 更多办理."""
    page.locator("summary", has_text="更多办理").click()
    page.get_by_role("link", name=words, exact=True).click()


def test_rename_merge_and_move(portal: Portal, open_as: Callable[[str], Page], watch: Watch) -> None:
    watch.allow("status of 422")
    desk = open_as("tengzhou")
    pk, name, _ = of_shown(portal, 0)
    other_pk, other, other_code = of_shown(portal, 1)

    # Every tab of the record stands, at a desk and on a phone.
    desk.goto(f"/subjects/{pk}/")
    examine_both(desk, "subject")
    for tab in ("结对与联系", "服务", "培训", "自评", "材料", "动态"):
        desk.get_by_role("navigation", name="档案栏目").get_by_role("link", name=tab).click()
        examine_both(desk, f"subject-{tab}")

    # Renamed: too short a reason is refused, what was typed stays.
    desk.goto(f"/subjects/{pk}/")
    act(desk, "更名")
    desk.get_by_label("新名称").fill(f"{name[:4]}新材料有限公司")
    desk.get_by_label("更名原因").fill("变")
    press(desk, "更名")
    expect(desk.get_by_label("新名称")).to_have_value(f"{name[:4]}新材料有限公司")
    examine_both(desk, "rename-refused")
    desk.get_by_label("更名原因").fill("营业执照变更登记")
    press(desk, "更名")
    expect(desk.locator("main")).to_contain_text("曾用名")
    expect(desk.locator("main")).to_contain_text(name)

    # A duplicate merged: both shown first, then its visits stand here.
    act(desk, "并入重复档案")
    desk.get_by_label("重复的档案").fill(other_code)
    desk.get_by_label("合并原因").fill("同一企业重复建档")
    press(desk, "核对后合并")
    expect(desk.locator("main")).to_contain_text(other)
    # Two credit codes are probably two legal persons: asked, and the answer is kept.
    expect(desk.locator("main")).to_contain_text("很可能是两个法人")
    press(desk, "确认合并")
    expect(desk.locator("[data-error-summary]")).to_contain_text("请选择属于哪种情况")
    examine_both(desk, "merge-confirm")
    desk.get_by_label("同一企业，其中一个代码录错").check()
    press(desk, "确认合并")
    expect(desk.locator("main")).to_contain_text("已转入")
    desk.goto(f"/subjects/{other_pk}/")
    expect(desk.locator("main")).to_contain_text("只供查阅")
    expect(desk.get_by_text("更多办理")).to_have_count(0)
    examine_both(desk, "subject-merged")

    # Moved: asked by the one district, accepted by the other; the first one only reads what it did.
    desk.goto(f"/subjects/{pk}/")
    act(desk, "申请划转")
    desk.get_by_label("划入区（市）").select_option(label="薛城区")
    desk.get_by_label("划转理由").fill("注册地址迁入薛城区")
    press(desk, "提交划转申请")
    examine_both(desk, "transfers")
    taker = open_as("q370403")
    taker.goto("/transfers/")
    taker.get_by_role("link", name="接收").click()
    examine_both(taker, "transfer-accept")
    press(taker, "接收")
    expect(taker.locator("main")).to_contain_text("已划转至薛城区")
    desk.goto(f"/subjects/{pk}/")
    expect(desk.locator("main")).to_contain_text("现由薛城区管理")
    expect(desk.get_by_role("link", name="修改档案")).to_have_count(0)


def test_a_leavers_work_is_handed_over(portal: Portal, open_as: Callable[[str], Page], watch: Watch) -> None:
    watch.allow("status of 422")
    desk = open_as("tengzhou")
    desk.get_by_role("link", name="交接").click()
    examine_both(desk, "handovers")
    desk.get_by_role("link", name="办理交接").click()
    leaver = portal.query("select id from accounts_user where username = 'zhidaoyuan'")[0][0]
    desk.get_by_label("移交人").select_option(str(leaver))
    expect(desk.locator("main")).to_contain_text("结对")
    desk.get_by_label("接收人").select_option(label="赵成员（tengzhou2）")
    # The firms under 定点联系 need somebody on the register of instructors: they stay, and it is said before and after.
    expect(desk.locator("main")).to_contain_text("不能移交，仍留在")
    expect(desk.locator("main")).to_contain_text("专职指导员名册")
    examine_both(desk, "handover-plan")
    desk.get_by_label("交接原因").fill("调")
    press(desk, "确认交接")
    expect(desk.locator("[data-error-summary]")).to_contain_text("至少5个字")
    examine_both(desk, "handover-refused")
    desk.get_by_label("交接原因").fill("工作调动离岗")
    press(desk, "确认交接")
    expect(desk.locator("h1")).to_contain_text("交接回执")
    expect(desk.locator("main")).to_contain_text("未移交，仍在")
    examine_both(desk, "handover-receipt")
    desk.get_by_role("link", name="登记为集体协商专职指导员").click()
    expect(desk.get_by_label("账号")).to_contain_text("赵成员")


def test_a_stamped_report_of_a_past_year(
    portal: Portal, open_as: Callable[[str], Page], tmp_path: Path
) -> None:
    scan = tmp_path / "盖章件.png"
    scan.write_bytes(picture("盖章件").read())
    desk = open_as("tengzhou")
    desk.goto("/reports/?year=2024")
    desk.get_by_role("link", name="补录盖章件").click()
    desk.get_by_label("报送日期").fill("2024.11.28")
    desk.get_by_label("文号（来源）").fill("滕劳三方〔2024〕9号")
    desk.get_by_label("盖章件扫描件").set_input_files(scan)
    examine_both(desk, "backfill")
    press(desk, "补录报告")
    expect(desk.locator("main")).to_contain_text("以纸质盖章件为准")
    expect(desk.locator("main")).to_contain_text("盖章件.png")
    examine_both(desk, "backfilled-report")
    desk.goto("/reports/?year=2024")
    # Entered by the district; whether it was received is for the city to say.
    expect(desk.locator("main")).to_contain_text("已报送（补录，待市级接收）")
