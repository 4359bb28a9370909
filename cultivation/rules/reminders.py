"""Reminders by calendar (ux E20): which dates are told of on a day, on workdays only, each offset once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from cultivation.rules.work_days import WorkCalendar

# Days from the date: before it, and after it while the thing is not done.
OFFSETS = (-15, -7, -3, -1, 1, 3)
FIRST_HOUR, LAST_HOUR = 9, 18
# A notification holds 2000 characters; the rest is named by its number.
_BODY = 1900
_DAY = timedelta(days=1)


def told_on(due: date, offset: int, calendar: WorkCalendar) -> date:
    """The day on which this offset of a date is told: its own day, or the next workday."""
    day = due + _DAY * offset
    while not calendar.is_workday(day):
        day += _DAY
    return day


def dates_told_on(day: date, calendar: WorkCalendar) -> dict[date, int]:
    """The dates told of on `day`, each with the latest of its offsets that falls there; none on a day off.

    The inverse of told_on(): a workday also answers for the days off right before it.
    """
    if not calendar.is_workday(day):
        return {}
    days = [day]
    while not calendar.is_workday(days[-1] - _DAY):
        days.append(days[-1] - _DAY)
    found: dict[date, int] = {}
    for offset in OFFSETS:
        for one in days:
            found[one - _DAY * offset] = offset
    return found


def is_hour_of_digest(instant: datetime, zone: tzinfo) -> bool:
    """From 09:00; until the evening, for a server that was down in the morning."""
    return FIRST_HOUR <= instant.astimezone(zone).hour < LAST_HOUR


def digest_title(count: int) -> str:
    return f"{count} 项临近或已过期限"


def digest_body(lines: Sequence[str]) -> str:
    """One line each, in the given order; what a notification cannot hold is named by its number."""
    shown: list[str] = []
    for number, line in enumerate(lines):
        if sum(len(text) + 1 for text in shown) + len(line) > _BODY:
            return "\n".join([*shown, f"另有 {len(lines) - number} 项，请到工作台查看。"])
        shown.append(line)
    return "\n".join(shown)


def name_some(names: Sequence[str], *, most: int = 3) -> str:
    """甲、乙、丙等 12 个."""
    if len(names) <= most:
        return "、".join(names)
    return f"{'、'.join(names[:most])}等 {len(names)} 个"
