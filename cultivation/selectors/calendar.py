"""Milestones and statistical periods as code tables in memory: hardly anybody edits them while the portal runs."""

from __future__ import annotations

from datetime import date

from django.core.cache import caches

from cultivation.models import CampaignYear, Milestone
from cultivation.rules.periods import Period, period_of_day

_SECONDS = 60
_PERIODS = "cultivation.periods"


def milestones_of(year: int) -> list[Milestone]:
    """In the order of their days; at most one minute old. Shared by all threads: not to be changed."""
    key = f"cultivation.milestones.{year}"
    found: list[Milestone] | None = caches["local"].get(key)
    if found is None:
        found = list(Milestone.objects.filter(year_id=year).order_by("due_on", "id"))
        caches["local"].set(key, found, _SECONDS)
    return found


def statistical_periods() -> list[Period]:
    """The statistical periods of all campaign years, earliest first; at most one minute old."""
    key = _PERIODS
    found: list[Period] | None = caches["local"].get(key)
    if found is None:
        rows = CampaignYear.objects.order_by("year").values_list(
            "year", "period_start", "period_end", "in_use", "closed_at"
        )
        found = [Period(*row, closed=closed_at is not None) for *row, closed_at in rows]
        if found:
            caches["local"].set(key, found, _SECONDS)
    return found


def is_closed(year: int) -> bool:
    """Whether the city closed the year, for showing; what is written asks `services.closed_years`."""
    return any(period.closed for period in statistical_periods() if period.year == year)


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
