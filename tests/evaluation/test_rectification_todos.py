"""待办 and reminders of rectifications: with one side at a time, overdue until closed, each mark of a term told once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import Subject
from cultivation.selectors.todo_case import todo_case
from evaluation.models import Rectification
from evaluation.selectors.rectifications.todos import rectification_parts
from evaluation.services.rectifications.asks import (
    ask_extension,
    decide_extension,
    decide_objection,
    raise_objection,
)
from evaluation.services.rectifications.mending import close_rectification
from evaluation.services.rectifications.orders import issue_rectification
from reporting.selectors.inbox import list_done
from reporting.selectors.todos import todo_parts
from reporting.selectors.waiting import owed_parts, sent_parts
from reporting.services.reminding import plan_reminders
from tests.evaluation.assessment_builders import make_contact
from tests.evaluation.rectification_builders import (
    NOW,
    in_state,
    issued,
    make_finding,
    make_order,
    mend,
    recheck,
)
from tests.factories import make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.operations.selectors.todos import TodoRow, list_parts

DUE = date(2026, 11, 19)  # ten working days from 5 November
# The last day, the day after it, 30 November until 24:00, New Year, a year later.
LATE = (DUE + timedelta(days=1), date(2026, 11, 30), date(2026, 12, 1), date(2027, 1, 1), date(2027, 11, 30))


def rows(actor: Actor, day: date = DUE) -> dict[str, list[TodoRow]]:
    case = todo_case(actor, day)
    assert case is not None
    found: dict[str, list[TodoRow]] = {}
    for row in list_parts(rectification_parts(case)):
        found.setdefault(row.part.key, []).append(row)
    return found


@pytest.fixture
def office(db: None) -> Actor:
    make_year(2027)
    make_year(2026)
    return make_actor(Role.CITY_OFFICE)


@pytest.fixture
def firm(office: Actor) -> Subject:
    return make_subject(make_organization(Level.DISTRICT))


def test_a_finding_waits_for_its_order_and_a_draft_for_being_issued(office: Actor, firm: Subject) -> None:
    finding = make_finding(office, firm)
    for day in LATE:
        assert [row.target for row in rows(office, day)["findings"]] == [finding.pk]
    record = make_order(office, firm, finding=finding)
    assert "findings" not in rows(office) and rows(office)["rectifications_drafted"][0].target == record.pk
    assert rows(make_contact(firm)) == {} and "findings" not in rows(make_actor(Role.CITY_MEMBER))
    issue_rectification(actor=office, rectification=record, now=NOW)
    assert "rectifications_drafted" not in rows(office)


def test_an_order_lies_with_its_unit_and_stays_there_overdue_on_every_day(
    office: Actor, firm: Subject
) -> None:
    contact = make_contact(firm)
    district = make_actor(Role.DISTRICT_MEMBER, firm.managing_organization)
    foreign = make_actor(Role.DISTRICT_OFFICE)
    record = issued(office, firm)
    of_district = issued(office, district.organization or make_organization(Level.DISTRICT))
    assert "rectifications_overdue" not in rows(office)
    for day in (DUE, *LATE):
        assert [(row.target, row.due) for row in rows(contact, day)["rectifications"]] == [(record.pk, DUE)]
        assert [row.target for row in rows(district, day)["rectifications"]] == [of_district.pk]
        assert [row.target for row in rows(district, day)["rectifications_of_subjects"]] == [record.pk]
        assert rows(foreign, day) == {}
    for day in LATE:
        assert {row.target for row in rows(office, day)["rectifications_overdue"]} == {
            record.pk,
            of_district.pk,
        }


def test_a_recheck_waits_for_other_eyes_then_for_the_office_then_for_nobody(
    office: Actor, firm: Subject
) -> None:
    contact, member = make_contact(firm), make_actor(Role.CITY_MEMBER)
    record = mend(contact, issued(office, firm))
    for day in LATE:
        assert rows(contact, day) == {}
        assert rows(office, day)["rectifications_to_recheck"][0].due == DUE
        assert rows(member, day)["rectifications_to_recheck"][0].target == record.pk
        sent = list_parts(sent_parts(todo_case(contact, day)))
        assert [row.target for row in sent if row.part.key == "rectifications_sent"] == [record.pk]
    recheck(member, record, passed=False)
    assert "rectifications_to_recheck" not in rows(office)
    (row,) = rows(contact, LATE[-1])["rectifications_failed"]
    assert row.part.urgent and row.due == DUE
    again = in_state("AWAITING_RECHECK", office, firm, contact, clause="DC03")
    recheck(member, again)
    assert [row.target for row in rows(office)["rectifications_to_close"]] == [again.pk]
    assert "rectifications_to_close" not in rows(member)
    close_rectification(actor=office, rectification=again, now=NOW)
    assert "rectifications_to_close" not in rows(office)
    in_state("WITHDRAWN", office, firm, contact, clause="DC04")
    assert {row.target for part in rows(contact, LATE[-1]).values() for row in part} == {record.pk}


def test_what_the_unit_asks_waits_for_the_office_until_it_is_answered(office: Actor, firm: Subject) -> None:
    contact = make_contact(firm)
    record = issued(office, firm)
    extension = ask_extension(
        actor=contact, rectification=record, until=date(2026, 12, 31), reason="工期不够", now=NOW
    )
    objection = raise_objection(
        actor=contact, rectification=record, ground="FACTS", words="已成立小组", now=NOW
    )
    for day in LATE:
        found = rows(office, day)
        assert [row.target for row in found["rectification_extensions"]] == [record.pk]
        assert [row.note for row in found["rectification_objections"]] == ["已成立小组"]
    decide_extension(actor=office, extension=extension, granted=True, decision="同意", now=NOW)
    decide_objection(actor=office, objection=objection, granted=False, decision="事实清楚", now=NOW)
    assert not {"rectification_extensions", "rectification_objections"} & rows(office).keys()
    assert rows(contact, LATE[0])["rectifications"][0].due == date(2026, 12, 31)
    assert "rectifications_overdue" not in rows(office, date(2026, 12, 31))


def test_who_issued_it_may_remind_the_unit_and_a_district_its_subjects(office: Actor, firm: Subject) -> None:
    contact = make_contact(firm)
    district = make_actor(Role.DISTRICT_OFFICE, firm.managing_organization)
    record = issued(office, firm)
    for actor in (office, district):
        case = todo_case(actor, LATE[1])
        (row,) = [row for row in list_parts(owed_parts(case)) if row.part.key == "late_rectifications"]
        assert row.target == record.pk
        plan = plan_reminders(case, [row.token], now=NOW)
        assert [[user.pk for user in users] for _, users in plan.ready] == [[contact.user.pk]]


def test_an_entered_one_of_an_earlier_year_alarms_nobody(office: Actor, firm: Subject) -> None:
    contact = make_contact(firm)
    record = issued(office, firm)
    Rectification.objects.filter(pk=record.pk).update(backfilled=True, source_document="台账")
    assert rows(contact, LATE[-1])["rectifications"][0].due is None
    assert "rectifications_overdue" not in rows(office, LATE[-1])


def test_the_statement_stays_one(office: Actor, firm: Subject) -> None:
    contact = make_contact(firm)
    counts = []
    for more in range(1, 4):
        issued(office, firm, clause=f"DC1{more}")
        for actor in (office, contact):
            case = todo_case(actor, LATE[1])
            with CaptureQueriesContext(connection) as queries:
                list_parts(todo_parts(case))
            counts.append(len(queries))
    assert set(counts) == {1}


def test_what_was_done_stands_in_the_list_of_the_done_with_its_page(office: Actor, firm: Subject) -> None:
    contact = make_contact(firm)
    record = mend(contact, issued(office, firm))
    page = reverse("evaluation:rectification_detail", args=[record.pk])
    for actor, act in ((contact, "报送整改复查"), (office, "下达整改通知书")):
        _, done = list_done(actor, {})
        assert (act, page) in {(row.entry.action, row.url) for row in done}
