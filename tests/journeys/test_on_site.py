"""现场检查 on a phone with the network off and on again, two tabs, two phones, a slow server: nothing doubled, nothing lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.models import Session
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from evaluation.enums import CheckState
from evaluation.models import CheckLine, LineSave, SpotCheck
from tests.browser import settle, sign_in
from tests.evaluation.assessment_builders import make_firm, publish_real
from tests.evaluation.site_builders import make_site_check
from tests.factories import PASSWORD, make_actor, make_user
from tests.journeys.looking import DESK, PHONE, examine, examine_both
from tests.servers import GunicornServer
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.operations.models import Attachment

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
# What lies on the machine: [key, user, state] of both stores, without leases.
LEFT = """() => new Promise((done) => {
  const request = indexedDB.open("portal", 2), stores = ["drafts", "outbox", "photos"], found = [];
  request.onsuccess = () => {
    const work = request.result.transaction(stores);
    for (const name of stores) {
      work.objectStore(name).getAll().onsuccess = (event) => found.push(...event.target.result);
    }
    work.oncomplete = () => {
      request.result.close();
      done(found.filter((one) => one.user).map((one) => [one.user, one.state]));
    };
  };
})"""


def inspector(username: str) -> Actor:
    user = make_user(username, full_name=f"检查人{username}")
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "journey", iterations=1000)
    user.save(update_fields=["password"])
    return make_actor(Role.CITY_MEMBER, user=user)


@pytest.fixture
def check(transactional_db: None) -> SpotCheck:
    publish_real()
    lead, mate = inspector("zhujian"), inspector("tongban")
    return make_site_check(lead, mate, None, subject=make_firm(name="滕州市润泰食品有限公司"))


@pytest.fixture
def phone(
    chromium: Browser, check: SpotCheck, gunicorn_server: GunicornServer
) -> Iterator[Callable[..., Page]]:
    """`phone("zhujian")`: a phone of that inspector, with the check opened while there was a signal."""
    contexts: list[BrowserContext] = []

    def opened(username: str = "zhujian", width: tuple[int, int] = PHONE) -> Page:
        context = chromium.new_context(
            base_url=gunicorn_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width[0], "height": width[1]},
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        sign_in(page, username, PASSWORD)
        page.goto(site(check))
        return page

    yield opened
    for context in contexts:
        context.close()


def site(check: SpotCheck) -> str:
    return f"/spot-checks/{check.round_id}/items/{check.pk}/site/"


def go(page: Page, code: str) -> Locator:
    """To the screen of a line, by the list, without loading anything."""
    shown = page.locator("[data-site-screen]:visible")
    if shown.get_attribute("data-site-screen") != "LIST":
        shown.locator(".site-moves").get_by_role("link", name="目录").click()
    if code == "END":
        page.locator("[data-site-index] a").last.click()
        page.locator("[data-site-screen]:visible").get_by_role("link", name="下一项").click()
    else:
        page.locator(f"[data-site-index] a[data-site-go='{code}']").click()
    return page.locator(f"[data-site-screen='{code}']")


def judge(page: Page, code: str, verdict: str = "符合", seen: str = "", severity: str = "") -> Locator:
    screen = go(page, code)
    screen.get_by_label(verdict, exact=True).check()
    if seen:
        screen.get_by_label("所见事实").fill(seen)
    if severity:
        screen.get_by_label(severity).check()
    screen.get_by_role("button", name="保存本项").click()
    return screen


def state(screen: Locator) -> Locator:
    return screen.locator("[data-save-state]")


def left(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.evaluate(LEFT)
    return found


def soon(wanted: Callable[[], bool], seconds: float = 15, page: Page | None = None) -> bool:
    """With `page` its routes go on meanwhile."""
    until = time.monotonic() + seconds
    while not wanted() and time.monotonic() < until:
        if page is None:
            time.sleep(0.1)
        else:
            page.wait_for_timeout(100)
    return wanted()


def judged(check: SpotCheck) -> dict[str, tuple[str, str]]:
    return {row.code: (row.judgement, row.seen) for row in CheckLine.objects.filter(check_record=check)}


def test_a_whole_visit_without_a_signal(phone: Callable[..., Page], check: SpotCheck, tmp_path: Path) -> None:
    """Judged, corrected and photographed offline; with the signal back each arrives once and nothing stays on the phone."""
    page = phone()
    examine(page, "site-list")
    picture = tmp_path / "IMG_1.jpg"
    Image.effect_noise((400, 300), 60).convert("RGB").save(picture)
    page.context.set_offline(True)
    expect(page.locator("[data-site-offline]")).to_be_visible()
    screen = judge(page, "D02-01", "不符合", "三份合同缺签字", "一般")
    expect(state(screen)).to_contain_text("已存本机，待发送")
    screen.get_by_label("所见事实").fill("三份合同缺签字，两份已补")
    screen.get_by_role("button", name="保存本项").click()
    examine(page, "site-line")
    judge(page, "D02-02")
    screen.locator("input[capture]").set_input_files(picture)
    # Begun and not whole: a draft, that is not sent and not lost.
    third = go(page, "D02-03")
    third.get_by_label("无法核实").check()
    third.get_by_role("link", name="下一项").click()
    queue = page.locator(".outbox")
    expect(queue.locator("summary")).to_contain_text("3 条待发送，1 项草稿没有保存")
    queue.locator("summary").click()
    expect(queue.locator("li")).to_have_count(4)
    examine(page, "site-queue")
    assert not LineSave.objects.exists()

    page.context.set_offline(False)
    assert soon(lambda: Attachment.objects.filter(owner_kind="CheckLine").count() == 1)
    assert soon(lambda: LineSave.objects.count() == 2), (
        "the save that was never sent is contained in the later one"
    )
    assert judged(check)["D02-01"] == ("NOT_MET", "三份合同缺签字，两份已补")
    expect(queue.locator("summary")).to_contain_text("1 项草稿没有保存")
    assert [one[1] for one in left(page)] == ["draft"]
    # The draft is there again on its own page, and becomes a save.
    page.reload()
    third = go(page, "D02-03")
    expect(third.get_by_label("无法核实")).to_be_checked()
    third.get_by_label("所见事实").fill("台账在外地")
    third.get_by_role("button", name="保存本项").click()
    expect(state(third)).to_contain_text("✓ 已存")
    assert soon(lambda: left(page) == [])
    end = go(page, "END")
    end.get_by_label("检查地点").fill("会议室")
    end.get_by_role("button", name="保存检查情况").click()
    expect(state(end)).to_contain_text("✓ 已存")
    examine_both(page, "site-end")
    assert SpotCheck.objects.get(pk=check.pk).place == "会议室"
    desk = phone(width=DESK)
    examine(desk, "site-list")
    go(desk, "D02-01")
    examine(desk, "site-line")
    desk.goto(site(check).replace("/site/", "/sheet/"))
    examine(desk, "site-sheet")


def test_a_server_slow_by_half_a_minute_writes_once(phone: Callable[..., Page], check: SpotCheck) -> None:
    """The first try reaches the server, its answer comes too late; the second is answered the same."""
    page = phone()
    page.clock.install()
    page.reload()
    tries: list[str] = []

    def slow(route: Route) -> None:
        tries.append(route.request.post_data or "")
        if len(tries) > 1:
            route.continue_()
            return
        route.fetch()  # the server has written it; nobody hears of it

    page.route("**/lines/D02-01/", slow)
    screen = judge(page, "D02-01")
    assert soon(lambda: LineSave.objects.count() == 1, page=page)
    # Corrected meanwhile: goes out after the first, on its revision, under an id of its own.
    screen.get_by_label("所见事实").fill("补写")
    screen.get_by_role("button", name="保存本项").click()
    page.clock.fast_forward(46_000)
    page.clock.fast_forward(10_000)
    expect(state(screen)).to_contain_text("✓ 已存")
    assert soon(lambda: judged(check)["D02-01"] == ("MET", "补写"), page=page)
    assert LineSave.objects.count() == 2 and len(tries) == 3
    assert CheckLine.objects.get(check_record=check, code="D02-01").revision == 2
    assert soon(lambda: left(page) == [])


def test_two_tabs_share_one_queue(phone: Callable[..., Page], check: SpotCheck) -> None:
    page = phone()
    other = page.context.new_page()
    other.goto(site(check))
    page.context.set_offline(True)
    judge(page, "D02-01")
    judge(other, "D02-02")
    for one in (page, other):
        expect(one.locator(".outbox summary")).to_contain_text("2 条待发送")
    sent: list[str] = []
    page.context.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.context.set_offline(False)
    assert soon(lambda: LineSave.objects.count() == 2)
    for one in (page, other):
        expect(one.locator(".outbox summary")).to_have_count(0)
    assert len([url for url in sent if "/lines/" in url]) == 2, "one tab sends at a time"
    # What the other tab saved stands here too, and saving on it is no conflict.
    screen = judge(other, "D02-01", seen="另一标签页补写")
    expect(state(screen)).to_contain_text("✓ 已存")
    assert judged(check)["D02-01"] == ("MET", "另一标签页补写") and left(page) == []


def test_two_phones_on_one_line(phone: Callable[..., Page], check: SpotCheck) -> None:
    first, second = phone("zhujian"), phone("tongban")
    first.context.set_offline(True)
    judge(first, "D02-01", seen="我看到原件齐全")
    judge(second, "D02-01", "不符合", "我看到缺三份", "一般")
    assert soon(lambda: judged(check)["D02-01"][1] == "我看到缺三份")
    first.context.set_offline(False)
    screen = go(first, "D02-01")
    clash = screen.locator("[data-site-conflict]")
    expect(clash).to_contain_text("我看到缺三份")
    expect(clash).to_contain_text("我看到原件齐全")
    expect(first.locator(".outbox summary")).to_contain_text("1 条待发送")
    examine(first, "site-clash")
    assert judged(check)["D02-01"][1] == "我看到缺三份", "nothing is written over"
    clash.get_by_role("button", name="合并").click()
    expect(screen.get_by_label("所见事实")).to_have_value("我看到缺三份\n我看到原件齐全")
    screen.get_by_role("button", name="保存本项").click()
    expect(state(screen)).to_contain_text("✓ 已存")
    assert judged(check)["D02-01"] == ("MET", "我看到缺三份\n我看到原件齐全")
    assert LineSave.objects.count() == 2 and soon(lambda: left(first) == [])


def test_a_refused_save_stays_and_keeps_nobody_up(phone: Callable[..., Page], check: SpotCheck) -> None:
    page = phone()
    page.context.set_offline(True)
    judge(page, "D02-01", seen="长" * 1001)
    judge(page, "D02-02")
    page.context.set_offline(False)
    assert soon(lambda: judged(check)["D02-02"][0] == "MET"), "the next one went out"
    row = page.locator(".outbox li")
    page.locator(".outbox summary").click()
    expect(row).to_have_count(1)
    expect(row).to_contain_text("没有被接受：所见事实")
    examine(page, "site-refused")
    # Sent again it is refused again; corrected on its line it goes out in the place of the refused one.
    row.get_by_role("button", name="重发").click()
    expect(row).to_contain_text("没有被接受：所见事实")
    screen = go(page, "D02-01")
    assert len(screen.get_by_label("所见事实").input_value()) == 1001
    screen.get_by_label("所见事实").fill("删短以后")
    screen.get_by_role("button", name="保存本项").click()
    expect(state(screen)).to_contain_text("✓ 已存")
    expect(page.locator(".outbox li")).to_have_count(0)
    # Outside the time on site: the server's words, and the text can be copied and deleted.
    SpotCheck.objects.filter(pk=check.pk).update(state=CheckState.ASSIGNED)
    judge(page, "D02-03", seen="来不及的")
    page.locator(".outbox summary").click()
    expect(row).to_contain_text("不能再改")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row.get_by_role("button", name="复制").click()
    expect(row).to_contain_text("已复制")
    assert "来不及的" in page.evaluate("navigator.clipboard.readText()")
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="删除").click()
    expect(page.locator(".outbox li")).to_have_count(0)
    assert left(page) == [] and LineSave.objects.count() == 2


def sign_out(page: Page) -> Locator:
    page.locator(".site-header .menu > summary").click()
    page.get_by_role("button", name="退出登录").click()
    return page.get_by_role("alertdialog", name="没有发出")


def test_signing_out_and_an_ended_session(phone: Callable[..., Page], check: SpotCheck) -> None:
    page = phone()
    page.context.set_offline(True)
    judge(page, "D02-01", seen="只有我知道的话")
    asked = sign_out(page)
    examine(page, "site-leaving")
    page.evaluate(
        "() => { window.print = () => { window.printed = document.querySelector('.outbox-print').textContent; }; }"
    )
    asked.get_by_role("button", name="打印留存").click()
    assert "只有我知道的话" in page.evaluate("window.printed")
    asked.get_by_role("button", name="先发送").click()
    expect(asked).to_contain_text("还有 1 条没有发出")
    asked.get_by_role("button", name="不退出").click()
    page.context.set_offline(False)
    assert soon(lambda: LineSave.objects.count() == 1)

    # The session ends: what is saved now is locked to its inspector.
    Session.objects.all().delete()
    judge(page, "D02-02", seen="会话过期后写的")
    expect(page.locator(".outbox summary")).to_contain_text("登录已超时")
    assert [one[1] for one in left(page)] == ["waiting"]
    sign_in(page, "tongban", PASSWORD)
    expect(page.locator("body")).to_contain_text("有他人未发送的记录，请原检查人登录")
    assert "会话过期后写的" not in page.content() and LineSave.objects.count() == 1
    page.context.clear_cookies()
    sign_in(page, "zhujian", PASSWORD)  # any page of the portal sends what is owed
    assert soon(lambda: judged(check)["D02-02"] == ("MET", "会话过期后写的"))
    assert soon(lambda: left(page) == [])

    # Sent first, from the menu of any page; then thrown away.
    page.goto(site(check))
    page.route("**/lines/D02-03/", lambda route: route.abort())
    judge(page, "D02-03", seen="不要了的")
    expect(page.locator(".outbox summary")).to_contain_text("网络不通")
    sign_out(page).get_by_role("button", name="丢弃").click()
    page.wait_for_url(lambda url: "/site/" not in url)
    settle(page)
    assert left(page) == [] and judged(check)["D02-03"] == ("", "")
