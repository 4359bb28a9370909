"""A district enters a training and who came, sees the gaps; a month of mediations; firms given to a coordinator; figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from reporting.demo.accounts import DEMO_PASSWORD
from tests.browser import Watch, sign_in
from tests.journeys.looking import DESK, examine, examine_both

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]


def press(page: Page, words: str) -> None:
    page.locator("main").get_by_role("button", name=words, exact=True).first.click()


def keep(page: Page) -> None:
    """The first button of a ledger's form: 保存专题培训, 保存矛盾纠纷调解 …"""
    page.locator("main [name=save]").first.click()


def counted(page: Page) -> tuple[int, int]:
    """自办场次 and 人次 of the one district in the first matrix."""
    cells = page.locator("[aria-labelledby=h-topics] tbody td")
    return int(cells.nth(4).inner_text()), int(cells.nth(6).inner_text())


def test_a_training_its_people_and_the_gaps(desk: Page, watch: Watch, tmp_path: Path) -> None:
    watch.allow("status of 422")
    desk.goto("/trainings/coverage/?year=2026")
    examine_both(desk, "coverage-before")
    held, people = counted(desk)

    desk.goto("/ledgers/trainings/new/")
    desk.get_by_label("培训名称").fill("集体协商和民主管理专题培训班")
    desk.get_by_label("培训日期").fill("20260512")
    desk.get_by_label("企业民主管理制度和集体协商").check()
    desk.get_by_label("其他", exact=True).check()
    examine_both(desk, "training-form")
    keep(desk)
    expect(desk.locator("[data-error-summary]")).to_contain_text("其他内容")
    desk.get_by_label("其他内容").fill("工会工作实务")
    keep(desk)
    expect(desk.locator("h1")).to_contain_text("集体协商和民主管理专题培训班")
    expect(desk.locator("main")).to_contain_text("未传回")
    examine_both(desk, "training-record")

    boxes = desk.locator("input.grid-cell")
    boxes.nth(0).fill("1")
    boxes.nth(1).fill("２人")
    boxes.nth(2).fill("几个")
    press(desk, "保存参训人次")
    expect(desk.locator("[data-error-summary]")).to_contain_text("1 格")
    expect(boxes.nth(2)).to_have_value("几个")
    examine_both(desk, "attendance-wrong")
    boxes.nth(2).fill("")
    desk.get_by_label("查找其他对象").fill("机床")
    desk.get_by_label("查找其他对象").press("Enter")
    expect(boxes.nth(1)).to_have_value("２人")
    examine_both(desk, "attendance-search")
    press(desk, "保存参训人次")
    expect(desk.locator("main")).to_contain_text("企业负责人 1 人次 · 人力资源工作人员 2 人次")

    name = desk.locator(".entry-grid tbody th").nth(1).inner_text()
    desk.get_by_text("从表格粘贴").click()
    desk.get_by_label("名称或统一社会信用代码").fill(f"{name}\t0\t3\n没有这家公司\t1")
    press(desk, "登记粘贴的名单")
    expect(desk.locator("main")).to_contain_text("第 2 行“没有这家公司”")
    examine_both(desk, "attendance-paste")
    desk.get_by_label("名称或统一社会信用代码").fill(f"{name}\t0\t3")
    press(desk, "登记粘贴的名单")
    expect(desk.locator("main")).to_contain_text("人力资源工作人员 5 人次")

    # Who is entered stands on the sign-in sheet, on one page; signed it comes back as the 签到表 of the record.
    record = desk.url
    desk.get_by_role("link", name="打印").click()
    rows = desk.locator(".paper-sheet tbody tr")
    expect(rows.filter(has_text=name)).to_have_count(3)
    expect(rows.filter(has_text="企业负责人")).to_have_count(1)
    expect(rows).to_have_count(20)
    examine_both(desk, "sign-in-sheet")
    assert len(PdfReader(BytesIO(desk.pdf(prefer_css_page_size=True))).pages) == 1
    desk.goto(record)
    sheet = tmp_path / "签到表.png"
    Image.effect_noise((300, 200), 40).save(sheet)
    desk.get_by_label("扫描件上传").set_input_files(sheet)
    expect(desk.locator("#record-scans")).to_contain_text("签到表.png")
    desk.reload()
    expect(desk.locator("main")).not_to_contain_text("未传回")
    examine_both(desk, "training-with-sheet")

    desk.goto("/trainings/coverage/?year=2026")
    examine_both(desk, "coverage-after")
    assert counted(desk) == (held + 1, people + 6)


