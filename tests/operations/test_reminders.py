"""催办: at most once in 24 hours per thing; two at once send one; told, counted and logged."""

from __future__ import annotations

import threading
from datetime import timedelta
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import make_actor, make_user
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Notification, Reminder
from zaozhuang_portal.operations.services import reminders
from zaozhuang_portal.operations.services.reminders import PAUSE, remind

pytestmark = pytest.mark.django_db


def send(actor, user, now, object_id="7"):
    return remind(
        actor=actor,
        kind="WorkItem",
        object_id=object_id,
        label="逐户走访",
        users=[user],
        url="/work-items/7/",
        body="请尽快办理。",
        now=now,
    )


def test_once_in_24_hours_then_again():
    actor, user, now = make_actor(Role.DISTRICT_OFFICE), make_user(), clock.now()
    assert send(actor, user, now)
    assert not send(actor, user, now + PAUSE - timedelta(seconds=1))
    assert not send(make_actor(Role.CITY_OFFICE), user, now + timedelta(hours=1))
    assert send(actor, user, now, object_id="8")
    assert send(actor, user, now + PAUSE)
    row = Reminder.objects.get(object_id="7")
    assert (row.count, row.last_at, row.last_by) == (2, now + PAUSE, actor.user)
    assert Notification.objects.filter(user=user, title="催办：逐户走访", object_id="7").count() == 2
    assert AuditEntry.objects.filter(action="催办", kind="WorkItem", object_id="7").count() == 2


def test_of_two_first_reminders_at_once_one_is_sent():
    """The other one wrote its row after we had looked for it."""
    actor, user, now = make_actor(Role.DISTRICT_OFFICE), make_user(), clock.now()
    create = Reminder.objects.create

    def slower(**values):
        with transaction.atomic():
            create(**values)
        return create(**values)

    with mock.patch.object(reminders.Reminder.objects, "create", slower):
        assert not send(actor, user, now)
    assert not Notification.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        create(kind="WorkItem", object_id="9", label="x", last_at=now)
        create(kind="WorkItem", object_id="9", label="x", last_at=now)


def test_of_two_repeated_reminders_at_once_one_is_sent():
    """Both saw a row older than 24 hours; the update of the second one finds it young."""
    actor, user, now = make_actor(Role.DISTRICT_OFFICE), make_user(), clock.now()
    Reminder.objects.create(kind="WorkItem", object_id="7", label="x", last_at=now - PAUSE)
    assert send(actor, user, now)
    assert not send(actor, user, now)
    assert Reminder.objects.get().count == 2


@pytest.mark.parametrize("count", [0])
def test_the_database_refuses_a_count_of_nothing(count):
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(kind="A", object_id="1", label="x", count=count, last_at=clock.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [False, True])
def test_of_four_people_at_once_one_reminds(known):
    """Both the first reminder of a thing (INSERT) and a later one (conditional UPDATE)."""
    user, now = make_user(), clock.now()
    actors = [make_actor(Role.DISTRICT_OFFICE) for _ in range(4)]
    if known:
        Reminder.objects.create(kind="WorkItem", object_id="7", label="x", last_at=now - PAUSE)
    gate, sent, problems = threading.Barrier(4), [], []

    def press(actor):
        try:
            gate.wait(10)
            sent.append(send(actor, user, now))
        except BaseException as problem:  # handed to the main thread
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems and sorted(sent) == [False, False, False, True]
    assert Notification.objects.filter(user=user).count() == 1
    assert Reminder.objects.get().count == (2 if known else 1)
    assert AuditEntry.objects.filter(action="催办").count() == 1
