"""The district writes its plan, the city gives it back and takes it, the parties countersign; a body and a task beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import Watch
from tests.journeys.looking import examine_both, someone

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def test_plan_from_the_first_draft_to_the_signatures(
    new_page: Callable[..., Page], watch: Watch, tmp_path: Path
) -> None:
    watch.allow("status of 422")
    desk = someone(new_page, "tengzhou")
    desk.get_by_role("link", name="工作方案").first.click()
    examine_both(desk, "plans")
    desk.get_by_role("link", name="拟订2027年度工作方案").click()

    # Last year's plan as a start, two parts still to be written: both are named.
    desk.get_by_role("link", name=re.compile("为底稿")).click()
    expect(desk.get_by_label("培育方式")).not_to_be_empty()
    desk.get_by_label("时间安排").fill("")
    desk.get_by_label("责任分工").fill("")
    examine_both(desk, "plan-new")
    press(desk, "保存方案")
    expect(desk.locator("main")).to_contain_text("还缺 2 项：时间安排、责任分工")
    plan = desk.url
    examine_both(desk, "plan-draft")

    # Handing in with gaps takes a second word.
    desk.get_by_role("link", name="报送", exact=True).click()
    press(desk, "报送")
    expect(desk.locator("[data-error-summary]")).to_contain_text("时间安排、责任分工")
    examine_both(desk, "plan-submit")
    desk.get_by_label("仍要报送").check()
    press(desk, "报送")
    expect(desk.locator("h1")).to_contain_text("已报送")

    # The city gives it back with a reason that can be acted on.
    city = someone(new_page, "shiban")
    city.goto("/plans/?year=2027")
    expect(city.locator("main .notice")).to_contain_text("尚未报送")
    expect(city.get_by_role("row", name="滕州市")).to_contain_text("责任分工")
    examine_both(city, "plans-city")
    city.get_by_role("link", name="打开滕州市2027年度工作方案").click()
    city.get_by_role("link", name="退回修改").click()
    city.get_by_label("退回理由").fill("缺")
    press(city, "退回修改")
    expect(city.locator("[data-error-summary]")).to_contain_text("5")
    expect(city.get_by_label("退回理由")).to_have_value("缺")
    examine_both(city, "plan-return")
    city.get_by_label("退回理由").fill("请补充时间安排和责任分工")
    press(city, "退回修改")
    expect(city.locator("h1")).to_contain_text("退回修改")

    # Mended and handed in again.
    desk.goto("/notifications/")
    expect(desk.locator("main")).to_contain_text("退回2027年度工作方案")
    desk.goto(plan)
    expect(desk.locator("main")).to_contain_text("请补充时间安排和责任分工")
    desk.get_by_role("link", name="报送", exact=True).click()
    expect(desk.locator("main .notice")).to_contain_text("退回后未作修改")
    press(desk, "报送")
    expect(desk.locator("[data-error-summary]")).to_contain_text("退回后未作修改，仍要报送吗")
    examine_both(desk, "plan-submit-unchanged")
    desk.get_by_role("link", name="去修改方案").click()
    desk.get_by_label("时间安排").fill("一季度确定名单，十一月底前总结。")
    desk.get_by_label("责任分工").fill("人社部门牵头，各方分工负责。")
    press(desk, "保存方案")
    expect(desk.locator("main")).to_contain_text("六项内容齐全")
    desk.get_by_role("link", name="报送", exact=True).click()
    press(desk, "报送")
    city.goto(plan)
    city.get_by_role("link", name="接收", exact=True).click()
    press(city, "接收")
    expect(city.locator("h1")).to_contain_text("已接收")

    # 总工会 signs online; what was typed survives the refusal.
    union = someone(new_page, "tengzhou2")
    union.goto(plan)
    union.get_by_role("link", name="会签", exact=True).click()
    union.get_by_label("保留意见").check()
    press(union, "提交会签意见")
    expect(union.locator("[data-error-summary]")).to_contain_text("说明")
    expect(union.get_by_label("保留意见")).to_be_checked()
    examine_both(union, "countersign-error")
    union.get_by_label("说明").fill("建议落实培训经费")
    press(union, "提交会签意见")
    expect(union.get_by_role("row", name=re.compile("滕州市总工会"))).to_contain_text("建议落实培训经费")
    examine_both(union, "countersign-online")

    # The plan is given back and changed after the signature: the seat says what, its unit has it to do again.
    city.goto(plan)
    city.get_by_role("link", name="退回修改").click()
    city.get_by_label("退回理由").fill("请写明培训经费")
    press(city, "退回修改")
    desk.goto(plan)
    desk.get_by_role("link", name="修改方案").click()
    desk.get_by_label("组织实施").fill("成立专班，落实培训经费。")
    press(desk, "保存方案")
    expect(desk.get_by_role("row", name=re.compile("滕州市总工会"))).to_contain_text("修改：组织实施")
    examine_both(desk, "plan-signed-before")
    union.goto("/inbox/")
    examine_both(union, "inbox-sign-again")
    union.get_by_role("row", name=re.compile("会签后有修改")).get_by_role("link").first.click()
    expect(union.locator("main")).to_contain_text("修改：组织实施")
    examine_both(union, "countersign-again")
    press(union, "确认修改")
    expect(union.get_by_role("row", name=re.compile("滕州市总工会"))).to_contain_text("已会签")
    union.goto("/inbox/")
    expect(union.get_by_role("row", name=re.compile("会签后有修改"))).to_have_count(0)

    # 人社局 signed on paper: the scan first, then 代录.
    desk.goto(plan)
    desk.get_by_role("link", name="会签详情").click()
    desk.get_by_role("link", name="代录线下会签").click()
    desk.get_by_label("签署人").fill("李局长")
    desk.get_by_label("签署日期").fill("2026.11.1")
    press(desk, "代录会签意见")
    expect(desk.locator("[data-error-summary]")).to_contain_text("扫描件")
    scan = tmp_path / "会签表.png"
    Image.new("RGB", (200, 120), "white").save(scan)
    desk.locator("input[type=file]").set_input_files(scan)
    expect(desk.locator("#scan-files")).to_contain_text("会签表.png")
    examine_both(desk, "countersign-offline")
    press(desk, "代录会签意见")
    expect(desk.get_by_role("row", name=re.compile("滕州市人力资源和社会保障局"))).to_contain_text("线下会签")
    examine_both(desk, "countersign-both")
    desk.goto(f"{plan}print/")
    expect(desk.locator("main")).to_contain_text("未会签齐全（已会签 2／4）")
    expect(desk.get_by_role("row", name=re.compile("工商联"))).to_contain_text("未会签")
    examine_both(desk, "plan-print")


def test_bodies_and_a_task(new_page: Callable[..., Page], watch: Watch) -> None:
    watch.allow("status of 422")
    desk = someone(new_page, "tengzhou")
    desk.get_by_role("link", name="三方机构").first.click()
    examine_both(desk, "coverage")
    missing = desk.locator("main").get_by_text(re.compile("未建立机构："))
    expect(missing).to_be_visible()
    desk.get_by_role("link", name="批量登记成立").click()
    for box in desk.locator("main input[type=checkbox]").all():
        box.check()
    desk.get_by_label("成立日期").fill("2026.9.1")
    press(desk, "登记勾选的机构")
    expect(desk.locator("[data-error-summary]")).to_contain_text("文号")
    examine_both(desk, "establish-error")
    desk.get_by_label("成立文件文号").fill("滕三方〔2026〕9号")
    press(desk, "登记勾选的机构")
    desk.goto("/bodies/")
    expect(desk.locator("main").get_by_text(re.compile("未建立机构："))).to_have_count(0)
    desk.get_by_role("link", name="添加工业园区 滕州经济技术开发区").click()
    expect(desk.get_by_label("工业园区名称")).to_have_value("滕州经济技术开发区")
    examine_both(desk, "park-filled")
    press(desk, "添加工业园区")
    expect(desk.locator("h1")).to_contain_text("滕州经济技术开发区")
    desk.goto("/bodies/")
    expect(desk.get_by_role("link", name="添加工业园区 滕州经济技术开发区")).to_have_count(0)
    desk.goto("/adoptions/?year=all")
    examine_both(desk, "adoptions")
    desk.goto("/policies/")
    examine_both(desk, "policies")

    # A task for the person at the next desk: it is told, reports, and finishes it.
    desk.get_by_role("link", name="责任分解").first.click()
    examine_both(desk, "work-items")
    desk.get_by_role("link", name="新增任务").click()
    desk.get_by_label("重点任务").fill("逐户走访重点培育企业")
    desk.get_by_label("牵头单位", exact=True).select_option(label="滕州市总工会")
    desk.get_by_label("完成时限").fill("２０２６．１２．２０")
    desk.get_by_label("责任人账号").select_option(label="赵成员（tengzhou2）")
    examine_both(desk, "work-item-new")
    press(desk, "保存任务")
    expect(desk.locator("main")).to_contain_text("逐户走访重点培育企业")
    union = someone(new_page, "tengzhou2")
    union.goto("/notifications/")
    expect(union.locator("main")).to_contain_text("您有一项新任务")
    union.goto("/work-items/?mine=1")
    examine_both(union, "work-items-mine")
    union.get_by_role("link", name="逐户走访重点培育企业").click()
    union.get_by_label("进度").last.fill("60%")
    union.get_by_label("进展情况").fill("已走访三户")
    press(union, "保存进度")
    expect(union.locator(".timeline")).to_contain_text("60%")
    examine_both(union, "work-item")
    union.get_by_role("link", name="办结任务").click()
    examine_both(union, "work-item-finish")
    press(union, "办结任务")
    expect(union.locator("h1")).to_contain_text("已办结")
    union.goto("/work-items/overdue/")
    examine_both(union, "work-items-overdue")
