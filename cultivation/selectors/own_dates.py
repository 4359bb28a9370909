"""Dates of the year that a late addition to a roster does not share (rules.calendar.OwnDate), in Python and as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Case, DateField, Func, Q, Value, When
from django.db.models.functions import Greatest, Least, TruncDate

from cultivation.models import CampaignYear, Milestone
from cultivation.rules.calendar import NOTICE_ON, OwnDate, year_seed
from zaozhuang_portal.kernel.clock import SHANGHAI, end_of_day

ROSTER, FIRST_VISIT, SELF_ASSESSMENT = "ROSTER", "FIRST_VISIT", "SELF_ASSESSMENT"


def _build(code: str, year: int, period_end: date, stored: Mapping[tuple[int, str], date]) -> OwnDate:
    """A date the city took away counts as the default; 2023 had no roster's date, its additions count from the notice."""
    defaults = {seed.code: seed.due_on for seed in year_seed(year).milestones}
    roster_on = stored.get((year, ROSTER)) or defaults.get(ROSTER, NOTICE_ON)
    return OwnDate(roster_on, stored.get((year, code)) or defaults[code], period_end)


def own_dates(
    code: str, ends: Mapping[int, date], stored: Mapping[tuple[int, str], date]
) -> dict[int, OwnDate]:
    """By year: `ends` are the last days of the statistical periods, `stored` the days of the milestones."""
    return {year: _build(code, year, end, stored) for year, end in ends.items()}


def own_dates_now(code: str, year: CampaignYear) -> OwnDate:
    """Of one year, as the database has it now. One statement."""
    rows = Milestone.objects.filter(year=year, code__in=(ROSTER, code))
    stored = {(year.pk, found): due for found, due in rows.values_list("code", "due_on")}
    return _build(code, year.pk, year.period_end, stored)


class _DaysLater(Func):
    """So many days after a day."""

    output_field = DateField()
    template = "(%(expressions)s + %(days)s)"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="DATE(%(expressions)s, '+%(days)s days')", **extra)


def own_date_sql(dates: Mapping[int, OwnDate], *, year: str, confirmed: str) -> Case:
    """OwnDate.of() of the row's year and instant of confirmation; null in a year without dates, or while unconfirmed."""
    on = TruncDate(confirmed, tzinfo=SHANGHAI)
    cases = []
    for number, own in dates.items():
        given = Value(own.due_on, DateField())
        added = Q(**{year: number, f"{confirmed}__gte": end_of_day(own.roster_on)})
        room = _DaysLater(on, days=own.room.days)
        cases.append(When(added, then=Greatest(Least(room, Value(own.period_end, DateField())), given, on)))
        cases.append(When(Q(**{year: number, f"{confirmed}__isnull": False}), then=given))
    return Case(*cases, default=Value(None, DateField()), output_field=DateField())


def by_year(days: Mapping[int, date], year: str = "year_id") -> Case:
    """The day of the row's year, null in a year that has none."""
    cases = [When(**{year: number}, then=Value(day, DateField())) for number, day in days.items()]
    return Case(*cases, default=Value(None, DateField()), output_field=DateField())
