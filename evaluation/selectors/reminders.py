"""What evaluation adds to the reminders: to a firm's own people its self-assessment, begun or returned or not begun."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Case, Exists, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from cultivation.enums import SubjectState
from cultivation.models import Enrollment, Milestone, SubjectContact
from cultivation.selectors.reminders import DueThing, ReminderCase, register_reminders
from evaluation.enums import OPEN_STATES, AssessmentState
from evaluation.models import Assessment, ReturnRound


def self_assessment_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """Its own date for what was begun (a return's for what came back), the year's for a key subject that has not begun.

    Statements: 3.
    """
    returned = ReturnRound.objects.filter(assessment=OuterRef("pk"), closed_at__isnull=True).values("due_on")
    own = Coalesce("extended_to", "due_on")
    begun = (
        Assessment.objects.filter(state__in=OPEN_STATES, backfilled=False, subject__state=SubjectState.ACTIVE)
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
    milestones = Milestone.objects.filter(code="SELF_ASSESSMENT", due_on__in=case.dates)
    key = (
        Enrollment.objects.counted()
        .filter(backfilled=False, subject__state=SubjectState.ACTIVE, year__milestones__in=milestones)
        .filter(
            ~Exists(Assessment.objects.filter(subject_id=OuterRef("subject_id"), year_id=OuterRef("year_id")))
        )
        .annotate(by=F("year__milestones__due_on"))
        .order_by("id")
        .values_list("subject_id", "year_id", "by")
    )
    waiting += [(subject, f"开始{year}年度自评", due) for subject, year, due in key]
    people: dict[int, list[int]] = {}
    contacts = SubjectContact.objects.in_force(case.day).filter(
        user__is_active=True, subject_id__in={subject for subject, _, _ in waiting}
    )
    for subject, user in contacts.values_list("subject_id", "user_id"):
        people.setdefault(subject, []).append(user)
    for subject, what, due in waiting:
        for user in people.get(subject, []):
            yield DueThing(user, what, due)


def register() -> None:
    register_reminders("self_assessments", self_assessment_reminders)
