"""自评表 on paper: what is signed stands with what is signed, and the line for signature and seals is never broken."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from unicodedata import normalize

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route
from pypdf import PdfReader

from tests.evaluation.assessment_builders import publish_real, started
from tests.factories import login
from tests.servers import ROOT

pytestmark = pytest.mark.django_db
HOST = "http://print.test"
LAST = "职工满意度"
STYLES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@pytest.fixture
def paper(client: Any, chromium: Browser) -> Any:
    """The print page of a real standard in Chromium, its files from the folder, nothing from a network."""
    publish_real()
    assessment, actor = started()
    html = (
        login(client, actor)
        .get(reverse("evaluation:assessment_print", args=[assessment.pk]))
        .content.decode()
    )

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST).partition("?")[0]
        file = ROOT / path.lstrip("/")
        if path == "/":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif file.is_file():
            route.fulfill(path=file, content_type=STYLES.get(file.suffix, "application/octet-stream"))
        else:
            route.fulfill(status=404)

    context = chromium.new_context(locale="en-US", viewport={"width": 1000, "height": 800})
    context.route(f"{HOST}/**", answer)
    page = context.new_page()
    page.goto(f"{HOST}/")
    yield page
    context.close()


def pages_of(page: Page) -> list[str]:
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    # Chromium writes some characters as their Kangxi radicals.
    return ["".join(normalize("NFKC", sheet.extract_text()).split()) for sheet in printed]


def test_no_page_holds_the_signatures_alone_and_no_heading_its_foot(paper: Page) -> None:
    """Wherever the text before happens to end."""
    titles = [normalize("NFKC", text) for text in paper.locator("main h2").all_inner_texts()]
    for millimetres in range(0, 240, 40):
        paper.evaluate(
            "mm => { const box = document.querySelector('.facts'); box.style.paddingBottom = mm + 'mm'; }",
            millimetres,
        )
        pages = pages_of(paper)
        last = next(text for text in pages if "大会主席(签字)" in text)
        assert LAST in last and "企业(盖章)" in last, millimetres
        assert not [title for text in pages for title in titles if text.endswith(title)]


def test_each_signature_stands_on_one_line_beside_the_others(paper: Page) -> None:
    paper.emulate_media(media="print")
    for width in (680, 1000):  # 680 px are the 180 mm of A4 between its margins
        paper.set_viewport_size({"width": width, "height": 800})
        boxes = paper.locator(".sign-line li").evaluate_all(
            "items => items.map(i => [i.getBoundingClientRect().top, i.scrollWidth <= i.clientWidth,"
            " parseFloat(getComputedStyle(i, '::after').width)])"
        )
        assert len(boxes) == 3 and len({top for top, _, _ in boxes}) == 1, (width, boxes)
        assert all(fits and room > 30 for _, fits, room in boxes), (width, boxes)
