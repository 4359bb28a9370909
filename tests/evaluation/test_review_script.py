"""The script of the review page: unfolding is a look, 本节其余同意 sends what is shown and nothing that a filter hides."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect

from tests.evaluation.test_reviews import Case
from tests.factories import login

STYLES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@pytest.mark.django_db
def test_unfolding_is_a_look_and_only_what_is_shown_is_agreed_to(chromium: Browser) -> None:
    case = Case()
    case.open()
    client = login(Client(), case.office)
    url = {
        name: reverse(f"evaluation:review_{name}", args=[case.assessment.pk])
        for name in ("detail", "look", "agree")
    }
    drawn = client.get(url["detail"]).content
    looked = client.post(url["look"], {"section": "D01"}, headers={"HX-Request": "true"}).content
    sent: list[tuple[str, dict[str, list[str]]]] = []

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = Path(str(finders.find(path.removeprefix("/static/"))))
            route.fulfill(path=file, content_type=STYLES.get(file.suffix, "application/octet-stream"))
        elif path == url["detail"]:
            route.fulfill(body=drawn, content_type="text/html; charset=utf-8")
        elif path in (url["look"], url["agree"]):
            sent.append((path, parse_qs(route.request.post_data or "")))
            body = looked if path == url["look"] else "已同意"
            route.fulfill(body=body, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=204)

    context = chromium.new_context(viewport={"width": 1366, "height": 900}, locale="zh-CN")
    context.route("**/*", answer)
    page: Page = context.new_page()
    page.goto(f"http://portal.test{url['detail']}")
    expect(page.locator("#item-D01-01")).not_to_be_visible()
    assert sent == []  # opening the page is no look
    page.locator("[data-fold='D01'] > summary").click()
    expect(page.locator("#item-D01-01")).to_be_visible()
    expect(page.locator("#rest-D01")).to_be_visible()
    assert [(path, data["section"]) for path, data in sent] == [(url["look"], ["D01"])]
    # What a filter hides, and what is being changed, is not agreed to.
    page.locator("#change-D01-01").click()
    page.evaluate("document.getElementById('item-D01-02').hidden = true")
    page.locator("#rest-D01").click()
    expect(page.locator("#agreed-D01")).to_have_text("已同意")
    path, data = sent[-1]
    assert path == url["agree"] and data["skip"] == ["D01-01"]
    assert set(data["code"]) - {"D01-01"} == {"D01-03"} and data["seen"][0].startswith("DISTRICT-")
    # The button opens the section too, and looks once.
    page.locator("#look-VETO").click()
    expect(page.locator("#item-V01")).to_be_visible()
    assert [data["section"] for path, data in sent if path == url["look"]] == [["D01"], ["VETO"]]
    context.close()
