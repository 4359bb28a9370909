"""The result on a phone of 360 × 740: at most four screens before a section is opened, differences open."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route

from evaluation.rules.kinds import CheckPart
from evaluation.services.review_moves import verify
from tests.evaluation.assessment_builders import NOW, best_inputs
from tests.evaluation.test_scores import RealCase
from tests.factories import login

SCREEN = {"width": 360, "height": 740}
REASON = "抽查十份劳动合同，其中四份没有见到，名册与合同数不符。"


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=SCREEN, locale="zh-CN")
    yield context.new_page()
    context.close()


def show(page: Page, path: str, client: Client) -> None:
    """One page of the test client in the browser, with its style sheets and scripts."""
    response = client.get(path)  # here: the browser's callbacks see no database
    assert response.status_code == 200

    def answer(route: Route) -> None:
        wanted = urlsplit(route.request.url).path
        if wanted.startswith("/static/"):
            found = finders.find(wanted.removeprefix("/static/"))
            kind = mimetypes.guess_type(wanted)[0] or "application/octet-stream"
            route.fulfill(body=Path(str(found)).read_bytes() if found else b"", content_type=kind)
        elif wanted == urlsplit(path).path:
            route.fulfill(body=response.content, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=204)

    page.route("**/*", answer)
    page.goto(f"http://portal.test{path}")


@pytest.mark.django_db
def test_four_screens_before_a_section_is_opened(phone: Page) -> None:
    case = RealCase()
    case.open()
    checks = [
        item
        for item in case.definition.indicators
        if item.code != "D03-05" and any(isinstance(part, CheckPart) for part in item.parts_by_hand)
    ]
    for item in checks[:8]:
        inputs = [
            False if isinstance(part, CheckPart) else entry
            for part, entry in zip(item.parts_by_hand, best_inputs(item), strict=True)
        ]
        case.judge(item.code, inputs, reason=REASON)
    case.agree_all()
    verify(actor=case.office, assessment=case.assessment, now=NOW)
    path = reverse("evaluation:assessment_result", args=[case.assessment.pk])
    show(phone, path, login(Client(), case.contact))
    if os.environ.get("RESULT_PICTURES"):  # to look at it
        phone.screenshot(path=f"{os.environ['RESULT_PICTURES']}/phone.png", full_page=True)
    height = phone.evaluate("document.documentElement.scrollHeight")
    assert height <= 4 * SCREEN["height"], height
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert phone.locator(".difference:visible").count() == 5
    first = phone.locator("details.result-section").first
    assert not first.locator("table").is_visible()
    first.locator("summary").click()
    assert first.locator("table").is_visible() and "／" in first.locator("tfoot").inner_text()
    phone.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert phone.locator("details.result-section:not([open])").count() == 0  # paper shows everything
    phone.set_viewport_size({"width": 1366, "height": 900})
    if os.environ.get("RESULT_PICTURES"):
        phone.screenshot(path=f"{os.environ['RESULT_PICTURES']}/desk.png", full_page=True)
