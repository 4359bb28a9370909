"""INSTRUCTOR sees own subjects and visits (design §2): by 结对, by 定点联系, by having taken part."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cultivation.models import Enrollment, GuidanceVisit, Pairing, Subject
from evaluation.models import Assessment
from tests.factories import (
    make_actor,
    make_liaison,
    make_organization,
    make_pairing,
    make_subject,
    make_visit,
    make_year,
)
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def instructor():
    make_year()
    return make_actor(Role.INSTRUCTOR, make_organization())


def test_paired_and_liaised_subjects_are_own_and_nothing_else(instructor) -> None:
    district = instructor.organization
    paired, liaised, other = (make_subject(district) for _ in range(3))
    make_pairing(paired, person=instructor.user)
    make_pairing(other)
    make_liaison(liaised, instructor.user)
    assert set(Subject.objects.visible_to(instructor)) == {paired, liaised}
    for subject in (paired, liaised, other):
        Enrollment.objects.create(
            subject=subject, year_id=2026, organization=district, enrolled_at=clock.now()
        )
    assert Enrollment.objects.visible_to(instructor).count() == 2
    assert set(Pairing.objects.visible_to(instructor).values_list("subject_id", flat=True)) == {paired.pk}
    assert not Assessment.objects.visible_to(instructor).exists()


def test_what_ended_yesterday_or_was_removed_is_no_longer_own(instructor) -> None:
    today = clock.shanghai_date(clock.now())
    ended, ends_today, removed = (make_subject(instructor.organization) for _ in range(3))
    make_pairing(ended, person=instructor.user, ends_on=today - timedelta(days=1), end_reason="调岗")
    make_pairing(ends_today, person=instructor.user, ends_on=today)
    make_pairing(removed, person=instructor.user, removed_at=clock.now())
    assert list(Subject.objects.visible_to(instructor)) == [ends_today]


def test_a_subject_moved_to_another_district_is_gone_although_paired(instructor) -> None:
    moved = make_subject(make_organization())
    make_pairing(moved, person=instructor.user)
    assert not Subject.objects.visible_to(instructor).exists()


def test_own_visits_stay_visible_after_the_pairing_ended(instructor) -> None:
    mine, served, strange = (make_subject(instructor.organization) for _ in range(3))
    make_pairing(served, person=instructor.user)
    joined = make_visit(mine, by=instructor.user)
    of_served = make_visit(served)
    make_visit(strange)
    assert set(GuidanceVisit.objects.visible_to(instructor)) == {joined, of_served}


def test_other_roles_see_what_they_saw() -> None:
    make_year()
    district = make_organization()
    make_visit(make_subject(district))
    assert GuidanceVisit.objects.visible_to(make_actor(Role.DISTRICT_MEMBER, district)).count() == 1
    assert GuidanceVisit.objects.visible_to(make_actor(Role.DISTRICT_MEMBER)).count() == 0
    assert GuidanceVisit.objects.visible_to(make_actor(Role.CITY_MEMBER)).count() == 1
