"""The calendar of working days as the city office keeps it, in memory: at most one minute old, 1 statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.core.cache import caches

from cultivation.models import Holiday
from cultivation.rules.work_days import (
    WorkCalendar,
    calendar_of,
    published_lines,
    unlisted_years_note,
)

_FILE = Path(__file__).resolve().parents[1] / "data" / "workdays.json"
_KEY, _SECONDS = "cultivation.work_calendar", 60


@cache
def delivered_years() -> Mapping[str, Mapping[str, Sequence[Any]]]:
    """What the portal is delivered with: what `setup` puts into the table; stands while the table is empty."""
    years: Mapping[str, Mapping[str, Sequence[Any]]] = json.loads(_FILE.read_text(encoding="utf-8"))["years"]
    return years


@cache
def delivered_calendar() -> WorkCalendar:
    return calendar_of((year, line.day, line.kind) for year, line in published_lines(delivered_years()))


def work_calendar() -> WorkCalendar:
    """Holidays and make-up days; a year without a list has weekends only (`working_day_note` says so)."""
    found: WorkCalendar | None = caches["local"].get(_KEY)
    if found is None:
        rows = list(Holiday.objects.order_by().values_list("year", "day", "kind"))
        found = calendar_of(rows) if rows else delivered_calendar()
        caches["local"].set(_KEY, found, _SECONDS)
    return found


def forget_work_calendar() -> None:
    """After a change; other processes see it within a minute."""
    caches["local"].delete(_KEY)


def working_day_note(*days: date) -> str:
    """For beside a date counted in working days: names the years among `days` that have no list yet, or ""."""
    return unlisted_years_note(work_calendar(), days)
