"""A subject moves between districts: asked for, accepted, refused, withdrawn; the year stays where it was."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cultivation.enums import TransferState
from cultivation.models import (
    GuidanceVisit,
    Subject,
    SubjectTransfer,
)
from cultivation.services.subject_transfers import (
    accept_transfer,
    find_by_code,
    refuse_transfer,
    request_transfer,
    withdraw_transfer,
)
from tests.cultivation.lives import enroll, now, pair, record, sign_in, today
from tests.factories import make_actor, make_organization, make_subject
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.operations.models import Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_sides():
    giver, taker = make_actor(Role.DISTRICT_OFFICE), make_actor(Role.DISTRICT_OFFICE)
    return giver, taker, make_subject(giver.organization)


def ask(actor, subject, target):
    return request_transfer(
        actor=actor, subject=subject, to_organization=target, reason="注册地址迁入", now=now()
    )


class TestTransfer:
    def test_the_subject_moves_and_the_year_stays(self, two_sides):
        giver, taker, subject = two_sides
        enrollment = enroll(giver, subject)
        pairing = pair(subject)
        visit = record(GuidanceVisit, subject, happened_on=today(), topic="集体协商")
        place = make_organization(Level.TOWNSHIP, parent=taker.organization)
        transfer = ask(giver, subject, taker.organization)
        moved = accept_transfer(actor=taker, transfer=transfer, to_township=place, now=now())
        assert (moved.managing_organization, moved.township) == (taker.organization, place)
        assert moved.division_code == place.code
        enrollment.refresh_from_db(), visit.refresh_from_db(), pairing.refresh_from_db()
        assert enrollment.organization == giver.organization
        assert visit.organization == giver.organization
        assert pairing.ends_on == today()
        row = moved.history.get()
        assert (row.before, row.after) == (giver.organization.name, taker.organization.name)
        assert Subject.objects.visible_to(taker).filter(pk=moved.pk).exists()
        assert not Subject.objects.visible_to(giver).filter(pk=moved.pk).exists()

    def test_by_code_a_stranger_asks_and_learns_nothing(self, two_sides):
        giver, taker, subject = two_sides
        transfer = ask(taker, find_by_code(f" {subject.credit_code.lower()} "), taker.organization)
        assert transfer.requesting_organization == taker.organization
        with pytest.raises(NotAllowed):
            accept_transfer(actor=taker, transfer=transfer, now=now())
        accept_transfer(actor=giver, transfer=transfer, now=now())
        with pytest.raises(DomainError, match="18位"):
            find_by_code("91370400MA3NOBODY1")

    def test_a_third_district_may_neither_ask_nor_see(self, two_sides):
        giver, taker, subject = two_sides
        third = make_actor(Role.DISTRICT_OFFICE)
        with pytest.raises(NotAllowed):
            ask(third, subject, taker.organization)
        transfer = ask(giver, subject, taker.organization)
        assert (
            sign_in(third.user).get(reverse("cultivation:transfer_accept", args=[transfer.pk])).status_code
            == 404
        )

    def test_one_open_request_at_a_time(self, two_sides):
        giver, taker, subject = two_sides
        ask(giver, subject, taker.organization)
        with pytest.raises(DomainError, match="未办结"):
            ask(giver, subject, taker.organization)

    def test_refused_and_withdrawn_leave_everything(self, two_sides):
        giver, taker, subject = two_sides
        transfer = ask(giver, subject, taker.organization)
        refuse_transfer(actor=taker, transfer=transfer, reason="企业未实际迁入", now=now())
        with pytest.raises(IllegalTransition):
            accept_transfer(actor=taker, transfer=transfer, now=now())
        again = ask(giver, subject, taker.organization)
        with pytest.raises(NotAllowed):
            withdraw_transfer(actor=taker, transfer=again, now=now())
        withdraw_transfer(actor=giver, transfer=again, now=now())
        subject.refresh_from_db()
        assert subject.managing_organization == giver.organization
        assert set(SubjectTransfer.objects.values_list("state", flat=True)) == {
            TransferState.REFUSED,
            TransferState.WITHDRAWN,
        }

    def test_each_side_is_told_what_it_has_to_know(self, two_sides):
        giver, taker, subject = two_sides
        third = make_actor(Role.DISTRICT_OFFICE)

        def told(actor):
            rows = Notification.objects.filter(user=actor.user).order_by("id")
            return [(row.title, row.body, row.url) for row in rows]

        page = reverse("cultivation:transfer_list")
        here, there = giver.organization.name, taker.organization.name
        refused = ask(giver, subject, taker.organization)
        asked = (f"{here}申请将“{subject.name}”由{here}划转至{there}，请办理", "注册地址迁入", page)
        assert (told(giver), told(taker), told(third)) == ([], [asked], [])
        refuse_transfer(actor=taker, transfer=refused, reason="企业未实际迁入", now=now())
        returned = (f"“{subject.name}”划转至{there}的申请被退回", "企业未实际迁入", page)
        assert told(giver) == [returned]
        accept_transfer(actor=taker, transfer=ask(giver, subject, taker.organization), now=now())
        done = (f"“{subject.name}”划转至{there}的申请已办理", "", page)
        assert (told(giver), told(taker), told(third)) == ([returned, done], [asked, asked], [])
        assert sign_in(giver.user).get(page).status_code == 200

    def test_a_township_cannot_move(self):
        actor = make_actor(Role.CITY_OFFICE)
        place = make_organization(Level.TOWNSHIP)
        subject = make_subject(place.parent, kind="TOWNSHIP", township=place)
        with pytest.raises(DomainError, match="不能划转"):
            ask(actor, subject, make_organization(Level.DISTRICT))

    def test_the_pages_do_it(self, two_sides):
        giver, taker, subject = two_sides
        client = sign_in(giver.user)
        answer = client.post(
            reverse("cultivation:transfer_out", args=[subject.pk]),
            {"to_organization": taker.organization.pk, "reason": "注册地址迁入"},
        )
        assert answer.status_code == 302
        assert "撤回" in client.get(reverse("cultivation:transfer_list")).content.decode()
        transfer = SubjectTransfer.objects.get()
        other = sign_in(taker.user)
        assert (
            subject.name
            in other.get(reverse("cultivation:transfer_accept", args=[transfer.pk])).content.decode()
        )
        assert other.post(reverse("cultivation:transfer_accept", args=[transfer.pk])).status_code == 302
        subject.refresh_from_db()
        assert subject.managing_organization == taker.organization
