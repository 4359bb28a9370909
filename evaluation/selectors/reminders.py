"""What evaluation adds to the reminders: to a firm's own people its self-assessment, begun or returned or not begun."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from cultivation.enums import SubjectKind, SubjectState
from cultivation.models import Enrollment, SubjectContact
from cultivation.selectors.own_dates import SELF_ASSESSMENT, own_date_sql
from cultivation.selectors.rehearsal import DayAtHand
from cultivation.selectors.reminders import DueThing, ReminderCase, register_reminders
from evaluation.enums import OPEN_STATES, AssessmentState
from evaluation.models import Assessment, ReturnRound


def self_assessment_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """Its own date for what was begun (a return's for what came back); the year's for a key subject that has not begun, and
    its own for one that was added to the roster later.

    Statements: 3, beside those of the day.
    """
    returned = ReturnRound.objects.filter(assessment=OuterRef("pk"), closed_at__isnull=True).values("due_on")
    own = Coalesce("extended_to", "due_on")
    begun = (
        Assessment.objects.filter(
            state__in=OPEN_STATES,
            backfilled=False,
            year__in_use=True,
            subject__state=SubjectState.ACTIVE,
        )
        .annotate(
            by=Case(
                When(state=AssessmentState.RETURNED, then=Coalesce(Subquery(returned[:1]), own)), default=own
            )
        )
        .filter(by__in=case.dates)
        .order_by("id")
        .values_list("subject_id", "year_id", "by", "state")
    )
    waiting = [
        (subject, f"{'修改被退回的' if state == AssessmentState.RETURNED else ''}{year}年度自评", due)
        for subject, year, due, state in begun
    ]
    if case.at is not None:
        waiting += [
            (subject, f"开始{year}年度自评", due)
            for subject, _, _, year, due in _on_rosters(case, case.at, Assessment.objects.all())
        ]
    people: dict[int, list[int]] = {}
    contacts = SubjectContact.objects.in_force(case.day).filter(
        user__is_active=True, subject_id__in={subject for subject, _, _ in waiting}
    )
    for subject, user in contacts.values_list("subject_id", "user_id"):
        people.setdefault(subject, []).append(user)
    for subject, what, due in waiting:
        for user in people.get(subject, []):
            yield DueThing(user, what, due)


def _on_rosters(case: ReminderCase, at: DayAtHand, done: QuerySet[Assessment]) -> QuerySet[Any, Any]:
    """(subject, name, district, year, due) of key subjects without one of the assessments `done` whose date is told of."""
    own = done.filter(subject_id=OuterRef("subject_id"), year_id=OuterRef("year_id"))
    return (
        Enrollment.objects.counted()
        .filter(backfilled=False, subject__state=SubjectState.ACTIVE)
        .exclude(subject__kind=SubjectKind.INDUSTRY_PILOT)
        .annotate(by=own_date_sql(at.own_dates(SELF_ASSESSMENT), year="year_id", confirmed="confirmed_at"))
        .filter(~Exists(own), by__in=case.dates)
        .order_by("id")
        .values_list("subject_id", "subject__name", "organization_id", "year_id", "by")
    )


def late_addition_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """Self-assessment and verification of a subject added to a roster later: its own date, to its district.

    The year's date is told with the milestone. Statements: 1, beside those of the day.
    """
    told = case.of_districts()
    if case.at is None or not told:
        return
    dates = case.at.own_dates(SELF_ASSESSMENT)
    verified = Assessment.objects.filter(verified_at__isnull=False)
    for _, name, organization, year, due in _on_rosters(case, case.at, verified):
        if due != dates[year].due_on:
            for actor in told.get(organization, []):
                yield DueThing(actor.user.pk, f"增补对象“{name}”{year}年度自评和核验", due)


def register() -> None:
    register_reminders("late_additions", late_addition_reminders)
    register_reminders("self_assessments", self_assessment_reminders)
