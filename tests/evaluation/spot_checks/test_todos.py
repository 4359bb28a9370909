"""待办 of the spot checks: each thing with the one who can act, by state, on every day; the duty of November (C091)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import Milestone
from cultivation.selectors.data_checks import scope_of
from cultivation.selectors.rehearsal import rehearse
from cultivation.selectors.todo_case import todo_case
from evaluation.enums import CheckKind, CheckState, RoundState, Selection
from evaluation.models import Inspector, SpotCheck, SpotCheckRound
from evaluation.selectors.spot_checks.todos import check_parts
from reporting.selectors.todos import todo_parts
from reporting.services.reminder_digests import digests_of
from tests.evaluation.assessment_builders import make_contact
from tests.evaluation.spot_check_builders import (
    NOW,
    freeze,
    make_check,
    make_drawn_round,
    make_inspector,
    make_population,
    make_round,
    make_seats,
    make_team,
)
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.clock import SHANGHAI
from zaozhuang_portal.operations.selectors.todos import TodoRow, list_parts

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 24)
# 30 November until 24:00, New Year, a year later.
DAYS = (date(2026, 11, 30), date(2026, 12, 1), date(2027, 1, 1), date(2027, 11, 30))
C = CheckState


@pytest.fixture
def office() -> Actor:
    make_year(2027)
    make_year(2026)
    return make_actor(Role.CITY_OFFICE)


def rows(actor: Actor, day: date = date(2026, 11, 20)) -> dict[str, list[TodoRow]]:
    case = todo_case(actor, day)
    assert case is not None
    found: dict[str, list[TodoRow]] = {}
    for row in list_parts(check_parts(case)):
        found.setdefault(row.part.key, []).append(row)
    return found


def inspector(user: User | None = None) -> Inspector:
    city = Organization.objects.get(level=Level.CITY)
    return make_inspector(user, organization=city, unit_name="市直", active_from=NOW.date(), created_at=NOW)


def finish(held: SpotCheckRound, at: datetime = NOW) -> None:
    """Every check of the round concluded."""
    SpotCheck.objects.filter(round=held).update(
        state=C.CONCLUDED,
        proposed_at=at,
        proposed_conclusion="QUALIFIED",
        concluded_at=at,
        conclusion="QUALIFIED",
    )


def test_a_round_says_the_office_s_next_act_until_it_is_archived(office: Actor) -> None:
    make_population(2)
    make_seats()
    held = make_round(office)

    def note() -> str:
        return rows(office)["rounds"][0].note if "rounds" in rows(office) else ""

    assert note() == "待核对名录并冻结"
    freeze(held, office)
    assert note() == "名录已冻结，待公开抽取"
    row = held.population.filter(included=True)[0]
    row.disputed_at, row.dispute = NOW, "已注销"
    row.save()
    assert note().startswith("名录疑问待答复")
    other = make_drawn_round(office, digits="27182818")
    notes = {one.what: one.note for one in rows(office)["rounds"]}
    assert notes[other.title] == "待派检查组"
    SpotCheck.objects.filter(round=other).update(state=C.ASSIGNED)
    assert {one.what: one.note for one in rows(office)["rounds"]}[other.title].endswith("待发检查通知书")
    SpotCheck.objects.filter(round=other).update(state=C.UNDER_WAY)
    assert other.title not in {one.what for one in rows(office)["rounds"]}, "nothing for the office to do"
    late = {one.what: one for one in rows(office, date(2027, 11, 30))["rounds"]}[other.title]
    assert late.due == date(2026, 11, 30) and "还有检查没有结论" in late.note
    finish(other)
    assert {one.what: one.note for one in rows(office)["rounds"]}[other.title] == "检查都有结论，待归档"
    SpotCheckRound.objects.filter(pk=other.pk).update(state=RoundState.CLOSED, closed_at=NOW)
    assert other.title not in {one.what for one in rows(office)["rounds"]}
    # Nobody else is asked to go on with a round.
    assert "rounds" not in rows(make_actor(Role.CITY_MEMBER)) and "rounds" not in rows(
        make_actor(Role.DISTRICT_OFFICE)
    )


def test_a_provisional_conclusion_waits_for_the_inspected_then_for_another_of_the_office(
    office: Actor, client: Client
) -> None:
    subject = make_subject()
    contact, foreign = make_contact(subject), make_contact(make_subject())
    colleague = make_actor(Role.CITY_OFFICE)
    district = make_actor(Role.DISTRICT_OFFICE, subject.managing_organization)
    held = make_drawn_round(office)
    check = make_check(
        C.PROVISIONAL, held=held, subject=subject, answer_due_on=DUE, proposed_by=colleague.user
    )
    (row,) = rows(contact, DUE)["checks_to_answer"]
    assert row.due == DUE and row.url == reverse("evaluation:check_detail", args=[held.pk, check.pk])
    assert login(client, contact).get(row.url).status_code == 200
    assert "checks_to_answer" not in rows(foreign, DUE) and "checks_to_answer" not in rows(district, DUE)
    assert "checks_to_conclude" not in rows(office, DUE)
    for day in (DUE + timedelta(days=1), *DAYS):
        assert "checks_to_answer" not in rows(contact, day), "nothing can be done about it any more"
        (row,) = rows(office, day)["checks_to_conclude"]
        assert row.note == "反馈期限已过，未反馈意见" and row.due == date(2026, 11, 30)
        assert "checks_to_conclude" not in rows(colleague, day), "who proposed does not conclude"
    SpotCheck.objects.filter(pk=check.pk).update(state=C.ANSWERED, answered_at=NOW, answer="无意见")
    assert rows(office, DUE)["checks_to_conclude"][0].note == "被检查单位已反馈意见"
    finish(held)
    assert "checks_to_conclude" not in rows(office, DUE)


def test_a_district_answers_for_its_own_carrying_out(office: Actor) -> None:
    held = make_drawn_round(office)
    check = held.checks.filter(kind=CheckKind.DISTRICT).first()
    assert check is not None and check.selection == Selection.UNIT
    SpotCheck.objects.filter(pk=check.pk).update(
        state=C.PROVISIONAL, proposed_at=NOW, proposed_conclusion="RECTIFY", answer_due_on=DUE
    )
    own = make_actor(Role.DISTRICT_MEMBER, check.organization)
    assert [row.target for row in rows(own, DUE)["checks_to_answer"]] == [check.pk]
    assert "checks_to_answer" not in rows(make_actor(Role.DISTRICT_OFFICE), DUE)
    assert "checks_to_answer" not in rows(make_actor(Role.LEADER, check.organization), DUE)


def test_an_inspector_sees_exactly_his_checks_for_their_time(office: Actor) -> None:
    held = make_drawn_round(office)
    lead, second, other = (make_actor(Role.CITY_MEMBER) for _ in range(3))
    check = make_check(C.ASSIGNED, held=held)
    make_team(check, inspector(lead.user), inspector(second.user))
    make_team(make_check(C.NOTIFIED, held=held), inspector(other.user), inspector())
    for state, note in (
        (C.ASSIGNED, "检查通知书尚未发出"),
        (C.NOTIFIED, "待到现场检查"),
        (C.UNDER_WAY, "正在检查"),
    ):
        SpotCheck.objects.filter(pk=check.pk).update(state=state)
        check.lines.get_or_create(code="D01-01", defaults={"kind": "CLAUSE", "position": 1, "title": "方案"})
        for day in DAYS:
            assert [(row.target, row.note) for row in rows(second, day)["checks_to_visit"]] == [
                (check.pk, note)
            ]
    check.lines.update(judgement="MET", judged_at=NOW)
    assert rows(lead)["checks_to_visit"][0].note.startswith("各项已判断")
    assert rows(second)["checks_to_visit"][0].note == "正在检查"
    check.team.filter(inspector__user=second.user).update(until_at=NOW, change_reason="出差")
    assert "checks_to_visit" not in rows(second)
    finish(held)
    assert "checks_to_visit" not in rows(lead)


def test_the_duty_of_november_stays_until_a_round_is_carried_out_or_registered(office: Actor) -> None:
    def duty(day: date) -> list[tuple[str, date | None]]:
        found = rows(office, day).get("spot_check_duty", [])
        return [(row.note, row.due) for row in found if "2026" in row.what]

    def missed(day: date) -> list[str]:
        found = rehearse(office, scope_of(office), day=day)
        assert found is not None
        return [
            miss.detail
            for state, _ in found.with_misses
            for miss in state.misses
            if state.item.code == "SPOT_CHECK" and miss.year == 2026
        ]

    for day in DAYS:
        assert duty(day) == [("还没有抽查批次", date(2026, 11, 30))]
        assert missed(day) == ["还没有抽查批次"]
    held = make_drawn_round(office)
    for day in DAYS:
        assert duty(day) == [("已抽取，还有检查没有结论", date(2026, 11, 30))]
    finish(held, datetime(2026, 12, 5, 9, tzinfo=SHANGHAI))
    assert [duty(day) for day in DAYS] == [[], [], [], []]
    assert [missed(day) for day in DAYS] == [["已抽取，还有检查没有结论"]] * 2 + [[], []]
    SpotCheck.objects.filter(round=held).update(
        state=C.UNDER_WAY, concluded_at=None, conclusion="", proposed_at=None, proposed_conclusion=""
    )
    assert duty(DAYS[0])
    Milestone.objects.filter(year_id=2026, code="SPOT_CHECK").update(
        done_on=date(2026, 11, 28), done_basis="抽查通报〔2026〕1号"
    )
    assert [duty(day) for day in DAYS] == [[], [], [], []] and missed(DAYS[0]) == []


def test_who_is_told_of_a_term_of_a_check(office: Actor) -> None:
    subject = make_subject()
    contact = make_contact(subject)
    held = make_drawn_round(office)
    check = make_check(C.PROVISIONAL, held=held, subject=subject, answer_due_on=DUE)
    lead = make_actor(Role.CITY_MEMBER)
    visited = make_check(C.NOTIFIED, held=held)
    make_team(visited, inspector(lead.user), inspector())

    def told(actor: Actor, day: date) -> str:
        found: Any = digests_of(day).get(actor.user.pk)
        return found.body if found else ""

    assert f"反馈“{check.name}”抽查初步结论" in told(contact, date(2026, 11, 23))
    assert "抽查" not in told(contact, date(2026, 11, 25)), "the second chance is over: nothing to do"
    assert f"现场检查“{visited.name}”" in told(lead, date(2026, 11, 23))
    assert "已逾期 1 天" in told(lead, date(2026, 12, 1))
    finish(held)
    assert told(lead, date(2026, 12, 1)) == ""


def test_statements_do_not_grow_with_the_checks(office: Actor) -> None:
    held = make_drawn_round(office)
    counts = []
    for more in (1, 5):
        for _ in range(more):
            make_check(C.ANSWERED, held=held)
        case = todo_case(office, DUE)
        with CaptureQueriesContext(connection) as queries:
            list_parts(todo_parts(case))
        counts.append(len(queries))
    assert counts == [1, 1]


def test_administrators_have_none(office: Actor) -> None:
    make_organization(Level.DISTRICT)
    assert rows(make_actor(Role.SYSTEM_ADMIN)) == {}
