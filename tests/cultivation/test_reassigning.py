"""转办: one open thing goes to a colleague, who is told; nobody else's work, nobody outside, nothing that is done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import GuidanceVisit, Pairing, WorkItem
from cultivation.services.reassigning import KINDS, colleagues, reassign
from cultivation.services.visits import complete_follow_up
from cultivation.services.work_items import move_work_item
from tests.factories import (
    login,
    make_actor,
    make_membership,
    make_organization,
    make_pairing,
    make_subject,
    make_user,
    make_year,
)
from tests.reporting.test_inbox import TODAY, item, visit
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.models import Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    make_year(TODAY.year)
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def member(office):
    return make_actor(Role.DISTRICT_MEMBER, office.district)


def made(kind, holder, district):
    if kind == "work_item":
        return item(district, "完善台账", holder)
    subject = make_subject(district)
    if kind == "follow_up":
        return visit(subject, holder)
    return make_pairing(subject, person=holder, starts_on=TODAY - timedelta(days=30))


def give(actor, kind, row, successor, **values):
    return reassign(
        actor=actor,
        kind=kind,
        pk=row.pk,
        successor=successor,
        **{"expected_version": row.version, "now": clock.now(), "reason": ""} | values,
    )


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_colleague_holds_it_is_told_and_it_is_logged(office, member, kind):
    row = made(kind, office.user, office.district)
    moved = give(office, kind, row, member.user, reason="外出培训")
    assert KINDS[kind].holder(type(moved).objects.get(pk=moved.pk)) == member.user or kind == "work_item"
    if kind == "work_item":
        assert WorkItem.objects.get().responsible_user == member.user
        assert WorkItem.objects.get().responsible_person == member.user.full_name
    if kind == "pairing":
        old, new = Pairing.objects.order_by("pk")
        assert (old.person, old.ends_on) == (office.user, TODAY - timedelta(days=1))
        assert (new.person, new.starts_on, new.ends_on) == (member.user, TODAY, None)
    told = Notification.objects.get(user=member.user)
    assert "转给您" in told.title and told.body == "外出培训"
    assert told.url == KINDS[kind].url(moved)
    entry = AuditEntry.objects.get(action="转办")
    assert (entry.kind, entry.object_id, entry.reason) == (KINDS[kind].model, str(row.pk), "外出培训")
    assert entry.changes["person"] == [office.user.full_name, member.user.full_name]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_refusals(office, member, kind):
    row = made(kind, office.user, office.district)
    outside = make_actor(Role.DISTRICT_OFFICE)
    with pytest.raises(ConflictError, match="不再由您办理"):
        give(outside, kind, row, outside.user)
    with pytest.raises(DomainError, match="已由"):
        give(office, kind, row, office.user)
    for stranger in (make_user(), outside.user):
        with pytest.raises(DomainError, match="本单位在职"):
            give(office, kind, row, stranger)
    with pytest.raises(ConflictError, match="他人修改"):
        give(office, kind, row, member.user, expected_version=row.version + 1)
    with pytest.raises(DomainError, match="最多 200 个字"):
        give(office, kind, row, member.user, reason="长" * 201)
    leader = make_actor(Role.LEADER, office.district)
    with pytest.raises((NotAllowed, ConflictError)):
        give(leader, kind, row, member.user)
    assert not Notification.objects.exists() and not AuditEntry.objects.filter(action="转办").exists()


def test_what_is_done_is_not_given_away(office, member):
    task, owed = (
        made("work_item", office.user, office.district),
        made("follow_up", office.user, office.district),
    )
    paired = made("pairing", office.user, office.district)
    move_work_item(actor=office, item=task, action="finish", now=clock.now())
    complete_follow_up(actor=office, visit=owed, done_on=TODAY, note="已整改", now=clock.now())
    Pairing.objects.filter(pk=paired.pk).update(ends_on=TODAY - timedelta(days=1))
    for kind, row in (("work_item", task), ("follow_up", owed), ("pairing", paired)):
        with pytest.raises(ConflictError, match="已办结"):
            give(office, kind, row, member.user)


def test_only_working_posts_of_the_organization_in_force_are_offered(office, member):
    past, off = make_user(), make_user(is_active=False)
    make_membership(past, Role.DISTRICT_MEMBER, office.district, valid_to=TODAY - timedelta(days=1))
    make_membership(off, Role.DISTRICT_MEMBER, office.district)
    make_actor(Role.LEADER, office.district)
    make_actor(Role.TOWNSHIP_STAFF, make_organization(Level.TOWNSHIP, parent=office.district))
    make_actor(Role.DISTRICT_OFFICE)
    assert set(colleagues(office, TODAY)) == {office.user, member.user}


def test_the_city_does_not_give_out_the_districts_work(office, member):
    city = make_actor(Role.CITY_OFFICE)
    for kind in KINDS:
        row = made(kind, office.user, office.district)
        with pytest.raises(NotAllowed):
            give(city, kind, row, member.user)


def test_the_page_offers_it_only_to_who_may(client, office, member):
    """The city may change a district's visit and does not give out its follow-up."""
    row = made("follow_up", member.user, office.organization)
    address = reverse("cultivation:reassign", args=["follow_up", row.pk])
    for actor, offered in ((office, True), (make_actor(Role.CITY_OFFICE), False)):
        login(client, actor)
        pages = [
            client.get(reverse("cultivation:ledger_detail", args=["visits", row.pk])),
            client.get(reverse("cultivation:visit_follow_up", args=[row.pk])),
        ]
        assert [address in page.content.decode() for page in pages if page.status_code == 200] == [
            offered
        ] * sum(page.status_code == 200 for page in pages)
        assert pages[0].status_code == 200


def test_a_promise_of_nobody_may_be_taken_by_whoever_sees_it_as_its_own(office, member):
    owed = made("follow_up", None, office.district)
    instructor = make_actor(Role.INSTRUCTOR, office.district)
    with pytest.raises(ConflictError):
        give(instructor, "follow_up", owed, member.user)
    give(member, "follow_up", owed, office.user)
    assert GuidanceVisit.objects.get().follow_up_by == office.user


def test_the_page_offers_colleagues_keeps_what_was_typed_and_leads_to_the_record(client, office, member):
    row = made("work_item", office.user, office.district)
    login(client, office)
    url = reverse("cultivation:reassign", args=["work_item", row.pk])
    with CaptureQueriesContext(connection) as queries:
        shown = client.get(url).content.decode()
    assert len(queries) <= 8
    assert member.user.full_name in shown
    refused = client.post(url, {"successor": "", "reason": "出差一周", "version": row.version})
    assert refused.status_code == 422 and "出差一周" in refused.content.decode()
    late = client.post(url, {"successor": member.user.pk, "reason": "出差一周", "version": "99"})
    assert late.status_code == 409 and "出差一周" in late.content.decode()
    done = client.post(url, {"successor": member.user.pk, "version": row.version}, follow=True)
    assert f"已转给{member.user.full_name}" in done.content.decode()
    assert client.get(reverse("cultivation:reassign", args=["nonsense", row.pk])).status_code == 404
