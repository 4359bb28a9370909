"""Numbers of findings and orders, and the last day of a term."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

MAX_TERM = 250
SHORTEST_REASON = 5


def order_prefix(year: int) -> str:
    """文号 of 整改通知书: 枣三方整改〔2026〕1号."""
    return f"枣三方整改〔{year}〕"


def finding_number(year: int, serial: int) -> str:
    return f"FX{year}-{serial:03d}"


def last_day(issued_on: date, days: int, is_workday: Callable[[date], bool]) -> date:
    """The `days`-th working day (1 to MAX_TERM) after the day of issue."""
    day = issued_on
    while days:
        day += timedelta(days=1)
        days -= is_workday(day)
    return day
