"""Which campaign year a day counts in: the year whose statistical period (统计期, both days included) holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Period:
    """The statistical period of one campaign year (default 1 December of the year before to 30 November).

    `in_use` is false for a year before the portal went into use (补录), `closed` true once the city closed it (封存).
    """

    year: int
    first: date
    last: date
    in_use: bool = True
    closed: bool = False

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def period_of_day(periods: Iterable[Period], day: date) -> Period | None:
    """The period that holds `day`; the earlier year where two overlap, None where none does."""
    return next((period for period in sorted(periods, key=lambda item: item.year) if day in period), None)


def outside_periods(periods: Iterable[Period], day: date) -> str:
    """Why `day` counts in no year, in words."""
    known = sorted(periods, key=lambda item: item.year)
    if not known:
        return "系统还没有设定年度和统计期，请联系市三方委员会办公室。"
    return f"{day:%Y-%m-%d} 不在任何年度的统计期内（{known[0].first:%Y-%m-%d} 至 {known[-1].last:%Y-%m-%d}），请核对日期。"