def test_a_month_of_mediations_and_a_forbidden_number(desk: Page, watch: Watch) -> None:
    watch.allow("status of 422")
    desk.goto("/ledgers/mediations/new/")
    desk.get_by_label("受理日期").fill("2026-03-09")
    desk.get_by_label("纠纷类别").select_option("PAY")
    desk.get_by_label("调解结果").select_option("SETTLED")
    desk.get_by_label("情况摘要").fill("职工电话13812345678，反映工资未付")
    keep(desk)
    expect(desk.locator("[data-error-summary]")).to_contain_text("手机号码")
    desk.get_by_label("情况摘要").fill("某职工反映工资未付，已协商支付")
    keep(desk)
    expect(desk.locator("[data-error-summary]")).to_have_count(0)

    desk.goto("/ledgers/mediations/")
    desk.get_by_role("link", name="月度汇总").click()
    desk.goto("/mediations/month/?month=2026-03")
    examine_both(desk, "month")
    desk.get_by_label("劳动报酬，调解成功").fill("6")
    desk.get_by_label("工伤待遇，转仲裁或诉讼").fill("2")
    press(desk, "保存月度汇总")
    expect(desk.locator("main")).to_contain_text("重复计数")
    expect(desk.get_by_label("劳动报酬，调解成功")).to_have_value("6")
    examine_both(desk, "month-warning")
    press(desk, "确认无误，保存月度汇总")
    expect(desk.locator("main")).to_contain_text("已保存，改动 2 项")
    desk.get_by_role("link", name="分类统计").click()
    expect(desk.locator("main")).to_contain_text("1 处可能重复计数")
    examine_both(desk, "counts")


def test_a_coordinator_gets_firms_and_leaves(desk: Page, watch: Watch) -> None:
    for name in ("程协调", "何接任"):
        desk.goto("/ledgers/coordinators/new/")
        desk.get_by_label("姓名").fill(name)
        desk.get_by_label("聘任日期").fill("2026-01-05")
        keep(desk)
    desk.goto("/staff/")
    expect(desk.locator("main")).to_contain_text("没有联系企业")
    examine_both(desk, "load")
    desk.get_by_role("row", name=re.compile("程协调")).get_by_role("link", name="分配企业").click()
    desk.get_by_label("全选").check()
    examine_both(desk, "assign")
    press(desk, "分配勾选的企业")
    expect(desk.locator("main")).to_contain_text("新联系")
    examine_both(desk, "coordinator")
    desk.get_by_role("link", name="办理离任").click()
    desk.get_by_label("原因").fill("调离")
    desk.get_by_label("接任人").select_option(label="何接任")
    examine_both(desk, "leave")
    press(desk, "办理")
    expect(desk.locator("main")).to_contain_text("已移交给何接任")


def test_figures_points_and_practices(desk: Page, new_page: Callable[..., Page], watch: Watch) -> None:
    watch.allow("status of 422")
    desk.goto("/figures/?year=2026&period=Q2")
    examine_both(desk, "figures-empty")
    desk.get_by_label("劳动合同签订率，已签订劳动合同职工数").fill("97")
    press(desk, "保存统计指标")
    expect(desk.locator("main")).to_contain_text("缺“应签订劳动合同职工数”")
    desk.get_by_label("劳动合同签订率，应签订劳动合同职工数").fill("100")
    press(desk, "保存统计指标")
    expect(desk.locator("main")).to_contain_text("97.00%")
    examine(desk, "figures")
    city = new_page(*DESK)
    sign_in(city, "shiban", DEMO_PASSWORD)
    city.goto("/figures/table/?year=2026&period=Q2")
    expect(city.locator("main")).to_contain_text("97.00%")
    examine_both(city, "figures-city")
    city.goto("/trainings/coverage/?year=2026")
    examine_both(city, "coverage-city")

    desk.goto("/ledgers/service-points/new/")
    desk.get_by_label("站点名称").fill("荆河街道劳动关系服务站")
    desk.get_by_label("启用日期").fill("2025-06-01")
    desk.get_by_label("一站式").check()
    keep(desk)
    desk.goto("/service-points/month/?month=2026-03")
    desk.get_by_label("荆河街道劳动关系服务站，接待人次").fill("128")
    examine_both(desk, "points")
    press(desk, "保存站点月报")
    expect(desk.locator("main")).to_contain_text("已保存 1 个站点")
    desk.goto("/service-points/year/?year=2026")
    expect(desk.locator("main")).to_contain_text("128")
    examine_both(desk, "points-year")

    desk.goto("/ledgers/best-practices/new/")
    desk.get_by_label("标题").fill("工资协商三步法")
    desk.get_by_label("标签").fill("集体协商，民主管理")
    desk.get_by_label("做法").fill("会前摸底、会中明账、会后公示。")
    keep(desk)
    examine_both(desk, "practice")
    desk.goto("/practices/")
    expect(desk.locator("main")).to_contain_text("暂不可引用")
    examine_both(desk, "library")
