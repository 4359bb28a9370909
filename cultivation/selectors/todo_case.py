"""Whose work waits, on which day: what every part of 待办, 我发起的 and 草稿 is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, DateField, F, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from cultivation.models import CampaignYear
from cultivation.rules.calendar import year_at_hand
from cultivation.rules.periods import Period
from cultivation.selectors.calendar import milestone_days, statistical_periods
from cultivation.selectors.own_dates import SELF_ASSESSMENT, by_year, own_date_sql, own_dates
from zaozhuang_portal.accounts.actors import Actor


@dataclass(frozen=True)
class TodoCase:
    """Whose work, on which day. `periods`: all years, earliest first; `days`: their milestones by year and code.

    Open work is found by its state, whatever its year (design §3). `owed` are the years of which what nobody began is
    still owed: those in use, up to the year at hand. `past` are those before the portal went into use: what they lack is
    to be back-filled, and nothing of them is ever late.
    """

    actor: Actor
    today: date
    periods: tuple[Period, ...]
    days: Mapping[tuple[int, str], date]

    @property
    def year(self) -> int:
        """The year at hand: of the calendar, not of the open work."""
        return year_at_hand(self.today)

    @property
    def in_use(self) -> list[Period]:
        return [period for period in self.periods if period.in_use]

    @property
    def owed_periods(self) -> list[Period]:
        return [period for period in self.in_use if period.year <= self.year]

    @property
    def owed(self) -> list[int]:
        return [period.year for period in self.owed_periods]

    @property
    def past(self) -> list[int]:
        return [period.year for period in self.periods if not period.in_use]

    def owed_years(self) -> QuerySet[CampaignYear]:
        return CampaignYear.objects.filter(pk__in=self.owed)

    def due_days(self, code: str = "") -> dict[int, date]:
        """By year in use: the day of this milestone; what has none is due by the end of the statistical period."""
        return {period.year: self.days.get((period.year, code), period.last) for period in self.in_use}

    def due(self, code: str = "", year: str = "year_id") -> Case:
        """due_days() as SQL, by the row's column `year`; null in a year before the use."""
        return by_year(self.due_days(code), year)

    def self_due(self, *, year: str = "year_id", confirmed: str = "confirmed_at") -> Case:
        """By when a subject on the roster is to have assessed itself: a late addition by a date of its own."""
        ends = {period.year: period.last for period in self.in_use}
        dates = own_dates(SELF_ASSESSMENT, ends, self.days)
        return own_date_sql(dates, year=year, confirmed=confirmed)

    def unless_past(self, due: Any) -> Case:
        """That day, but null for a row of a year before the use."""
        return Case(
            When(year_id__in=self.past, then=Value(None, DateField())), default=due, output_field=DateField()
        )


def todo_case(actor: Actor, today: date) -> TodoCase | None:
    """None while no campaign year is loaded."""
    periods = statistical_periods()
    return TodoCase(actor, today, tuple(periods), milestone_days()) if periods else None


def name_and_year(column: str, year: str = "year_id") -> Any:
    """「甲公司（2026年度）」 of a row, as SQL."""
    words = Cast(F(year), CharField())
    return Concat(F(column), Value("（"), words, Value("年度）"), output_field=CharField())


def of_year(words: str, year: str = "year_id") -> Any:
    """「2026年度」 of a row and these words, as SQL."""
    return Concat(Cast(F(year), CharField()), Value(f"年度{words}"), output_field=CharField())
