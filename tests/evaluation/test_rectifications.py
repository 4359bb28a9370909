"""整改: from a finding to 销号; who may in which state; four eyes by person; numbers under race; recurrence."""

from __future__ import annotations

from datetime import date
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections

from evaluation.enums import FindingSource, LetterKind, LineKind
from evaluation.models import CheckLine, Finding, Letter, Rectification
from evaluation.services.rectifications.findings import record_findings
from evaluation.services.rectifications.mending import (
    close_rectification,
    continue_rectification,
    submit_rectification,
)
from evaluation.services.rectifications.orders import issue_rectification, withdraw_rectification
from evaluation.workflows.rectifications import RECTIFICATION_WORKFLOW
from tests.evaluation.rectification_builders import NOW, S, issued, make_finding, make_order, mend, recheck
from tests.evaluation.spot_check_builders import make_check
from tests.factories import actor_for, make_actor, make_membership, make_organization
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


@pytest.fixture
def district(db: None) -> Organization:
    return make_organization(Level.DISTRICT)


def test_a_finding_is_ordered_mended_rechecked_and_closed(office: Actor, district: Organization) -> None:
    unit = make_actor(Role.DISTRICT_OFFICE, district)
    record = issued(office, district)
    assert record.number == "枣三方整改〔2026〕1号" and record.due_on == date(2026, 11, 19)
    letter = Letter.objects.get(kind=LetterKind.RECTIFICATION_ORDER)
    assert (letter.about_kind, letter.about_id) == ("Rectification", record.pk)
    with pytest.raises(DomainError, match="已完成"):
        submit_rectification(actor=unit, rectification=record, now=NOW)
    record = mend(unit, record)
    with pytest.raises(ConflictError, match="复查通过"):
        close_rectification(actor=office, rectification=record, now=NOW)
    recheck(office, record, passed=False)
    record = continue_rectification(actor=unit, rectification=record, now=NOW)
    assert record.state == S.IN_PROGRESS
    record = submit_rectification(actor=unit, rectification=record, now=NOW)
    recheck(office, record)
    record = close_rectification(actor=office, rectification=record, now=NOW)
    assert record.state == S.CLOSED and record.closed_by == office.user
    assert not record.is_overdue(date(2027, 1, 1))


def test_numbers_follow_within_the_year_and_the_unit_sees_only_its_issued(
    office: Actor, district: Organization
) -> None:
    first, second, drafted = issued(office, district), issued(office, district), make_order(office, district)
    assert second.number == "枣三方整改〔2026〕2号"
    unit = make_actor(Role.DISTRICT_OFFICE, district)
    other = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    assert set(Rectification.objects.visible_to(unit)) == {first, second}
    assert not Rectification.objects.visible_to(other).exists()
    assert drafted in Rectification.objects.visible_to(office)
    with pytest.raises(NotAllowed):
        mend(other, first)
    assert second.finding.recurrence_of == first.finding
    assert first.is_overdue(date(2026, 11, 20)) and not first.is_overdue(date(2026, 11, 19))


def test_other_eyes_are_another_person_whatever_the_capacity(office: Actor, district: Organization) -> None:
    unit = make_actor(Role.DISTRICT_OFFICE, district)
    record = mend(unit, issued(office, district))
    with_two = actor_for(office.user)
    make_membership(office.user, Role.DISTRICT_MEMBER, district)
    with pytest.raises(NotAllowed, match="被整改单位"):
        recheck(with_two, record)
    recheck(make_actor(Role.CITY_OFFICE), record)
    with pytest.raises(NotAllowed, match="被整改单位"):
        close_rectification(actor=office, rectification=record, now=NOW)


def test_withdrawn_with_a_reason_and_its_letter(office: Actor, district: Organization) -> None:
    record = issued(office, district)
    with pytest.raises(DomainError, match="撤销理由"):
        withdraw_rectification(actor=office, rectification=record, reason="错", now=NOW)
    withdraw_rectification(actor=office, rectification=record, reason="事实认定有误。", now=NOW)
    assert Letter.objects.get(about_id=record.pk).withdrawn_at == NOW
    with pytest.raises(IllegalTransition):
        withdraw_rectification(actor=office, rectification=record, reason="事实认定有误。", now=NOW)
    assert issued(office, district).number == "枣三方整改〔2026〕2号"


@pytest.mark.django_db
@pytest.mark.parametrize("state", S.values)
@pytest.mark.parametrize("role", list(Role))
def test_the_workflow_is_exactly_its_table(state: str, role: Role) -> None:
    city = {
        S.DRAFTED: {"issue_rectification", "withdraw_rectification"},
        S.IN_PROGRESS: {"withdraw_rectification"},
        S.AWAITING_RECHECK: {"fail_recheck", "close_rectification", "withdraw_rectification"},
        S.NOT_PASSED: {"withdraw_rectification"},
    }
    unit = {S.IN_PROGRESS: {"submit_rectification"}, S.NOT_PASSED: {"continue_rectification"}}
    member = {S.AWAITING_RECHECK: {"fail_recheck"}}
    tables: dict[str, Any] = {
        Role.CITY_OFFICE: city,
        Role.CITY_MEMBER: member,
        Role.DISTRICT_OFFICE: unit,
        Role.DISTRICT_MEMBER: unit,
        Role.SUBJECT_CONTACT: unit,
    }
    found = {move.action for move in RECTIFICATION_WORKFLOW.actions_for(state, role)}
    assert found == tables.get(role, {}).get(state, set())


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"source": FindingSource.SPOT_CHECK}, "source"),
        ({"source_note": " "}, "source_note"),
        ({"facts": ""}, "facts"),
        ({"found_on": date(2026, 11, 6)}, "found_on"),
    ],
)
def test_a_finding_that_lacks_something_is_refused_at_its_field(
    office: Actor, district: Organization, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        make_finding(office, district, **more)
    assert refused.value.field == field and not Finding.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="races need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_racing_issues_give_each_order_one_number_and_one_letter() -> None:
    office, district = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT)
    records = [make_order(office, district) for _ in range(3)]
    refused: list[Exception] = []

    def issue(pk: int) -> None:
        try:
            issue_rectification(actor=office, rectification=Rectification.objects.get(pk=pk), now=NOW)
        except IllegalTransition as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=issue, args=(row.pk,)) for row in records for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 6 and Letter.objects.count() == 3
    numbers = set(Rectification.objects.values_list("number", flat=True))
    assert numbers == {f"枣三方整改〔2026〕{n}号" for n in (1, 2, 3)}


def test_each_line_of_a_check_becomes_one_finding_however_often_it_is_asked(office: Actor) -> None:
    check = make_check()
    line = CheckLine.objects.create(
        check_record=check, kind=LineKind.CLAUSE, code="DC02", position=1, title="小组"
    )
    again = [record_findings(actor=office, check=check, lines=[line], now=NOW) for _ in range(2)]
    assert again[0] == again[1] and Finding.objects.count() == 1
    found = again[0][0]
    assert (found.source, found.line, found.clause) == (FindingSource.SPOT_CHECK, line, "DC02")
    assert found.number == f"FX{check.round.year_id}-001"
