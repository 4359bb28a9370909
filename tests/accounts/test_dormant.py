"""Office accounts nobody uses: listed 14 days ahead, disabled after 90 days, enabled again by their administrator."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from tests.factories import PASSWORD, login, make_actor, make_user
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, User
from zaozhuang_portal.accounts.services.dormant import disable_dormant_accounts
from zaozhuang_portal.accounts.services.users import set_user_active
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
TODAY = clock.shanghai_date(clock.now())


def run(day: date) -> tuple[int, int]:
    """The task at 10:00 Shanghai time of `day`."""
    return disable_dormant_accounts(now=datetime.combine(day, time(2), tzinfo=UTC))


def used(actor, days_ago: int, *, warned_days_ago: int | None = None) -> User:
    User.objects.filter(pk=actor.user.pk).update(
        date_joined=datetime(2023, 1, 1, tzinfo=UTC),
        last_seen_on=TODAY - timedelta(days=days_ago),
        dormancy_warned_on=None if warned_days_ago is None else TODAY - timedelta(days=warned_days_ago),
    )
    return User.objects.get(pk=actor.user.pk)


@pytest.mark.parametrize(("days", "stays"), [(89, True), (90, False), (91, False)])
def test_disabled_on_the_ninetieth_day_and_not_before(days, stays):
    user = used(make_actor(), days, warned_days_ago=14)
    run(TODAY)
    user.refresh_from_db()
    assert user.is_active is stays
    entries = AuditEntry.objects.filter(action="disable_user", object_id=str(user.pk))
    assert entries.count() == (0 if stays else 1)
    if not stays:
        assert "90天未登录" in entries.get().reason
        assert run(TODAY) == (0, 0)


@pytest.mark.parametrize(("days", "listed"), [(75, False), (76, True)])
def test_warned_about_from_the_seventy_sixth_day(client, days, listed):
    office = make_actor(Role.DISTRICT_OFFICE)
    member = make_actor(Role.DISTRICT_MEMBER, office.organization)
    user = used(member, days)
    assert run(TODAY)[0] == int(listed)
    login(client, office)
    page = client.get(reverse("accounts:user_list") + "?state=dormant").content.decode()
    assert (user.full_name in page) is listed
    if listed:
        assert f"{TODAY + timedelta(days=14):%m-%d} 停用" in page


def test_nobody_is_disabled_without_fourteen_days_of_warning():
    user = used(make_actor(), 400)
    assert run(TODAY) == (1, 0)
    assert run(TODAY + timedelta(days=13)) == (0, 0)
    assert run(TODAY + timedelta(days=14)) == (0, 1)
    user.refresh_from_db()
    assert not user.is_active


def test_signing_in_ends_the_warning_and_enabling_gives_ninety_days(client):
    office = make_actor(Role.DISTRICT_OFFICE)
    member = make_actor(Role.DISTRICT_MEMBER, office.organization)
    user = used(member, 95, warned_days_ago=20)
    run(TODAY)
    set_user_active(actor=office, at=clock.now(), user=user, active=True, reason="仍在岗")
    user.refresh_from_db()
    assert user.is_active and user.dormancy_warned_on is None
    assert run(TODAY + timedelta(days=75)) == (0, 0)
    assert run(TODAY + timedelta(days=76)) == (2, 0), "the office itself has not signed in either"
    client.post(reverse("account_login"), {"login": user.username, "password": "wrong"})
    user.refresh_from_db()
    assert user.is_active and user.dormancy_warned_on is not None
    client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})
    user.refresh_from_db()
    assert user.dormancy_warned_on is None and user.last_seen_on == TODAY


def test_contacts_of_enterprises_and_the_last_administrator_stay():
    visitor = make_user()
    User.objects.filter(pk=visitor.pk).update(
        date_joined=datetime(2023, 1, 1, tzinfo=UTC), dormancy_warned_on=TODAY - timedelta(days=60)
    )
    older = used(make_actor(Role.SYSTEM_ADMIN), 200, warned_days_ago=50)
    newer = used(make_actor(Role.SYSTEM_ADMIN), 100, warned_days_ago=50)
    assert run(TODAY) == (0, 1)
    states = dict(User.objects.values_list("pk", "is_active"))
    assert states == {visitor.pk: True, older.pk: False, newer.pk: True}
