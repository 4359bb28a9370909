"""Milestones and statistical periods as code tables in memory: hardly anybody edits them while the portal runs."""

from __future__ import annotations

from datetime import date

from django.core.cache import caches

from cultivation.models import CampaignYear, Milestone
from cultivation.rules.calendar import year_at_hand
from cultivation.rules.periods import Period, period_of_day

_SECONDS = 60
_PERIODS = "cultivation.periods"
_MILESTONES = "cultivation.milestones"


def _milestones() -> dict[int, list[Milestone]]:
    found: dict[int, list[Milestone]] | None = caches["local"].get(_MILESTONES)
    if found is None:
        found = {}
        for milestone in Milestone.objects.order_by("due_on", "id"):
            found.setdefault(milestone.year_id, []).append(milestone)
        if found:
            caches["local"].set(_MILESTONES, found, _SECONDS)
    return found


def milestones_of(year: int) -> list[Milestone]:
    """In the order of their days; at most one minute old. Shared by all threads: not to be changed."""
    return _milestones().get(year, [])


def milestone_days() -> dict[tuple[int, str], date]:
    """(year, code) → its day, of all years; at most one minute old."""
    return {(year, one.code): one.due_on for year, rows in _milestones().items() for one in rows}


def statistical_periods() -> list[Period]:
    """The statistical periods of all campaign years, earliest first; at most one minute old."""
    key = _PERIODS
    found: list[Period] | None = caches["local"].get(key)
    if found is None:
        rows = CampaignYear.objects.order_by("year").values_list(
            "year", "period_start", "period_end", "in_use", "closed_at"
        )
        found = [
            Period(year, first, last, in_use, closed_at is not None)
            for year, first, last, in_use, closed_at in rows
        ]
        if found:
            caches["local"].set(key, found, _SECONDS)
    return found


def is_closed(year: int) -> bool:
    """Whether the city closed the year, for showing; what is written asks `services.closed_years`."""
    return any(period.closed for period in statistical_periods() if period.year == year)


def years_in_use(day: date) -> list[int]:
    """The years the portal has been in use for, up to the year at hand: what they owe stays owed."""
    last = year_at_hand(day)
    return [one.year for one in statistical_periods() if one.in_use and one.year <= last]


def years_judged(day: date) -> list[int]:
    """The years that are judged on a day: years_in_use(), before the use the year at hand alone."""
    return years_in_use(day) or [year_at_hand(day)]


def forget_milestones() -> None:
    """After a change of a date; other processes see it within a minute."""
    caches["local"].delete(_MILESTONES)


def forget_periods() -> None:
    """After a change of the years; other processes see it within a minute, what is written asks the database."""
    caches["local"].delete(_PERIODS)


def current_year(today: date) -> int:
    """The campaign year of today; before the campaign its first, after it its last year."""
    periods = statistical_periods()
    found = period_of_day(periods, today)
    if found is not None:
        return found.year
    if not periods:
        return today.year
    return periods[0].year if today < periods[0].first else periods[-1].year
