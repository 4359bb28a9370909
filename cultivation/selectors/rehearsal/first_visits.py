"""Who still owes the first visit of the year, and by when: read by 时限预演, the workbench and the reminders alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from cultivation.enums import SubjectKind, SubjectState
from cultivation.models import Enrollment, GuidanceVisit, Milestone
from cultivation.rules.calendar import first_visit_due, year_seed
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.rehearsal.base import DayAtHand
from zaozhuang_portal.kernel.clock import shanghai_date

_DATES = ("ROSTER", "FIRST_VISIT")


@dataclass(frozen=True)
class OwedVisit:
    """A confirmed key subject without a visit. `added`: after the roster's date, so that `due` is its own date."""

    subject: int
    name: str
    organization: int
    confirmed_on: date
    due: date
    added: bool


def chosen_by_then(scope: Scope, at: DayAtHand) -> Any:
    """Confirmed key subjects of the year on that day, without pilots and without back-filled rows."""
    return (
        scope.of_organization(Enrollment.objects.counted())
        .filter(year=at.year, confirmed_at__lt=at.until, subject__state=SubjectState.ACTIVE)
        .exclude(subject__kind=SubjectKind.INDUSTRY_PILOT)
        .order_by("organization_id", "id")
    )


def first_visits_owed(scope: Scope, at: DayAtHand) -> Iterator[OwedVisit]:
    """In the order of districts. Statements: 2."""
    defaults = {seed.code: seed.due_on for seed in year_seed(at.year.pk).milestones}
    stored = Milestone.objects.filter(year=at.year, code__in=_DATES).values_list("code", "due_on")
    dates = {code: defaults[code] for code in _DATES} | dict(stored)
    visits = GuidanceVisit.objects.live().filter(
        subject_id=OuterRef("subject_id"),
        happened_on__gte=at.year.period_start,
        happened_on__lte=at.day,
    )
    rows = chosen_by_then(scope, at).filter(~Exists(visits))
    for pk, name, organization, confirmed_at in rows.values_list(
        "subject_id", "subject__name", "organization_id", "confirmed_at"
    ):
        confirmed_on = shanghai_date(confirmed_at)
        due = first_visit_due(
            confirmed_on,
            roster_on=dates["ROSTER"],
            visit_on=dates["FIRST_VISIT"],
            period_end=at.year.period_end,
        )
        yield OwedVisit(pk, name, organization, confirmed_on, due, confirmed_on > dates["ROSTER"])
