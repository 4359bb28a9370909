"""The dashboard of a round: every number is its list; lights; who is rung; what a district sees; constant statements."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.enums import CheckState, Conclusion, RectificationState
from evaluation.models import Letter, LetterReceipt
from evaluation.rules.spot_checks.dashboards import CELLS, Standing, last_day, unit_light
from evaluation.selectors.spot_checks.checks import load_checks
from evaluation.selectors.spot_checks.dashboard import COLUMN_KEYS, RoundDashboard, round_dashboard
from tests.evaluation.spot_check_builders import make_drawn_round
from tests.evaluation.spot_checks.dashboard_builders import AT, TODAY, Board, concluded, make_board
from tests.evaluation.spot_checks.team_builders import NOW, drawn_check, drawn_round
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role


@pytest.fixture
def board(db: None) -> Board:
    return make_board()


def dashboard(actor: Actor, board: Board) -> RoundDashboard:
    return round_dashboard(actor, board.held, load_checks(actor, board.held, TODAY), today=TODAY)


def url(name: str, *args: object) -> str:
    return reverse(f"evaluation:{name}", args=args)


@time_machine.travel(AT)
def test_every_number_is_the_count_of_the_list_it_opens(client: Client, board: Board) -> None:
    login(client, board.office)
    shown = dashboard(board.office, board)
    rows = [*shown.units, shown.total, *shown.clauses, *shown.indicators]
    numbers = [number for row in rows for number in row.numbers] + list(shown.aside)
    assert sum(number.value > 0 for number in numbers) > 40
    for number in numbers:
        page = client.get(number.url)
        count = page.context["count"] if "count" in page.context else page.context["page"].total
        assert count == number.value, (number.label, number.url)
    listed = client.get(shown.total.first.url)
    assert len(listed.context["rows"]) == shown.total.first.value <= 50


def test_totals_are_the_sums_and_conclusions_make_the_concluded(board: Board) -> None:
    shown = dashboard(board.office, board)
    for place, key in enumerate(COLUMN_KEYS):
        assert shown.total.value(key) == sum(row.numbers[place].value for row in shown.units)
    assert shown.total.concluded + shown.total.value("waiting") == shown.total.value("checked")
    assert [shown.total.value(key) for key in ("found", "closed", "overdue")] == [5, 1, 1]
    assert [(row.code, row.found) for row in shown.clauses] == [("DC02", 2), ("DC01", 1), ("DC03", 1)]
    assert [row.code for row in shown.indicators] == ["D02-01"]


@pytest.mark.parametrize("state", CheckState.values)
def test_a_check_counts_where_its_state_says(state: str) -> None:
    conclusion = Conclusion.QUALIFIED if state == CheckState.CONCLUDED else ""
    held = {cell.key for cell in CELLS if cell.holds(Standing(state, conclusion, visited=False))}
    told = {"due", "told"}
    assert (
        held
        == {
            CheckState.SELECTED: {"due"},
            CheckState.ASSIGNED: {"due"},
            CheckState.NOTIFIED: told,
            CheckState.UNDER_WAY: told,
            CheckState.PROVISIONAL: {*told, "checked", "waiting"},
            CheckState.ANSWERED: {*told, "checked", "waiting"},
            CheckState.CONCLUDED: {*told, "checked", "qualified"},
            CheckState.SKIPPED: set(),
        }[CheckState(state)]
    )


@pytest.mark.parametrize(
    ("due", "open_checks", "late", "overdue", "today", "status"),
    [
        (0, 0, 0, 0, date(2026, 12, 9), "NO_DATA"),
        (5, 5, 0, 0, date(2026, 11, 22), "ON_TRACK"),
        (5, 5, 0, 0, date(2026, 11, 23), "BEHIND"),
        (5, 1, 0, 0, date(2026, 11, 30), "BEHIND"),
        (5, 1, 0, 0, date(2026, 12, 1), "CRITICAL"),
        (5, 0, 0, 0, date(2026, 12, 1), "ON_TRACK"),
        (5, 0, 0, 1, date(2026, 11, 1), "CRITICAL"),
        (5, 2, 1, 0, date(2026, 11, 1), "BEHIND"),
    ],
)
def test_lights(due: int, open_checks: int, late: int, overdue: int, today: date, status: str) -> None:
    light = unit_light(
        due=due,
        open_checks=open_checks,
        late_visits=late,
        overdue=overdue,
        until=date(2026, 11, 30),
        today=today,
    )
    assert light.status == status and light.reason
    assert last_day(date(2026, 12, 20), 2026) == date(2026, 11, 30)


@time_machine.travel(AT)
def test_who_is_overdue_or_silent_is_rung_with_the_number_of_the_responsible(
    client: Client, board: Board
) -> None:
    silent = next(one for one in board.checks if one.subject_id and one.state == CheckState.NOTIFIED)
    subject = silent.subject
    assert subject is not None
    subject.contact_name, subject.contact_phone = "沉默者", "13800001111"
    subject.save()
    letter = Letter.objects.create(
        year_id=2026,
        kind="CHECK_NOTICE",
        number="通知1",
        title="检查通知书",
        about_kind="SpotCheck",
        about_id=silent.pk,
        sign_by=date(2026, 11, 15),
        sent_at=NOW,
    )
    LetterReceipt.objects.create(letter=letter, organization=silent.organization, subject=subject)
    calls = dashboard(board.office, board).calls
    assert [(call.matter[:4], call.phone) for call in calls if call.person in ("联系人0", "沉默者")] == [
        ("整改逾期", "0632-5550000"),
        ("检查通知", "13800001111"),
    ]
    assert any("催主检" in call.matter for call in calls)
    assert calls[0].days == 4 and client.get(calls[0].url).status_code in (200, 302)
    login(client, board.office)
    assert "13800001111" in client.get(url("spot_check_round", board.held.pk)).text
    leader = make_actor(Role.LEADER, board.office.organization)
    login(client, leader)
    page = client.get(url("spot_check_round", board.held.pk))
    assert page.status_code == 200 and "13800001111" not in page.text, "leaders see no telephone numbers"


@time_machine.travel(AT)
def test_a_district_sees_its_own_figures_and_what_is_due(client: Client, board: Board) -> None:
    own, other = board.districts[0], board.districts[1]
    actor = make_actor(Role.DISTRICT_OFFICE, own)
    login(client, actor)
    page = client.get(url("spot_check_round", board.held.pk))
    assert [row.name for row in page.context["board"].units] == [own.name]
    whole = dashboard(board.office, board)
    mine = next(row for row in whole.units if row.name == own.name)
    assert [n.value for n in page.context["board"].units[0].numbers] == [n.value for n in mine.numbers]
    assert other.name not in page.text and "联系人1" not in page.text and "要催办的" not in page.text
    due = page.context["due_acts"]
    assert [(one.matter, one.act) for one in due if one.due and one.due < TODAY] == [
        ("整改：事项DC02", "办理整改"),
        ("迎接检查，备好材料", "准备材料"),
    ]
    for row in page.context["board"].units:
        for number in row.numbers:
            answer = client.get(number.url)
            count = answer.context["count"] if "count" in answer.context else answer.context["page"].total
            assert count == number.value, (number.label, number.url)
    assert client.get(f"{url('spot_check_items', board.held.pk)}?unit={other.pk}").context["count"] == 0


@pytest.mark.parametrize("subjects", [7, 700])
def test_the_round_page_asks_six_times_whatever_is_checked(client: Client, subjects: int, db: None) -> None:
    places = [make_organization(Level.DISTRICT) for _ in range(7)]
    office = make_actor(Role.CITY_OFFICE)
    if subjects == 700:
        held = make_drawn_round(office, subjects=subjects, default_rate="100")
    else:
        held = drawn_round()
        for place in places:
            drawn_check(held, place)
            drawn_check(held, make_subject(place))
    login(client, office)
    path = url("spot_check_round", held.pk)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(path)
    assert page.context["board"].total.first.value >= subjects
    assert len(page.context["board"].units) >= 7
    own = [
        one["sql"]
        for one in asked.captured_queries
        if re.search(r'FROM "(evaluation|accounts_audit)', one["sql"])
    ]
    assert 3 < len(own) <= 6, own


@time_machine.travel(AT)
def test_every_order_that_is_open_past_its_term_is_overdue_in_both(board: Board) -> None:
    """The number in Python and the list in SQL choose by the same states."""
    from evaluation.selectors.rectifications.lists import RectificationFilters, rectification_rows

    filters = RectificationFilters(round=board.held.pk, overdue=True)
    for state in (RectificationState.AWAITING_RECHECK, RectificationState.NOT_PASSED):
        row = rectification_rows(board.office, filters, today=TODAY).first()
        assert row is not None
        row.state = state
        row.save()
        counted = rectification_rows(board.office, filters, today=TODAY).count()
        assert dashboard(board.office, board).total.value("overdue") == counted == 1


@time_machine.travel(AT)
def test_the_years_stand_side_by_side_with_their_breaks(client: Client, board: Board) -> None:
    other = drawn_round(
        year=make_year(2025),
        backfilled=True,
        seed=None,
        source_document="2025年台账",
        blind=False,
        item_count=12,
    )
    concluded(other, board.districts[0], Conclusion.QUALIFIED, backfilled=True)
    login(client, board.office)
    page = client.get(url("spot_check_years"))
    found = page.context["found"]
    assert [one.figures.held.year_id for one in found.columns] == [2025, 2026]
    assert "补录" in found.columns[0].breaks[0]
    assert {"自此盲评", "每户抽查指标由12项改为10项"} <= set(found.columns[1].breaks)
    assert [words[:4] for words in found.gaps] == ["2023", "2024"]
    whole = dashboard(board.office, board)
    for line in found.lines:
        number = line.numbers[1]
        assert number.value == next(one.value for one in whole.total.numbers if one.label == line.label)
        answer = client.get(number.url)
        count = answer.context["count"] if "count" in answer.context else answer.context["page"].total
        assert count == number.value, number.label
    login(client, make_actor(Role.DISTRICT_OFFICE, board.districts[0]))
    page = client.get(url("spot_check_years"))
    assert [one.figures.own for one in page.context["found"].columns] == ["合格", "限期整改"]
    assert page.context["found"].lines[0].numbers[1].value < whole.total.first.value


def test_the_codes_of_the_rule_are_the_states_and_conclusions_there_are() -> None:
    counted = {state for state in CheckState.values if any(cell.holds(Standing(state)) for cell in CELLS)}
    assert counted == set(CheckState.values) - {CheckState.SKIPPED}
    for conclusion in Conclusion.values:
        held = [cell.key for cell in CELLS if cell.holds(Standing(CheckState.CONCLUDED, conclusion))]
        assert len(held) == 4, (conclusion, held)
