"""Shanghai time. Everything is stored in UTC; every deadline is a half-open interval in Asia/Shanghai."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"


def now() -> datetime:
    """The current instant, in UTC. Services take the result as `at=`; only entry points call this."""
    return datetime.now(UTC)


def shanghai_date(instant: datetime) -> date:
    """The calendar day in Shanghai at `instant` (aware)."""
    return instant.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """00:00 in Shanghai of `day`, as an aware UTC instant."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """24:00 in Shanghai of `day`: the first instant that no longer belongs to it."""
    return start_of_day(day + timedelta(days=1))


def is_within(instant: datetime, first: date, last: date) -> bool:
    """Whether `instant` falls on one of the days first..last (both included) in Shanghai."""
    return start_of_day(first) <= instant < end_of_day(last)


def days_left(instant: datetime, due: date) -> int:
    """Whole days from the Shanghai day of `instant` to `due`; negative when overdue."""
    return (due - shanghai_date(instant)).days


@dataclass(frozen=True)
class DeadlineText:
    """A deadline in the words of ux F14: absolute date, weekday, days left or overdue."""

    due: date
    days: int

    def __str__(self) -> str:
        text = f"{self.due.year}年{self.due.month}月{self.due.day}日（周{WEEKDAYS[self.due.weekday()]}）"
        if self.days > 0:
            return f"{text}，剩 {self.days} 天"
        return f"{text}，今天截止" if self.days == 0 else f"{text}，已逾期 {-self.days} 天"


def describe_deadline(instant: datetime, due: date) -> DeadlineText:
    return DeadlineText(due, days_left(instant, due))
