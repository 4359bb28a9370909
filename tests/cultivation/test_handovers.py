"""A leaver's open work goes to the successor in one step; nothing open remains on the old account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cultivation.models import Coordinator, GuidanceVisit, Handover, LiaisonAssignment, Pairing, WorkItem
from cultivation.services.handovers import hand_over, open_work
from tests.cultivation.test_subject_lives import now, pair, record, sign_in, today
from tests.factories import make_actor, make_membership, make_subject, make_user, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db


def own(organization, **values):
    make_year(2026)
    return {"organization": organization, "year_id": 2026, "created_at": now(), "updated_at": now(), **values}


@pytest.fixture
def case():
    actor = make_actor(Role.DISTRICT_OFFICE)
    leaver, successor = make_user(full_name="移交人"), make_user(full_name="接收人")
    for user in (leaver, successor):
        make_membership(user, Role.INSTRUCTOR, actor.organization)
    subject = make_subject(actor.organization)
    pair(subject, person=leaver, person_name="移交人")
    record(
        GuidanceVisit,
        subject,
        happened_on=today(),
        topic="女职工专项",
        follow_up_due=today(),
        follow_up_by=leaver,
    )
    WorkItem.objects.create(
        **own(
            actor.organization, title="完善台账", lead_name="人社局", due_on=today(), responsible_user=leaver
        )
    )
    return actor, leaver, successor, subject


def give(case, **values):
    actor, leaver, successor, _ = case
    defaults = {
        "leaver": leaver,
        "successor": successor,
        "reason": "工作调动离岗",
        "organization": actor.organization,
    }
    return hand_over(actor=actor, now=now(), **defaults | values)


def test_nothing_open_remains_and_the_receipt_lists_it(case):
    actor, leaver, successor, subject = case
    handover = give(case)
    assert {entry["label"]: len(entry["items"]) for entry in handover.receipt} == {
        "结对": 1,
        "责任分解任务": 1,
        "待跟进的指导服务": 1,
    }
    assert open_work(actor=actor, organization=actor.organization, leaver=leaver, now=now()) == []
    old, new = Pairing.objects.filter(subject=subject).order_by("pk")
    assert (old.person, old.ends_on) == (leaver, today() - timedelta(days=1))
    assert (new.person, new.starts_on, new.ends_on) == (successor, today(), None)
    assert WorkItem.objects.get().responsible_user == successor
    assert GuidanceVisit.objects.get().follow_up_by == successor


def test_liaisons_need_a_successor_on_the_register(case):
    actor, leaver, successor, subject = case
    mine = Coordinator.objects.create(
        **own(actor.organization, name="移交人", user=leaver, appointed_on=today() - timedelta(days=90))
    )
    LiaisonAssignment.objects.create(
        **own(actor.organization, subject=subject, coordinator=mine, starts_on=today() - timedelta(days=60))
    )
    with pytest.raises(DomainError, match="协调员名册") as caught:
        give(case)
    assert caught.value.field == "successor"
    assert Pairing.objects.get().person == leaver
    heir = Coordinator.objects.create(
        **own(actor.organization, name="接收人", user=successor, appointed_on=today())
    )
    give(case)
    assert LiaisonAssignment.objects.get(ends_on__isnull=True).coordinator == heir


def test_refusals(case):
    actor, leaver, successor, _ = case
    with pytest.raises(DomainError, match="相同"):
        give(case, successor=leaver)
    with pytest.raises(DomainError, match="没有本单位的任职"):
        give(case, successor=make_user())
    with pytest.raises(DomainError, match="至少5个字"):
        give(case, reason="调")
    with pytest.raises(DomainError, match="没有需要交接"):
        give(case, leaver=successor, successor=leaver)
    member = make_actor(Role.DISTRICT_MEMBER, actor.organization)
    with pytest.raises(NotAllowed):
        hand_over(
            actor=member, organization=actor.organization, leaver=leaver, successor=successor,
            reason="工作调动离岗", now=now(),
        )  # fmt: skip


def test_the_page_shows_what_is_open_and_gives_the_receipt(case):
    actor, leaver, successor, _ = case
    client, url = sign_in(actor.user), reverse("cultivation:handover_new")
    page = client.get(url, {"leaver": leaver.pk}).content.decode()
    assert "完善台账" in page
    assert not Handover.objects.exists()
    refused = client.post(url, {"leaver": leaver.pk, "successor": leaver.pk, "reason": "工作调动离岗"})
    assert refused.status_code == 422
    done = client.post(
        url, {"leaver": leaver.pk, "successor": successor.pk, "reason": "工作调动离岗"}, follow=True
    )
    assert "交接回执" in done.content.decode()
    assert "女职工专项" in done.content.decode()
