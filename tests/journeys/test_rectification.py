"""A finding is registered, ordered, mended with proof, re-checked by other eyes and closed; looked at in both widths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import Portal, Watch
from tests.journeys.looking import examine_both, press, someone

pytestmark = pytest.mark.journey


def follow(page: Page, words: str) -> None:
    page.locator("main").get_by_role("link", name=words, exact=True).first.click()


def test_from_the_finding_to_its_closing(
    new_page: Callable[..., Page], portal: Portal, watch: Watch, tmp_path: Path
) -> None:
    watch.allow("status of 422")
    city = someone(new_page, "shiban")
    city.goto(f"{portal.url}/rectifications/")
    examine_both(city, "rectifications")
    follow(city, "发现问题")
    examine_both(city, "findings")
    follow(city, "登记问题")
    city.locator("#id_scope_0").check()
    city.locator("#id_district").select_option(label="滕州市")
    city.locator("#id_source").select_option(label="投诉举报")
    city.locator("#id_source_note").fill("来信第3号")
    city.locator("#id_clause").fill("DC02")
    city.locator("#id_title").fill("未设专门小组")
    city.locator("#id_facts").fill("11月3日查阅滕州市文件目录，没有专门小组的成立文件和名单。")
    examine_both(city, "finding-new")
    press(city, "登记问题")
    expect(city.locator("main")).to_contain_text("请选择性质")
    expect(city.locator("#id_source_note")).to_have_value("来信第3号")
    city.locator("#id_severity").select_option(label="一般")
    press(city, "登记问题")
    expect(city.locator("h1")).to_contain_text("未设专门小组")
    examine_both(city, "finding")
    follow(city, "起草整改通知书")
    city.locator("#id_requirement").fill("成立专门小组，印发文件，明确成员和分工。")
    city.locator("#id_criterion").fill("有正式文件和成员名单，并已公布。")
    examine_both(city, "order-new")
    press(city, "保存草稿")
    expect(city.locator("main")).to_contain_text("待下达")
    examine_both(city, "drafted")
    follow(city, "下达")
    examine_both(city, "issue")
    press(city, "下达整改通知书")
    expect(city.locator("main")).to_contain_text("已下达，并通知单位签收")
    at = city.url

    unit = someone(new_page, "tengzhou")
    unit.goto(at)
    expect(unit.locator("main")).to_contain_text("还没有签收")
    examine_both(unit, "unit-first")
    follow(unit, "登记措施")
    unit.locator("#id_words").fill("印发成立文件，公布名单。")
    unit.locator("#id_person").fill("王五")
    unit.locator("#id_due_on").fill("2099-12-01")
    examine_both(unit, "measure-new")
    press(unit, "登记整改措施")
    unit.locator(".measure").get_by_role("link").first.click()
    unit.locator("#id_done_on").fill("2026-01-05")
    unit.locator("#id_result").fill("已印发文件并公布名单。")
    unit.locator("#id_evidence_of").fill("2026-01-05")
    press(unit, "填写整改措施")
    proof = tmp_path / "成立文件.png"
    Image.new("RGB", (40, 40), (90, 30, 30)).save(proof)
    unit.locator("input[type=file]").first.set_input_files(str(proof))
    expect(unit.locator("[id^='proof-']").first).to_contain_text(
        "成立文件.png"
    )  # stored, not only on its way
    examine_both(unit, "unit-done")
    follow(unit, "申请延期")
    examine_both(unit, "extension")
    unit.go_back()
    follow(unit, "报送复查")
    examine_both(unit, "submit")
    press(unit, "报送复查")
    expect(unit.locator("main")).to_contain_text("已报送，等待复查")

    member = someone(new_page, "shizonggonghui")
    member.goto(at)
    follow(member, "登记复查")
    member.locator("#id_passed_0").check()
    member.locator("#id_way").fill("查阅材料")
    member.locator("#id_words").fill("文件和名单齐全，已公布。")
    examine_both(member, "recheck")
    press(member, "登记复查")
    expect(member.locator("main")).to_contain_text("复查通过，等待销号")

    city.goto(at)
    follow(city, "销号")
    examine_both(city, "close")
    press(city, "销号")
    expect(city.locator("main")).to_contain_text("已销号")
    examine_both(city, "closed")
    city.goto(f"{portal.url}/rectifications/")
    expect(city.locator("main")).to_contain_text("未设专门小组")
    examine_both(city, "rectifications-filled")
    unit.goto(f"{portal.url}/rectifications/")
    examine_both(unit, "unit-list")
