"""A visit an instructor writes down: with 指导员参加 是, the writer as participant, the registered unit; all of it changeable."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cultivation.ledgers.instructors import ServingInstructor, serving_instructor
from cultivation.ledgers.staff import INSTRUCTORS
from cultivation.ledgers.visits import VISITS
from cultivation.models import GuidanceVisit, Subject
from cultivation.rules.participants import read_participants, with_employer
from cultivation.services.visits import join_visit
from tests.cultivation.ledger_factories import make_record
from tests.factories import (
    login,
    make_actor,
    make_member_unit,
    make_organization,
    make_pairing,
    make_subject,
    make_visit,
    make_year,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, MemberUnit, Organization
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
TODAY = clock.shanghai_date(clock.now())
VISIT = {"happened_on": TODAY.isoformat(), "mode": "ON_SITE", "purpose": "GUIDANCE", "topic": "工时管理"}


@pytest.fixture
def district() -> Organization:
    make_year()
    return make_organization()


@pytest.fixture
def union(district: Organization) -> MemberUnit:
    return make_member_unit(district, kind="TRADE_UNION_FEDERATION", name="滕州市总工会")


def register(actor: Actor, district: Organization, employer: str, **values: Any) -> None:
    values = {"appointed_on": date(2023, 7, 1), "left_on": None} | values
    make_record(
        INSTRUCTORS, district, name=actor.user.full_name, employer=employer, user=actor.user, **values
    )


@pytest.fixture
def guide(district: Organization, union: MemberUnit) -> Actor:
    """Signs in as an instructor without a unit; the register says where the instructor works."""
    actor = make_actor(Role.INSTRUCTOR, district)
    register(actor, district, union.name)
    return actor


@pytest.fixture
def subject(district: Organization, guide: Actor) -> Subject:
    subject = make_subject(district)
    make_pairing(subject, person=guide.user)
    return subject


def test_the_registered_employer_names_the_unit(district: Organization, union: MemberUnit) -> None:
    for employer, found in (
        ("滕州市总工会", ServingInstructor(union)),
        ("滕州市总工会女工部", ServingInstructor(union)),
        ("木石镇总工会", ServingInstructor(None, "木石镇总工会")),
        ("", ServingInstructor(None)),
    ):
        actor = make_actor(Role.INSTRUCTOR, district)
        register(actor, district, employer)
        assert serving_instructor(actor, TODAY) == found
    unregistered = make_actor(Role.INSTRUCTOR, district, member_unit=union)
    assert serving_instructor(unregistered, TODAY) == ServingInstructor(union)
    office = make_actor(Role.DISTRICT_OFFICE, district)
    assert serving_instructor(office, TODAY) is None
    register(office, district, union.name, left_on=date(2024, 1, 31))
    assert serving_instructor(office, TODAY) is None, "no longer in service"


@pytest.mark.parametrize(
    ("employer", "words"),
    [
        ("木石镇总工会", "木石镇总工会 钱指导"),
        ("", "钱指导"),
        ("甲工会、乙工会", "钱指导"),
        ("工" * 38, "钱指导"),
    ],
)
def test_an_employer_that_is_no_unit_reads_back_as_one_name(employer: str, words: str) -> None:
    assert with_employer(employer, "钱指导") == words
    assert [person.name for person in read_participants(words, [])] == [words]


def test_on_the_phone_it_is_filled_in_and_may_be_changed(
    client: Client, guide: Actor, subject: Subject, union: MemberUnit, district: Organization
) -> None:
    other = make_member_unit(district, name="滕州市企联")
    login(client, guide)
    url = reverse("cultivation:visit_create", args=[subject.pk])
    page = client.get(url).content.decode()
    assert f'<option value="{union.pk}" selected>' in page
    assert page.split('name="by_instructor"')[1].split(">")[0].count("checked") == 1
    assert '<details class="disclosure">' in page, "folded, so that it stays at four presses"
    refused = {"own_unit": union.pk, "by_instructor": "on"}
    assert '<details class="disclosure">' in client.post(url, refused).content.decode()
    opened = client.post(url, refused | {"others": "李四"}).content.decode()
    assert '<details class="disclosure" open>' in opened

    # What the browser posts when the folded part was never opened.
    assert client.post(url, VISIT | {"own_unit": union.pk, "by_instructor": "on"}).status_code == 302
    visit = GuidanceVisit.objects.get()
    assert visit.by_instructor and visit.participant_words == f"滕州市总工会 {guide.user.full_name}"
    assert [(row.unit, row.user) for row in visit.participants.all()] == [(union, guide.user)]

    changed = VISIT | {"own_unit": other.pk, "topic": "另一次", "happened_on": "2026-11-02"}
    assert client.post(url, changed).status_code == 302
    visit = GuidanceVisit.objects.get(topic="另一次")
    assert not visit.by_instructor
    assert [(row.unit, row.user) for row in visit.participants.all()] == [(other, guide.user)]

    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    page = client.get(url).content.decode()
    assert "own_unit" not in page
    assert "checked" not in page.split('name="by_instructor"')[1].split(">")[0]


def test_at_the_desk_the_form_starts_with_it(client: Client, guide: Actor, subject: Subject) -> None:
    login(client, guide)
    url = reverse("cultivation:ledger_create", args=[VISITS.slug])
    page = client.get(url).content.decode()
    words = f"滕州市总工会 {guide.user.full_name}"
    assert f'value="{words}"' in page
    posted = VISIT | {"subject": subject.name, "participant_words": words, "by_instructor": "True"}
    assert client.post(url, posted).status_code == 302
    visit = GuidanceVisit.objects.get()
    assert visit.by_instructor
    assert [row.user for row in visit.participants.all()] == [guide.user]


def test_an_instructor_who_joins_makes_it_a_visit_with_one(
    guide: Actor, subject: Subject, union: MemberUnit, district: Organization
) -> None:
    visit = make_visit(subject, participant_words="")
    joined = join_visit(actor=guide, visit=visit, now=clock.now())
    assert joined.by_instructor and joined.participants.get(user=guide.user).unit == union
    assert AuditEntry.objects.get(action="加入指导服务").changes["by_instructor"] == [False, True]
    office = make_actor(Role.DISTRICT_OFFICE, district)
    other = join_visit(actor=office, visit=make_visit(subject, topic="另一次"), now=clock.now())
    assert not other.by_instructor
