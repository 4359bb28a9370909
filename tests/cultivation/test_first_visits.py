"""首次指导服务: due on the year's date, or counted from the confirmation of a subject that was added later."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from cultivation.models import Enrollment, GuidanceVisit, Milestone
from cultivation.rules.calendar import OwnDate
from cultivation.selectors.data_checks import scope_of
from cultivation.selectors.rehearsal import rehearse
from cultivation.selectors.reminders import due_things
from tests.cultivation.planted_faults import Ground
from tests.factories import login, make_actor, make_organization, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock

ROSTER, VISIT, END = date(2026, 3, 31), date(2026, 6, 30), date(2026, 11, 30)


@pytest.mark.parametrize(
    ("confirmed", "due"),
    [
        (date(2025, 12, 10), VISIT),
        (date(2026, 3, 31), VISIT),
        (date(2026, 4, 1), date(2026, 7, 1)),  # 91 days, as from 31 March to 30 June
        (date(2026, 6, 30), date(2026, 9, 29)),
        (date(2026, 8, 31), END),
        (date(2026, 9, 1), END),  # 1 December is outside the period in which the visit counts
        (date(2026, 11, 20), END),
        (date(2026, 11, 30), END),
        (date(2026, 12, 2), date(2026, 12, 2)),
    ],
)
def test_golden_dates(confirmed: date, due: date) -> None:
    assert OwnDate(ROSTER, VISIT, END).of(confirmed) == due


def test_the_dates_of_the_city_are_followed() -> None:
    moved = OwnDate(roster_on=date(2026, 4, 30), due_on=date(2026, 5, 30), period_end=END)
    assert moved.of(date(2026, 4, 30)) == date(2026, 5, 30)
    assert moved.of(date(2026, 7, 1)) == date(2026, 7, 31)
    backwards = OwnDate(roster_on=date(2026, 6, 30), due_on=date(2026, 5, 30), period_end=END)
    assert backwards.of(date(2026, 7, 1)) == date(2026, 7, 1)


DAYS = st.dates(date(2025, 12, 1), date(2026, 12, 31))


@given(DAYS, DAYS, DAYS)
def test_it_is_never_due_before_the_confirmation_or_the_year_s_date(
    confirmed: date, roster: date, visit: date
) -> None:
    due = OwnDate(roster, visit, END).of(confirmed)
    assert due >= visit and (due >= confirmed or confirmed <= roster)


@pytest.fixture
def added(db: None) -> Ground:
    """A firm chosen in time with a visit, and one added on 20 October that nobody visited."""
    make_year(2026)
    ground = Ground()
    make_year(2026)
    Enrollment.objects.update(confirmed_at=clock.start_of_day(date(2026, 3, 20)))
    GuidanceVisit.objects.update(removed_at=clock.now())
    firm = ground.subject("增补企业")
    Enrollment.objects.create(
        subject=firm,
        year_id=2026,
        organization=ground.district,
        state="CONFIRMED",
        enrolled_at=clock.now(),
        confirmed_at=clock.start_of_day(date(2026, 6, 10)),
    )
    return ground


def missed(ground: Ground, day: date) -> dict[str, str]:
    actor = make_actor(Role.DISTRICT_OFFICE, ground.district)
    rehearsal = rehearse(actor, scope_of(actor), day=day)
    assert rehearsal is not None
    items = [state for milestone in rehearsal.milestones for state in milestone.items]
    return {
        miss.label: miss.detail for item in items if item.item.code == "FIRST_VISIT" for miss in item.misses
    }


def test_an_added_subject_is_missed_after_its_own_date_only(added: Ground) -> None:
    old, own = added.firm.name, date(2026, 9, 9)
    assert set(missed(added, date(2026, 6, 11))) == {old}
    assert set(missed(added, date(2026, 7, 1))) == {old}, "the year's date is past, its own is not"
    assert set(missed(added, own)) == {old}
    late = missed(added, own + timedelta(days=3))
    assert late["增补企业"] == "2026-06-10 增补，首次服务时限 2026-09-09，逾期 3 天"
    assert late[old] == "统计期内还没有指导服务"
    Milestone.objects.filter(year_id=2026, code="FIRST_VISIT").update(due_on=date(2026, 7, 31))
    assert set(missed(added, own + timedelta(days=3))) == {old}, "the city gives 31 days more"


def test_an_added_subject_within_its_own_date_is_listed_apart(client: Client, added: Ground) -> None:
    added.visit_on(date(2026, 6, 1))
    actor = make_actor(Role.DISTRICT_OFFICE, added.district)
    day = date(2026, 9, 9)
    rehearsal = rehearse(actor, scope_of(actor), day=day)
    assert rehearsal is not None
    (state,) = [part for part, _ in rehearsal.with_misses if part.item.code == "FIRST_VISIT"]
    assert state.misses == [] and [(miss.label, miss.detail) for miss in state.later] == [
        ("增补企业", "2026-06-10 增补，首次服务时限 2026-09-09")
    ]
    words = "另有 1 户增补对象"
    page = login(client, actor).get(f"/rehearsal/?day={day}").content.decode()
    assert f"{words}，各自时限见名单" in page and f"{words}，时限未到" in page
    assert "首次服务时限 2026-09-09<" in page
    late = client.get("/rehearsal/?day=2026-09-10").content.decode()
    assert "首次服务时限 2026-09-09，逾期 1 天" in late


def test_its_district_is_reminded_of_its_own_date(added: Ground) -> None:
    own = date(2026, 9, 9)
    office = make_actor(Role.DISTRICT_OFFICE, added.district).user
    stranger = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT)).user

    def told(day: date, dates: list[date]) -> dict[int, list[Any]]:
        found = due_things(day, dates)
        return {user: [thing for thing in things if "首次" in thing.what] for user, things in found.items()}

    before = told(own - timedelta(days=3), [own])
    assert [(thing.what, thing.due) for thing in before[office.pk]] == [
        ("增补对象“增补企业”首次指导服务", own)
    ]
    assert not before.get(stranger.pk)
    # The year's date is told of those it holds for.
    milestone = told(date(2026, 6, 27), [VISIT]).get(office.pk, [])
    assert not [thing for thing in milestone if "增补企业" in thing.what]
    year = due_things(date(2026, 6, 27), [VISIT])[office.pk]
    assert any(added.firm.name in thing.what for thing in year)
    added.visit_on(date(2026, 8, 1), subject=Enrollment.objects.get(subject__name="增补企业").subject)
    assert not told(own - timedelta(days=3), [own]).get(office.pk)
