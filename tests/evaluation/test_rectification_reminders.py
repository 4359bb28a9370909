"""整改期限提醒: each mark of a term is told once, to whom it concerns, whatever the beat does."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from cultivation.models import Subject
from evaluation.models import RectificationReminder
from evaluation.rules.rectifications import MARKS, OVERDUE, mark_day, marks_reached
from evaluation.services.rectifications.asks import ask_extension, decide_extension
from evaluation.services.rectifications.reminding import remind_of_terms
from tests.evaluation.assessment_builders import make_contact
from tests.evaluation.rectification_builders import NOW, issued, mend
from tests.evaluation.test_rectification_todos import firm, office
from tests.factories import make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel.clock import SHANGHAI
from zaozhuang_portal.operations.models import Notification

__all__ = ["firm", "office"]


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(hours=hour)


def told(actor: Actor) -> list[str]:
    return list(
        Notification.objects.filter(
            user=actor.user, kind="Rectification", title__regex="^整改(期限|已逾期)"
        ).values_list("title", flat=True)
    )


def test_each_mark_is_told_once_whatever_the_beat_does(office: Actor, firm: Subject) -> None:
    contact = make_contact(firm)
    district = make_actor(Role.DISTRICT_OFFICE, firm.managing_organization)
    record = issued(office, firm)
    heard: list[tuple[date, str]] = []
    for number in range(40):
        day = date(2026, 11, 5) + timedelta(days=number)
        before = len(told(contact))
        for hour in (8, 9, 9, 12, 17, 19):
            remind_of_terms(now=at(day, hour))
        heard += [(day, words.partition("：")[0]) for words in told(contact)[: len(told(contact)) - before]]
    assert heard == [
        (date(2026, 11, 12), "整改期限已过 50%"),
        (date(2026, 11, 16), "整改期限已过 75%"),
        (date(2026, 11, 18), "整改期限已过 90%"),
        (date(2026, 11, 20), "整改已逾期"),
    ]
    assert [len(told(one)) for one in (district, office)] == [1, 1], "overdue stands at district and city"
    one = Notification.objects.filter(user=contact.user, title__startswith="整改期限").earliest("pk")
    assert one.url.endswith(f"/rectifications/{record.pk}/")


def test_after_days_without_a_beat_only_the_last_mark_is_told_and_a_new_term_anew(
    office: Actor, firm: Subject
) -> None:
    contact = make_contact(firm)
    record = issued(office, firm)
    remind_of_terms(now=at(date(2026, 11, 18)))
    assert [words.partition("：")[0] for words in told(contact)] == ["整改期限已过 90%"]
    assert RectificationReminder.objects.count() == 3
    extension = ask_extension(
        actor=contact, rectification=record, until=date(2026, 12, 31), reason="工期不够", now=NOW
    )
    decide_extension(actor=office, extension=extension, granted=True, decision="同意", now=NOW)
    remind_of_terms(now=at(date(2026, 11, 20)))
    assert len(told(contact)) == 1, "a fifth of the new term has passed"
    remind_of_terms(now=at(date(2026, 12, 3)))
    assert len(told(contact)) == 2
    mend(contact, record)
    remind_of_terms(now=at(date(2027, 1, 4)))
    assert len(told(contact)) == 2, "what was handed in is not reminded of"


def test_nobody_is_told_on_a_day_off_or_without_an_account(office: Actor, firm: Subject) -> None:
    issued(office, firm)
    assert remind_of_terms(now=at(date(2026, 11, 14))) == 0
    assert remind_of_terms(now=at(date(2026, 11, 16))) == 0 and not RectificationReminder.objects.exists()
    contact = make_contact(firm)
    assert remind_of_terms(now=at(date(2026, 11, 16))) == 1 and len(told(contact)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two beats at once: PostgreSQL only")
def test_two_beats_at_once_tell_once() -> None:
    make_year(2026)
    office = make_actor(Role.CITY_OFFICE)
    firm = make_subject(make_organization(Level.DISTRICT))
    contact = make_contact(firm)
    issued(office, firm)

    def beat() -> None:
        try:
            remind_of_terms(now=at(date(2026, 11, 20)))
        finally:
            connections.close_all()

    threads = [Thread(target=beat) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told(contact)) == 1


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 400), st.integers(0, 500))
def test_marks_grow_with_the_days_and_end_with_the_term(issued_on: date, days: int, passed: int) -> None:
    due = issued_on + timedelta(days=days)
    today = issued_on + timedelta(days=passed)
    reached = marks_reached(issued_on, due, today)
    assert reached == sorted(reached) and set(reached) <= {*MARKS, OVERDUE}
    assert (OVERDUE in reached) == (today > due)
    assert set(reached) <= set(marks_reached(issued_on, due, today + timedelta(days=1)))
    for percent in MARKS:
        day = mark_day(issued_on, due, percent)
        assert issued_on < day <= due
        assert (day - issued_on).days * 100 >= days * percent > ((day - issued_on).days - 1) * 100
