"""Every act × state × party by POST: what is offered is done, the rest changes nothing; closers race; scores stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from cultivation.models import SubjectContact
from evaluation.enums import CheckState, RectificationState
from evaluation.models import Answer, Finding, Rectification, RectificationRecheck, ScoreSheet
from evaluation.services.rectifications.asks import ask_extension, raise_objection
from evaluation.services.rectifications.mending import close_rectification
from tests.evaluation.assessment_builders import (
    answer_everything,
    make_contact,
    make_firm,
    publish_real,
    started,
)
from tests.evaluation.rectification_builders import (
    NOW,
    in_state,
    issued,
    make_finding,
    make_measure,
    mend,
    recheck,
)
from tests.evaluation.spot_check_builders import make_check, make_inspector, make_team
from tests.factories import actor_for, login, make_actor, make_organization, make_subject, make_user
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, IllegalTransition

S = RectificationState
DAY = date(2099, 1, 4)


def _today() -> str:
    return clock.shanghai_date(clock.now()).isoformat()


# Act → address under the rectification and what is typed.
ACTS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "edit": (
        "edit/",
        lambda: {
            "requirement": "甲",
            "criterion": "乙",
            "term_days": "5",
            "consequence": "丙",
            "seen_revision": "0",
        },
    ),
    "issue": ("issue/", dict),
    "withdraw": ("withdraw/", lambda: {"reason": "事实认定有误。"}),
    "measure": ("measures/new/", lambda: {"words": "发文", "person": "王五", "due_on": DAY}),
    "name": ("responsible/", dict),
    "submit": ("submit/", dict),
    "continue": ("continue/", dict),
    "recheck": (
        "recheck/",
        lambda: {"passed": "0", "way": "查阅材料", "words": "未改好", "checked_on": _today()},
    ),
    "close": ("close/", dict),
    "extend": ("extension/", lambda: {"until": DAY, "reason": "待发文"}),
    "object": ("objection/", lambda: {"ground": "FACTS", "words": "已有文件"}),
}
CITY = {"withdraw"}
UNIT = {"measure", "name", "extend", "object"}
# What each party may do in each state: design §4a.
MAY: dict[str, dict[str, set[str]]] = {
    "office": {
        S.DRAFTED: {"edit", "issue", "withdraw"},
        S.IN_PROGRESS: CITY,
        S.AWAITING_RECHECK: CITY | {"recheck"},
        S.NOT_PASSED: CITY,
    },
    "member": {S.AWAITING_RECHECK: {"recheck"}},
    "lead": {S.AWAITING_RECHECK: {"recheck"}},
    "district": {
        S.IN_PROGRESS: UNIT | {"submit"},
        S.AWAITING_RECHECK: {"name"},
        S.NOT_PASSED: UNIT | {"continue"},
    },
    "contact": {
        S.IN_PROGRESS: UNIT | {"submit"},
        S.AWAITING_RECHECK: {"name"},
        S.NOT_PASSED: UNIT | {"continue"},
    },
    "leader": {},
    "neighbour": {},
    "auditor": {},
}


def _trace(pk: int) -> tuple[Any, ...]:
    """Everything an act could change."""
    record = Rectification.objects.get(pk=pk)
    return (
        record.state,
        record.revision,
        record.responsible_user_id,
        record.measures.count(),
        record.rechecks.count(),
        record.extensions.count(),
        hasattr(record, "objection"),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("state", S.values)
def test_each_party_does_what_its_page_offers_and_nothing_else(state: str) -> None:
    district = make_organization(Level.DISTRICT)
    subject = make_subject(district)
    contact = make_user()
    SubjectContact.objects.create(user=contact, subject=subject, valid_from=date(2026, 1, 1))
    office, mender = make_actor(Role.CITY_OFFICE), make_actor(Role.DISTRICT_MEMBER, district)
    lead = make_actor(Role.DISTRICT_MEMBER, make_organization(Level.DISTRICT))
    check = make_check(CheckState.CONCLUDED, subject=subject)
    make_team(check, make_inspector(lead.user), make_inspector())
    parties: dict[str, Actor] = {
        "office": make_actor(Role.CITY_OFFICE),
        "member": make_actor(Role.CITY_MEMBER),
        "lead": lead,
        "district": make_actor(Role.DISTRICT_OFFICE, district),
        "contact": actor_for(contact),
        "leader": make_actor(Role.LEADER, district),
        "neighbour": make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT)),
        "auditor": make_actor(Role.AUDITOR),
    }
    clients = {name: login(Client(), actor) for name, actor in parties.items()}
    record = in_state(state, office, subject, mender, now=clock.now())
    Finding.objects.filter(pk=record.finding_id).update(source="SPOT_CHECK", check_record=check)
    if state == S.IN_PROGRESS:
        make_measure(mender, record)
    Rectification.objects.filter(pk=record.pk).update(responsible_user=None)
    before, wrong = _trace(record.pk), []
    for name, client in clients.items():
        for act, (tail, typed) in ACTS.items():
            data = typed() | ({"user": contact.pk} if act == "name" else {})
            with transaction.atomic():
                client.post(f"/rectifications/{record.pk}/{tail}", data)
                changed = _trace(record.pk) != before
                transaction.set_rollback(True)
            if changed != (act in MAY[name].get(state, set())):
                wrong.append((name, act, changed))
    assert wrong == []


@pytest.mark.django_db
def test_asks_are_answered_by_the_office_alone() -> None:
    district = make_organization(Level.DISTRICT)
    office, clerk = make_actor(Role.CITY_OFFICE), make_actor(Role.DISTRICT_OFFICE, district)
    record = issued(office, district, now=clock.now())
    asked = ask_extension(actor=clerk, rectification=record, until=DAY, reason="待发文", now=clock.now())
    raised = raise_objection(
        actor=clerk, rectification=record, ground="FACTS", words="已有文件", now=clock.now()
    )
    answer = {"granted": "1", "decision": "同意"}
    at = f"/rectifications/{record.pk}/"
    for actor in (clerk, make_actor(Role.CITY_MEMBER), make_actor(Role.LEADER, district)):
        for tail in (f"extension/{asked.pk}/", "objection/answer/"):
            assert login(Client(), actor).post(at + tail, answer).status_code == 403
    asked.refresh_from_db()
    raised.refresh_from_db()
    assert asked.decided_at is None and raised.decided_at is None


@pytest.mark.django_db
def test_closing_raises_no_score() -> None:
    publish_real()
    firm = make_firm()
    contact = make_contact(firm)
    assessment = started(firm, contact)[0]
    answer_everything(assessment, contact)
    columns = ("pk", "layer", "total", "scaled_total", "qualification", "computed_at")
    sheets = list(ScoreSheet.objects.order_by("pk").values_list(*columns))
    answers = list(Answer.objects.order_by("pk").values_list("pk", "layer", "inputs", "source"))
    office = make_actor(Role.CITY_OFFICE)
    record = in_state(S.CLOSED, office, firm, make_actor(Role.DISTRICT_OFFICE, firm.managing_organization))
    assert record.state == S.CLOSED and answers
    assert list(ScoreSheet.objects.order_by("pk").values_list(*columns)) == sheets
    assert list(Answer.objects.order_by("pk").values_list("pk", "layer", "inputs", "source")) == answers


@pytest.mark.django_db
def test_the_same_clause_at_the_same_unit_recurs_unless_it_is_another_fault() -> None:
    office, district = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT)
    subject = make_subject(district)
    day = date(2026, 11, 5)
    first = make_finding(office, subject, found_on=day - timedelta(days=400), year=2025)
    assert first.recurrence_of is None
    second = make_finding(office, subject)
    assert second.recurrence_of == first
    assert make_finding(office, subject, recurs=False).recurrence_of is None
    assert (
        make_finding(office, district).recurrence_of is None
    )  # the district's own carrying out is another unit
    assert make_finding(office, subject, clause="DC09").recurrence_of is None
    # Entered later, found earlier: it does not follow what came after it.
    late = make_finding(office, subject, found_on=day - timedelta(days=100))
    assert late.recurrence_of == first
    # What was withdrawn was no finding.
    other = make_subject(district)
    withdrawn = in_state(S.WITHDRAWN, office, other, office)
    assert make_finding(office, other).recurrence_of is None and withdrawn.state == S.WITHDRAWN


@pytest.mark.skipif(connection.vendor != "postgresql", reason="races need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_close_one_closes_and_one_recheck_passes() -> None:
    office, district = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT)
    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    record = mend(clerk, issued(office, district))
    closers = [make_actor(Role.CITY_OFFICE) for _ in range(4)]
    refused: list[Exception] = []
    wins: list[str] = []

    def run(act: Callable[[], Any], word: str) -> None:
        try:
            act()
            wins.append(word)
        except (ConflictError, IllegalTransition) as error:
            refused.append(error)
        finally:
            connections.close_all()

    def race(act: Callable[[Actor], Any], word: str) -> None:
        threads = [
            Thread(target=run, args=(lambda one=closers[number % 4]: act(one), word)) for number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    race(lambda one: recheck(one, Rectification.objects.get(pk=record.pk)), "recheck")
    race(
        lambda one: close_rectification(
            actor=one,
            rectification=Rectification.objects.get(pk=record.pk),
            now=NOW,
        ),
        "close",
    )
    assert sorted(wins) == ["close", "recheck"] and len(refused) == 38
    assert RectificationRecheck.objects.count() == 1
    record.refresh_from_db()
    assert record.state == S.CLOSED and record.closed_by in {one.user for one in closers}
