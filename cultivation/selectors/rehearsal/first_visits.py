"""Who still owes the first visit of the year, and by when: read by 时限预演, the workbench and the reminders alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from cultivation.enums import SubjectKind, SubjectState
from cultivation.models import Enrollment, GuidanceVisit
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.own_dates import FIRST_VISIT, by_year
from cultivation.selectors.rehearsal.base import DayAtHand
from zaozhuang_portal.kernel.clock import shanghai_date


@dataclass(frozen=True)
class OwedVisit:
    """A confirmed key subject without a visit. `added`: after the roster's date, so that `due` is its own date."""

    subject: int
    name: str
    organization: int
    confirmed_on: date
    due: date
    added: bool
    year: int


def chosen_by_then(scope: Scope, at: DayAtHand) -> Any:
    """Confirmed key subjects of the years judged on that day, without pilots and without back-filled rows."""
    return (
        scope.of_organization(Enrollment.objects.counted())
        .filter(year__in=at.years, confirmed_at__lt=at.until, subject__state=SubjectState.ACTIVE)
        .exclude(subject__kind=SubjectKind.INDUSTRY_PILOT)
        .order_by("organization_id", "id")
    )


def first_visits_owed(scope: Scope, at: DayAtHand) -> Iterator[OwedVisit]:
    """In the order of districts. A visit counts from the beginning of the period; of a past year also a late one.

    Statements: 2.
    """
    dates = at.own_dates(FIRST_VISIT)
    visits = GuidanceVisit.objects.live().filter(
        subject_id=OuterRef("subject_id"),
        happened_on__gte=OuterRef("visited_from"),
        happened_on__lte=at.day,
    )
    first = by_year({year.pk: year.period_start for year in at.years})
    rows = chosen_by_then(scope, at).annotate(visited_from=first).filter(~Exists(visits))
    for pk, name, organization, confirmed_at, year in rows.values_list(
        "subject_id", "subject__name", "organization_id", "confirmed_at", "year_id"
    ):
        confirmed_on = shanghai_date(confirmed_at)
        own = dates[year]
        added = own.is_late_addition(confirmed_on)
        yield OwedVisit(pk, name, organization, confirmed_on, own.of(confirmed_on), added, year)
