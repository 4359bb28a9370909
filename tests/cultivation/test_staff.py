"""协调员、指导员: firms given to one person at once, ended, handed over; load with the zeros named."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.ledgers.staff import COORDINATORS, INSTRUCTORS, LIAISONS
from cultivation.models import Coordinator, LiaisonAssignment
from cultivation.selectors.staff import staff_load
from cultivation.services.ledgers import RecordRefused, create_record, update_record
from cultivation.services.liaisons import assign_liaisons, end_liaisons, leave_service, open_liaisons
from tests.cultivation.ledger_factories import make_record
from tests.factories import (
    login,
    make_actor,
    make_organization,
    make_subject,
    make_user,
    make_visit,
    make_year,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

pytestmark = pytest.mark.django_db
STARTS, ENDS = date(2026, 2, 1), date(2026, 6, 30)


@pytest.fixture(autouse=True)
def year() -> None:
    make_year()


@pytest.fixture
def district() -> Organization:
    return make_organization(Level.DISTRICT)


@pytest.fixture
def office(district: Organization) -> Actor:
    return make_actor(Role.DISTRICT_OFFICE, district)


def a_coordinator(place: Organization, name: str = "", **values: object) -> Coordinator:
    values.setdefault("appointed_on", date(2024, 1, 1))
    return make_record(COORDINATORS, place, **({"name": name} if name else {}), **values)


def assign(actor: Actor, person: object, *subjects: object) -> object:
    return assign_liaisons(actor=actor, person=person, subjects=subjects, starts_on=STARTS, now=clock.now())


def test_many_firms_at_once_and_those_held_are_passed_over(district: Organization, office: Actor) -> None:
    person, firms = a_coordinator(district), [make_subject(district) for _ in range(3)]
    assert len(assign(office, person, *firms[:2]).created) == 2
    again = assign(office, person, *firms)
    assert [row.subject for row in again.created] == [firms[2]]
    assert again.already == [firms[0].name, firms[1].name]
    assert {row.subject_id for row in open_liaisons(person)} == {firm.pk for firm in firms}
    assert all(row.year_id == 2026 and row.organization_id == district.pk for row in open_liaisons(person))


def test_a_foreign_firm_refuses_the_whole(district: Organization, office: Actor) -> None:
    person = a_coordinator(district)
    foreign = make_subject(make_organization(Level.DISTRICT))
    with pytest.raises(DomainError):
        assign(office, person, make_subject(district), foreign)
    assert not open_liaisons(person).exists()
    with pytest.raises(DomainError, match="勾选"):
        assign(office, person)


def test_a_coordinator_and_an_instructor_may_share_a_firm_but_nobody_is_named_twice(
    district: Organization, office: Actor
) -> None:
    firm, person, instructor = (
        make_subject(district),
        a_coordinator(district),
        make_record(INSTRUCTORS, district),
    )
    assign(office, person, firm)
    assign(office, instructor, firm)
    values = {"subject": firm, "coordinator": person, "instructor": instructor, "starts_on": STARTS}
    with pytest.raises(RecordRefused, match="只能填一人"):
        create_record(actor=office, ledger=LIAISONS, values=values, now=clock.now())
    with pytest.raises(RecordRefused, match="不必重复登记"):
        create_record(actor=office, ledger=LIAISONS, values=values | {"instructor": None}, now=clock.now())


def test_an_end_needs_a_reason_and_the_successor_goes_on_the_next_day(
    district: Organization, office: Actor
) -> None:
    first, second = a_coordinator(district), a_coordinator(district)
    firms = [make_subject(district) for _ in range(2)]
    assign(office, first, *firms)
    assign(office, second, firms[0])
    rows = list(open_liaisons(first))
    with pytest.raises(DomainError, match="写明原因"):
        end_liaisons(actor=office, liaisons=rows, ends_on=ENDS, reason=" ", now=clock.now())
    with pytest.raises(DomainError, match="不能是本人"):
        end_liaisons(
            actor=office, liaisons=rows, ends_on=ENDS, reason="轮换", successor=first, now=clock.now()
        )
    rows = list(open_liaisons(first))
    end_liaisons(actor=office, liaisons=rows, ends_on=ENDS, reason="轮换", successor=second, now=clock.now())
    assert not open_liaisons(first).exists()
    ended = LiaisonAssignment.objects.filter(coordinator=first)
    assert {(row.ends_on, row.end_reason) for row in ended} == {(ENDS, "轮换")}
    held = {row.subject_id: row.starts_on for row in open_liaisons(second)}
    assert held == {firms[0].pk: STARTS, firms[1].pk: date(2026, 7, 1)}


def test_nobody_leaves_with_open_liaisons_by_the_plain_form(district: Organization, office: Actor) -> None:
    person, firm = a_coordinator(district), make_subject(district)
    assign(office, person, firm)
    change = {"actor": office, "ledger": COORDINATORS, "record": person, "now": clock.now()}
    with pytest.raises(RecordRefused) as refused:
        update_record(**change, expected_version=person.version, values={"left_on": ENDS})
    assert "还在定点联系 1 户企业" in str(refused.value) and "办理离任" in str(refused.value)
    leave_service(actor=office, person=person, left_on=ENDS, reason="退休", now=clock.now())
    person.refresh_from_db()
    assert person.left_on == ENDS and not open_liaisons(person).exists()
    with pytest.raises(RecordRefused, match="离任"):
        assign_liaisons(
            actor=office, person=person, subjects=[firm], starts_on=date(2026, 8, 1), now=clock.now()
        )


def test_leaving_hands_everything_to_the_successor_or_changes_nothing(
    district: Organization, office: Actor
) -> None:
    person, successor = a_coordinator(district), a_coordinator(district)
    firms = [make_subject(district) for _ in range(2)]
    assign(office, person, *firms)
    with pytest.raises(DomainError):
        leave_service(
            actor=office,
            person=person,
            left_on=date(2026, 1, 1),
            reason="调离",
            successor=successor,
            now=clock.now(),
        )
    person.refresh_from_db()
    assert person.left_on is None and open_liaisons(person).count() == 2
    leave_service(
        actor=office, person=person, left_on=ENDS, reason="调离", successor=successor, now=clock.now()
    )
    assert open_liaisons(successor).count() == 2 and not open_liaisons(person).exists()


def test_load_counts_firms_and_visits_once_and_names_the_zeros(district: Organization, office: Actor) -> None:
    user = make_user()
    busy, idle = a_coordinator(district, user=None), a_coordinator(district)
    Coordinator.objects.filter(pk=busy.pk).update(user=user)
    left = a_coordinator(district, left_on=date(2025, 1, 1))
    firms = [make_subject(district) for _ in range(2)]
    assign(office, busy, *firms)
    make_visit(firms[0], on=date(2026, 3, 1), by=user)
    make_visit(firms[0], on=date(2026, 4, 1), by=user)
    make_visit(firms[1], on=date(2026, 5, 1), by=user, removed_at=clock.now())
    first, second = staff_load(office, year=2026, today=date(2026, 11, 1))
    assert first.person == idle
    assert first.gaps == ["没有联系企业", "未关联账号，统计不到服务"]
    assert (second.person, second.firms, second.visits, second.last_on) == (busy, 2, 2, date(2026, 4, 1))
    assert second.gaps == [] and left not in (first.person, second.person)
    other_year = staff_load(office, year=2025, today=date(2026, 11, 1))
    assert other_year[1].gaps == ["本年度没有服务记录"] and other_year[1].last_on == date(2026, 4, 1)


# --- pages --------------------------------------------------------------------------------------------------------------


def test_the_load_page_takes_five_statements(client: Client, district: Organization, office: Actor) -> None:
    login(client, office)
    counts = []
    for _ in range(2):
        for _ in range(2):
            assign(office, a_coordinator(district), make_subject(district))
        client.get(reverse("cultivation:staff_load"))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("cultivation:staff_load")).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 5, counts


def test_assigning_in_the_browser_keeps_ticks_and_searches(
    client: Client, district: Organization, office: Actor
) -> None:
    township = make_organization(Level.TOWNSHIP, parent=district)
    person = a_coordinator(district, township=township)
    near, far = make_subject(district, township=township), make_subject(district, name="远处矿业有限公司")
    login(client, office)
    url = reverse("cultivation:staff_assign", args=["coordinators", person.pk])
    page = client.get(url).content.decode()
    assert near.name in page and far.name not in page
    answer = client.post(url, {"subject": [near.pk], "starts_on": "", "save": ""})
    assert (
        answer.status_code == 422 and f'value="{near.pk}" data-check-row checked' in answer.content.decode()
    )
    found = client.post(url, {"subject": [near.pk], "starts_on": "2026-02-01", "q": "远处", "find": "1"})
    assert far.name in found.content.decode() and not open_liaisons(person).exists()
    data = {"subject": [near.pk, far.pk], "starts_on": "2026.2.1", "save": ""}
    assert client.post(url, data).status_code == 302
    assert open_liaisons(person).count() == 2
    foreign = make_subject(make_organization(Level.DISTRICT))
    assert client.post(url, data | {"subject": [foreign.pk]}).status_code == 404


def test_leaving_in_the_browser_for_some_or_for_good(
    client: Client, district: Organization, office: Actor
) -> None:
    person, successor = a_coordinator(district), a_coordinator(district)
    assign(office, person, *[make_subject(district) for _ in range(3)])
    login(client, office)
    url = reverse("cultivation:staff_leave", args=["coordinators", person.pk])
    one = open_liaisons(person).first()
    data = {"left_on": "2026-06-30", "reason": "轮换", "successor": successor.pk}
    assert client.post(url, data | {"reason": ""}).status_code == 422
    assert client.post(url, data | {"stays": "on", "liaison": [one.pk]}).status_code == 302
    assert (open_liaisons(person).count(), open_liaisons(successor).count()) == (2, 1)
    assert client.post(url, data).status_code == 302
    person.refresh_from_db()
    assert person.left_on == ENDS
    assert (open_liaisons(person).count(), open_liaisons(successor).count()) == (0, 3)
    detail = client.get(
        reverse("cultivation:ledger_detail", args=["coordinators", successor.pk])
    ).content.decode()
    assert "定点联系的企业" in detail and "3 户" in detail
