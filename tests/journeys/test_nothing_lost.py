"""What a firm typed survives a killed browser, an ended session, a closed tab and another person at the same machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from evaluation.models import Answer, Assessment
from tests.browser import CHROMIUM_ARGUMENTS, sign_in
from tests.evaluation.assessment_builders import make_contact, make_firm, publish_real, started
from tests.factories import PASSWORD
from tests.servers import GunicornServer
from zaozhuang_portal.accounts.actors import Actor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
ITEMS = 30


def with_password(actor: Actor) -> Actor:
    """The web process knows the real hasher only."""
    actor.user.password = PBKDF2PasswordHasher().encode(PASSWORD, "journey", iterations=1000)
    actor.user.save(update_fields=["password"])
    return actor


@pytest.fixture
def assessment(transactional_db: None) -> Assessment:
    publish_real()
    firm = make_firm(name="滕州市鲁南精密机械股份有限公司")
    return started(firm, with_password(make_contact(firm, "jingban")))[0]


@pytest.fixture
def machine(
    chromium: Browser, assessment: Assessment, gunicorn_server: GunicornServer, tmp_path: Path
) -> Iterator[Callable[[], BrowserContext]]:
    """`machine()`: the browser of one computer or phone is started, each time with what is left on its disk."""
    profile = tmp_path / "profile"
    open_ones: list[BrowserContext] = []

    def start() -> BrowserContext:
        for lock in profile.glob("Singleton*"):
            lock.unlink()
        context = chromium.browser_type.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium"),
            args=CHROMIUM_ARGUMENTS,
            base_url=gunicorn_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": 360, "height": 780},
        )
        context.set_default_timeout(30_000)
        open_ones.append(context)
        return context

    yield start
    for context in open_ones:
        with contextlib.suppress(PlaywrightError):
            context.close()


def kill(profile: Path) -> None:
    """kill -9 of every process of the browser on this profile, as the system kills an app."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if str(profile).encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
    time.sleep(0.5)


def answer(page: Page, code: str) -> None:
    """The first control of a card, whatever it is, without leaving it."""
    card = page.locator(f"#card-{code} form .answer-controls")
    first = card.locator("input:not([type=hidden]), select").first
    if first.evaluate("one => one.tagName") == "SELECT":
        first.select_option(index=1)
    elif first.get_attribute("type") == "radio":
        first.check()
    else:
        first.press_sequentially("1")


def answered(assessment: Assessment) -> set[str]:
    return {row.indicator for row in Answer.objects.filter(assessment=assessment) if any(row.inputs)}


def soon(wanted: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not wanted() and time.monotonic() < until:
        time.sleep(0.1)
    return wanted()


def test_a_browser_killed_at_item_thirty_keeps_thirty(
    machine: Callable[[], BrowserContext], assessment: Assessment, tmp_path: Path
) -> None:
    page = machine().pages[0]
    sign_in(page, "jingban", PASSWORD)
    page.goto(f"/a/{assessment.pk}/s/all/")
    codes = [
        card.get_attribute("id").removeprefix("card-")  # type: ignore[union-attr]  # every card has one
        for card in page.locator(".indicator-card:has(.answer-controls input:not([type=hidden]))").all()[
            :ITEMS
        ]
    ]
    assert len(codes) == ITEMS
    for code in codes:
        answer(page, code)
    words = page.locator(f"#card-{codes[0]} textarea")
    words.evaluate("one => { one.closest('details').open = true; }")
    words.press_sequentially("拔掉电源前写的")
    kill(tmp_path / "profile")

    page = machine().pages[0]
    sign_in(page, "jingban", PASSWORD)  # any page of the portal sends what is still owed
    assert soon(lambda: answered(assessment) >= set(codes)), set(codes) - answered(assessment)
    assert soon(lambda: Answer.objects.get(indicator=codes[0]).words == "拔掉电源前写的")
    page.goto(f"/a/{assessment.pk}/s/all/")
    expect(page.get_by_text("已填回本机留存的")).to_have_count(0)


def test_the_session_ends_and_signing_in_in_another_tab_saves_the_rest(
    machine: Callable[[], BrowserContext], assessment: Assessment
) -> None:
    context = machine()
    page = context.pages[0]
    sign_in(page, "jingban", PASSWORD)
    page.goto(f"/a/{assessment.pk}/s/D02/")
    Session.objects.all().delete()
    page.locator("#card-D02-04").get_by_label("否").first.check()
    state = page.locator("#card-D02-04 [data-save-state]")
    expect(state).to_contain_text("登录已超时，内容已留在本机")
    assert not Answer.objects.exists()
    with context.expect_page() as opened:
        state.get_by_role("link", name="在新窗口登录").click()
    other = opened.value
    other.locator("input[name=login]").fill("jingban")
    other.locator("input[name=password]").fill(PASSWORD)
    other.locator("input[name=password]").press("Enter")
    other.wait_for_url(lambda address: "/login/" not in address)
    expect(state).to_contain_text("已保存", timeout=15_000)
    assert Answer.objects.get(indicator="D02-04").inputs == [False]


def test_another_person_at_the_same_machine_saves_nothing_of_it_and_signing_out_asks(
    machine: Callable[[], BrowserContext], assessment: Assessment
) -> None:
    with_password(make_contact(assessment.subject, "tongshi"))
    context = machine()
    page = context.pages[0]
    sign_in(page, "jingban", PASSWORD)
    page.goto(f"/a/{assessment.pk}/s/D02/")
    context.clear_cookies()  # the session is gone; a colleague signs in
    other = context.new_page()
    sign_in(other, "tongshi", PASSWORD)
    page.locator("#card-D02-04").get_by_label("是").first.check()
    state = page.locator("#card-D02-04 [data-save-state]")
    expect(state).to_contain_text("当前登录的是另一个人或另一身份，没有保存")
    assert not Answer.objects.exists()

    # The colleague leaves, the first one is back: it goes out by itself.
    other.evaluate("document.querySelector(\"form[action$='/logout/']\").requestSubmit()")
    other.wait_for_url("**/login/**")
    sign_in(other, "jingban", PASSWORD)
    expect(state).to_contain_text("已保存")
    assert Answer.objects.get(indicator="D02-04").updated_by.username == "jingban"

    # What cannot be saved is asked about before signing out removes it from this machine.
    page.route("**/i/D02-04/", lambda route: route.abort())
    page.locator("#card-D02-04").get_by_label("否").first.check()
    expect(state).to_contain_text("网络中断")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.evaluate("document.querySelector(\"form[action$='/logout/']\").requestSubmit()")
    assert soon(lambda: page.wait_for_timeout(100) is None and bool(asked))
    assert "还有 1 处填写没有存到服务器" in asked[0] and "/s/D02/" in page.url
    page.unroute("**/i/D02-04/")
    page.evaluate("document.querySelector(\"form[action$='/logout/']\").requestSubmit()")
    page.wait_for_url("**/login/**")
    assert len(asked) == 1 and Answer.objects.get(indicator="D02-04").inputs == [False]
