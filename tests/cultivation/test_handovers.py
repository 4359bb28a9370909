"""A leaver's open work goes to the successor in one step; nothing open remains on the old account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cultivation.models import (
    BargainingInstructor,
    Coordinator,
    GuidanceVisit,
    Handover,
    LiaisonAssignment,
    Pairing,
    WorkItem,
)
from cultivation.services.handovers import hand_over, open_work
from tests.cultivation.test_subject_lives import now, pair, record, sign_in, today
from tests.factories import make_actor, make_membership, make_subject, make_user, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
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


@pytest.fixture
def liaisons(case):
    """The leaver is on both registers and has one firm as coordinator, two as instructor."""
    actor, leaver, _, subject = case
    since = today() - timedelta(days=90)
    mine = {"name": "移交人", "user": leaver, "appointed_on": since}
    coordinator = Coordinator.objects.create(**own(actor.organization, **mine))
    instructor = BargainingInstructor.objects.create(**own(actor.organization, **mine))
    shared = {"starts_on": today() - timedelta(days=60)}
    LiaisonAssignment.objects.create(
        **own(actor.organization, subject=subject, coordinator=coordinator, **shared)
    )
    for firm in (subject, make_subject(actor.organization)):
        LiaisonAssignment.objects.create(
            **own(actor.organization, subject=firm, instructor=instructor, **shared)
        )


def register(case, model):
    actor, _, successor, _ = case
    return model.objects.create(
        **own(actor.organization, name="接收人", user=successor, appointed_on=today())
    )


BOTH = ("liaisons_coordinator", "liaisons_instructor")


@pytest.mark.parametrize("coordinator", [False, True])
@pytest.mark.parametrize("instructor", [False, True])
def test_what_can_go_goes_and_what_stays_is_on_the_receipt(case, liaisons, coordinator, instructor):
    actor, leaver, successor, _ = case
    heirs = {
        "coordinator": register(case, Coordinator) if coordinator else None,
        "instructor": register(case, BargainingInstructor) if instructor else None,
    }
    stays = [key for key, heir in zip(BOTH, heirs.values(), strict=True) if heir is None]
    if stays:
        with pytest.raises(DomainError, match="仍留在移交人名下") as caught:
            give(case)
        assert caught.value.code == "stays"
        assert Pairing.objects.get().person == leaver and not Handover.objects.exists()
    handover = give(case, stays=stays)
    left = {entry["label"]: entry for entry in handover.receipt if "stays" in entry}
    names = {
        "liaisons_coordinator": "定点联系（劳动关系协调员）",
        "liaisons_instructor": "定点联系（集体协商专职指导员）",
    }
    assert set(left) == {names[key] for key in stays}
    for label, entry in left.items():
        assert "请先登记为" in entry["stays"] and f"user={successor.pk}" in entry["url"]
        assert len(entry["items"]) == (1 if "协调员" in label else 2)
    open_rows = LiaisonAssignment.objects.filter(ends_on__isnull=True)
    for column, count in (("coordinator", 1), ("instructor", 2)):
        holders = set(
            open_rows.filter(**{f"{column}__isnull": False}).values_list(f"{column}__user", flat=True)
        )
        assert holders == {successor.pk if heirs[column] else leaver.pk}
        assert open_rows.filter(**{f"{column}__isnull": False}).count() == count
    still = dict(open_work(actor=actor, organization=actor.organization, leaver=leaver, now=now()))
    assert set(still) == set(left)
    changes = AuditEntry.objects.get(kind="Handover").changes
    assert all(changes[label] == [len(items), len(items)] for label, items in still.items())
    assert changes["结对"] == [1, 0]


def test_a_kind_that_was_not_told_of_is_asked_about(case, liaisons):
    with pytest.raises(DomainError, match="指导员） 2 项不能移交给接收人"):
        give(case, stays=BOTH[:1])
    assert not Handover.objects.exists()


def test_the_rest_is_handed_over_once_the_successor_is_registered(case, liaisons):
    give(case, stays=BOTH)
    register(case, Coordinator)
    register(case, BargainingInstructor)
    rest = give(case)
    assert {entry["label"]: len(entry["items"]) for entry in rest.receipt} == {
        "定点联系（劳动关系协调员）": 1,
        "定点联系（集体协商专职指导员）": 2,
    }
    actor, leaver, _, _ = case
    assert open_work(actor=actor, organization=actor.organization, leaver=leaver, now=now()) == []


def test_when_nothing_can_go_nothing_is_written(case, liaisons):
    Pairing.objects.all().delete()
    WorkItem.objects.all().delete()
    GuidanceVisit.objects.all().delete()
    with pytest.raises(DomainError, match=r"没有可以交接的事项.*协调员名册.*指导员名册"):
        give(case, stays=BOTH)
    assert not Handover.objects.exists()


def test_the_page_lists_what_stays_before_anything_is_written(case, liaisons):
    actor, leaver, successor, _ = case
    client, url = sign_in(actor.user), reverse("cultivation:handover_new")
    chosen = {"leaver": leaver.pk, "successor": successor.pk}
    page = client.get(url, chosen)
    words = page.content.decode()
    link = reverse("cultivation:ledger_create", args=["instructors"])
    assert "不能移交，仍留在移交人名下" in words and f"{link}?user={successor.pk}" in words
    assert words.count('name="leaver"') == 2 and words.count("<select") == 2  # the choice and its hidden copy
    typed = chosen | {"reason": "工作调动离岗"}
    asked = client.post(url, typed)
    assert asked.status_code == 422 and "再次确认交接" in asked.content.decode()
    assert asked.context["form"]["reason"].value() == "工作调动离岗"
    form = asked.context["form"]
    again = {name: form[name].value() for name in form.fields}
    assert again["stays"] == ",".join(BOTH)
    done = client.post(url, again, follow=True).content.decode()
    assert "未移交，仍在移交人名下" in done and "登记为集体协商专职指导员" in done
    new = client.get(f"{link}?user={successor.pk}")
    assert new.context["form"]["user"].value() == successor.pk


def test_a_wrong_choice_is_said_when_it_is_made(case):
    actor, leaver, _, _ = case
    client, url = sign_in(actor.user), reverse("cultivation:handover_new")
    page = client.get(url, {"leaver": leaver.pk, "successor": leaver.pk}).content.decode()
    assert "接收人不能与移交人相同" in page and "确认交接" not in page
    assert client.get(url, {"leaver": "x", "successor": "9" * 30}).status_code == 200
    lost = client.post(url, {"reason": "工作调动离岗"})
    assert lost.status_code == 422 and "工作调动离岗" in lost.content.decode()


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
