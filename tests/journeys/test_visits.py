"""J1: an instructor logs a visit on the phone in four clicks, with a network that fails; a colleague joins it at a desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from reporting.demo.accounts import DEMO_PASSWORD
from tests.browser import Portal, Watch, sign_in
from tests.journeys.looking import DESK, PHONE, examine, examine_both

pytestmark = pytest.mark.journey


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Larger than 2560 px, as a telephone makes them."""
    path = tmp_path / "IMG_0001.jpg"
    Image.effect_noise((3200, 2400), 60).convert("RGB").save(path, quality=90)
    return path


class Finger:
    """Counts what the person presses."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, role: str, name: str | re.Pattern[str]) -> None:
        self.presses += 1
        self.page.locator("main").get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # an ARIA role

    def take_photo(self, path: Path) -> None:
        self.presses += 1
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("main label", has_text="拍照").click()
        chooser.value.set_files(path)


def test_j1_four_clicks_on_a_phone_and_a_colleague_joins(
    new_page: Callable[..., Page], portal: Portal, watch: Watch, photo: Path
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED|Failed to fetch|status of 422")
    phone = new_page(*PHONE)
    sign_in(phone, "zhidaoyuan", DEMO_PASSWORD)
    examine(phone, "j1-workbench")
    before = portal.query("SELECT count(*) FROM cultivation_guidancevisit")[0][0]

    finger = Finger(phone)
    finger.press("link", re.compile("^记服务$"))
    examine(phone, "j1-subjects")
    subject = phone.locator(".pick-name").first.inner_text()
    finger.press("link", re.compile(re.escape(subject)))
    examine(phone, "j1-form")
    phone.get_by_label("主题").fill("职工代表大会换届指导")
    phone.get_by_label("指导意见").fill("换届公告提前七日张贴")
    finger.take_photo(photo)
    expect(phone.locator("[data-photo-names]")).to_contain_text("IMG_0001.jpg")
    examine(phone, "j1-filled")

    # The network is gone at the moment of saving: nothing is lost, and pressing again saves.
    phone.context.set_offline(True)
    phone.locator("main").get_by_role("button", name="保存").click()
    expect(phone.get_by_role("alert")).to_contain_text("网络不通，还没有保存")
    examine(phone, "j1-offline")
    phone.context.set_offline(False)
    finger.press("button", "保存")
    phone.wait_for_url(re.compile(r"/ledgers/visits/\d+/"))
    assert finger.presses == 4
    record = phone.url.partition("?")[0]
    expect(phone.locator("main")).to_contain_text("照片 1 张")
    expect(phone.locator("main")).to_contain_text("换届公告提前七日张贴")
    # Without a press more: an instructor took part, for the unit the register names.
    facts = phone.locator("main")
    expect(facts.locator("dt", has_text="集体协商专职指导员参加").locator("+ dd")).to_have_text("是")
    expect(facts).to_contain_text("滕州市总工会 钱指导")
    examine(phone, "j1-record")
    assert portal.query("SELECT count(*) FROM cultivation_guidancevisit")[0][0] == before + 1
    name, size = portal.query("SELECT label, size FROM operations_attachment ORDER BY id DESC LIMIT 1")[0]
    assert name == "IMG_0001.jpg" and size < photo.stat().st_size

    # What was acknowledged is not offered again.
    phone.goto(phone.url)
    phone.go_back()
    phone.goto("/visits/new/")
    phone.locator(".pick", has_text=subject).click()
    expect(phone.locator("main")).not_to_contain_text("没有保存成功")
    expect(phone.locator("main")).to_contain_text("已有服务记录")

    # The colleague was there too: joins instead of recording it a second time.
    desk = new_page(*DESK)
    sign_in(desk, "tengzhou", DEMO_PASSWORD)
    desk.locator("main").get_by_role("link", name="记服务").click()
    desk.get_by_label("找其他对象").fill(subject[:6])
    desk.get_by_role("button", name="查找").click()
    desk.locator(".pick", has_text=subject).click()
    examine_both(desk, "join-offer")
    desk.get_by_role("button", name="加入这次服务").click()
    desk.wait_for_url(record)
    expect(desk.locator("main")).to_contain_text("仍按一次计算")
    expect(desk.locator("main")).to_contain_text("王区办")
    assert portal.query("SELECT count(*) FROM cultivation_guidancevisit")[0][0] == before + 1


def test_text_typed_on_a_lost_page_is_offered_again(new_page: Callable[..., Page], portal: Portal) -> None:
    phone = new_page(*PHONE)
    sign_in(phone, "zhidaoyuan", DEMO_PASSWORD)
    phone.goto("/visits/new/")
    phone.locator(".pick").first.click()
    form = phone.url
    phone.get_by_label("主题").fill("写到一半")
    phone.wait_for_timeout(800)
    phone.goto("/")
    phone.goto(form)
    phone.get_by_role("button", name="恢复这些内容").click()
    expect(phone.get_by_label("主题")).to_have_value("写到一半")
    examine(phone, "restored")


def test_a_gap_closed_in_two_clicks(new_page: Callable[..., Page], portal: Portal) -> None:
    desk = new_page(*DESK)
    sign_in(desk, "tengzhou", DEMO_PASSWORD)
    desk.goto("/pairings/?year=2026")
    examine_both(desk, "matrix")
    gaps = desk.locator("tr.pair-gap").count()
    assert gaps
    name = desk.locator("tr.pair-gap th a").first.inner_text()
    desk.locator("tr.pair-gap .pair-add").first.click()
    examine_both(desk, "pairing-form")
    desk.get_by_role("button", name="保存结对").click()
    expect(desk.locator("main")).to_contain_text(f"“{name}”已与")
    assert desk.locator("tr.pair-gap").count() == gaps - 1
