"""（七）抽查与整改 of the November report and of the city: the figures are the dashboard's, each number is a fact."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cultivation.models import CampaignYear
from evaluation.enums import FindingSource, RectificationState
from evaluation.models import SpotCheck
from evaluation.selectors.spot_checks.checks import load_checks
from evaluation.selectors.spot_checks.dashboard import round_dashboard
from reporting.documents.docx import render_docx
from reporting.rules.annual_report import compose_report
from reporting.rules.annual_spot_checks import spot_check_facts, spot_check_sentences
from reporting.rules.city_spot_checks import compose_city_chapter
from reporting.rules.narrative import default_narrative
from reporting.selectors.figures import collect_figures
from reporting.selectors.spot_checks import spot_check_figures
from tests.evaluation.rectification_builders import make_finding
from tests.evaluation.spot_checks.dashboard_builders import AT, TODAY, Board, make_board, order
from tests.evaluation.spot_checks.team_builders import NOW
from tests.factories import login, make_actor
from tests.reporting.prose_cases import spot_checks
from tests.reporting.sample_figures import full_figures
from zaozhuang_portal.accounts.enums import Role

KEYS = ("due", "told", "checked", "waiting", "qualified", "rectify", "unqualified", "veto", "refused")
ALL_KEYS = (*KEYS, "found", "closed", "overdue")


@pytest.fixture
def board(db: None) -> Board:
    return make_board()


def total(figures: Any, key: str) -> int:
    return sum(row[key] for row in figures["rounds"])


def test_the_report_says_what_the_dashboard_says(board: Board) -> None:
    shown = round_dashboard(
        board.office, board.held, load_checks(board.office, board.held, TODAY), today=TODAY
    )
    city = spot_check_figures(year=2026, organization=None, as_of=TODAY)
    assert [total(city, key) for key in ALL_KEYS] == [shown.total.value(key) for key in ALL_KEYS]
    for place in board.districts:
        own = spot_check_figures(year=2026, organization=place, as_of=TODAY)
        row = next(one for one in shown.units if one.name == place.name)
        assert [total(own, key) for key in ALL_KEYS] == [row.value(key) for key in ALL_KEYS], place.name
        assert own["rounds"][0]["own"] == "限期整改"
    assert len(city["findings"]) == total(city, "found")
    assert {line["state"] for line in city["findings"]} == {"未下达整改", "整改中", "逾期", "已销号"}


def test_of_an_earlier_day_counts_what_had_happened(board: Board) -> None:
    place = board.districts[0]
    before = spot_check_figures(year=2026, organization=None, as_of=NOW.date() - timedelta(days=1))
    assert before["rounds"] == [] and before["findings"] == []
    SpotCheck.objects.filter(round=board.held, concluded_at__isnull=False).update(
        concluded_at=NOW + timedelta(days=5), notified_at=NOW
    )
    then = spot_check_figures(year=2026, organization=place, as_of=NOW.date() + timedelta(days=3))
    assert sum(total(then, key) for key in KEYS[4:]) == 0, "nothing was concluded then"
    assert total(then, "waiting") == total(then, "checked") > 0
    assert total(then, "overdue") == 0, "the term had not passed then"


def test_overdue_of_earlier_years_and_other_sources_stays_until_closed(board: Board) -> None:
    place = board.districts[1]
    old = make_finding(board.office, place, year=2025)
    order(old, RectificationState.IN_PROGRESS, due_on=date(2025, 12, 1))
    other = make_finding(board.office, place, source=FindingSource.COMPLAINT, now=NOW)
    order(other, RectificationState.CLOSED)
    found = spot_check_figures(year=2026, organization=place, as_of=TODAY)
    assert (found["earlier_open"], found["earlier_overdue"]) == (1, 1)
    assert (found["other_orders"], found["other_closed"], found["other_overdue"]) == (1, 1, 0)
    words = "".join(spot_check_sentences(found))
    assert "以前年度的整改尚有1项未销号，逾期1项" in words
    year = CampaignYear.objects.get(pk=2026)
    figures = collect_figures(year=year, organization=place, as_of=TODAY, made_on=TODAY)
    content = compose_report(figures, default_narrative(), date="2026-11-20")
    chapter = next(one for one in content.sections if one.key == "measures_spot_checks")
    assert chapter.heading == "（七）抽查与整改" and chapter.drafted == spot_check_sentences(found)
    problems = next(one for one in content.sections if one.key == "problems")
    assert any("1项逾期未销号" in words for words in problems.drafted)
    annex = next(one for one in content.annexes if "抽查与整改情况表" in one.title)
    assert annex.landscape and len(annex.tables[1].rows) == len(found["findings"]) == 3
    assert board.districts[0].name not in str(annex), "nothing of other districts"
    assert render_docx(content, draft=True)


@pytest.mark.parametrize(
    "figures",
    [
        spot_checks(),
        spot_checks({"due": 2, "told": 2, "checked": 2, "rectify": 2, "found": 3, "closed": 1, "overdue": 1}),
        spot_checks(other_orders=4, other_closed=2, other_overdue=1, earlier_open=3, earlier_overdue=2),
    ],
)
def test_every_number_of_the_sentences_is_a_fact(figures: dict[str, Any]) -> None:
    row = figures["spot_checks"]
    facts = {value for _, _, value, _ in spot_check_facts(row)}
    for words in (*spot_check_sentences(row), *spot_check_sentences(row, city=True)):
        assert set(re.findall(r"\d+", words)) <= facts, words


def test_a_snapshot_of_before_has_no_such_chapter() -> None:
    content = compose_report(full_figures(), default_narrative(), date="2026-11-20")
    assert "measures_spot_checks" not in [one.key for one in content.sections]
    assert not any("抽查" in one.title for one in content.annexes)


@time_machine.travel(AT)
def test_the_chapter_of_the_city_says_what_the_dashboard_says(client: Client, board: Board) -> None:
    login(client, board.office)
    page = client.get(reverse("reporting:city_spot_checks", args=[2026]))
    content = page.context["content"]
    shown = round_dashboard(
        board.office, board.held, load_checks(board.office, board.held, TODAY), today=TODAY
    )
    table = next(part.table for part in content.sections if part.table)
    keys = [key for key in ALL_KEYS if key != "told"]
    assert [row[0] for row in table.rows] == [*(row.name for row in shown.units), "合计"]
    assert [list(row[1:]) for row in table.rows] == [
        [str(row.value(key)) for key in keys] for row in [*shown.units, shown.total]
    ]
    for part in content.sections:
        for words in part.drafted:
            assert words in page.text
    assert f"有抽查问题整改逾期的区（市）1个：{board.districts[0].name}" in page.text
    paper = client.get(reverse("reporting:city_spot_checks_docx", args=[2026]))
    assert paper.status_code == 200 and paper.content[:2] == b"PK"
    login(client, make_actor(Role.DISTRICT_OFFICE, board.districts[0]))
    assert client.get(reverse("reporting:city_spot_checks", args=[2026])).status_code == 403


def test_the_chapter_before_any_round(db: None) -> None:
    empty = spot_check_figures(year=2026, organization=None, as_of=TODAY)
    content = compose_city_chapter(2026, empty, [], as_of="2026-11-20")
    assert content.sections[0].drafted == ("本年度尚未开展市级抽查。",) and content.sections[1].table is None
