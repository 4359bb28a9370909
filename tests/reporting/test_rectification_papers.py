"""整改通知书 and 台账单页 as PDF: what stands on them, one page whatever is written, who may have them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from evaluation.models import LetterReceipt, Rectification
from evaluation.selectors.rectifications.pages import find_rectification, rectification_page
from evaluation.services.letters import receive_letter
from evaluation.services.rectifications.mending import MeasureEntry, add_measure
from reporting.documents.rectifications import render_order, render_sheet
from reporting.services.rectification_papers import request_paper
from tests.evaluation.rectification_builders import NOW, TODAY, issued, make_order, mend, recheck
from tests.factories import make_actor, make_organization
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


@pytest.fixture
def district(db: None) -> Organization:
    return make_organization(Level.DISTRICT)


def read(content: bytes, name: str) -> tuple[int, str]:
    """Pages and text without white space; kept as a file to look at when PAPERS_OUT names a folder."""
    if folder := os.environ.get("PAPERS_OUT"):
        (Path(folder) / name).write_bytes(content)
    pages = PdfReader(BytesIO(content)).pages
    return len(pages), "".join("".join(page.extract_text().split()) for page in pages)


def paper(actor: Actor, record: Rectification) -> tuple[bytes, bytes]:
    found = find_rectification(actor, record.pk)
    assert found is not None
    page = rectification_page(actor, found, TODAY)
    return render_order(page), render_sheet(page, "2026-11-05 10:00")


def test_the_order_and_its_sheet_say_what_the_page_says(office: Actor, district: Organization) -> None:
    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    record = issued(office, district)
    receipt = LetterReceipt.objects.get()
    receive_letter(actor=clerk, receipt=receipt, receiver_name="赵签收", now=NOW)
    mend(clerk, record)
    recheck(make_actor(Role.CITY_OFFICE), record)
    order, sheet = paper(office, record)
    pages, words = read(order, "order.pdf")
    assert pages == 1
    for part in (
        f"{record.number}",
        district.name,
        "未设专门小组",
        "没有成立文件。",
        "DC02",
        "成立小组并发文",
        "有文件和名单",
        "10个工作日，至2026-11-19",
        "通报",
        "送达回执",
        "签收人（签字）：赵签收",
    ):
        assert "".join(part.split()) in words, part
    pages, words = read(sheet, "sheet.pdf")
    assert pages == 1
    for part in ("赵签收", "发文（王五", "已发文", "复查1", "复查通过，等待销号。", "截至2026-11-0510:00"):
        assert part in words, part
    assert "节略" not in words


def test_the_sheet_stays_one_page_and_says_what_it_left_out(office: Actor, district: Organization) -> None:
    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    record = issued(office, district, facts="事实" * 500)
    long = MeasureEntry("措施" * 500, "王五", TODAY, result="情况" * 500, done_on=TODAY)
    for _ in range(3):
        add_measure(actor=clerk, rectification=record, entry=long, now=NOW)
    pages, words = read(paper(office, record)[1], "long.pdf")
    assert pages == 1 and "已节略" in words and "…" in words
    add_measure(
        actor=clerk, rectification=record, entry=replace(long, evidence_of=date(2026, 11, 1)), now=NOW
    )
    assert read(paper(office, record)[1], "longer.pdf")[0] == 1


def test_who_does_not_read_it_gets_no_paper_and_a_draft_is_no_order(
    office: Actor, district: Organization
) -> None:
    stranger = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    record, drafted = issued(office, district), make_order(office, district)
    for actor, one, kind in [
        (stranger, record, "sheet"),
        (office, drafted, "order"),
        (office, record, "none"),
    ]:
        with pytest.raises(DomainError):
            request_paper(actor=actor, record=one, paper=kind, now=NOW)
    request_paper(actor=office, record=drafted, paper="sheet", now=NOW)
