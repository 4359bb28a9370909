"""The campaign's calendar: years, statistical periods and milestones, with the clause beside each date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from zaozhuang_portal.kernel.parsing import whole_number

YEARS = range(2023, 2028)
# The notice is of this day: no date of the campaign lies before it.
NOTICE_ON = date(2023, 5, 31)


def year_at_hand(today: date) -> int:
    """The campaign year of the calendar: what may be begun, and what a page shows first. Open work is found by its state."""
    return min(max(today.year, YEARS[0]), YEARS[-1])


def campaign_year_of(text: str | None) -> int | None:
    """The campaign year an address names (2023–2027), or None."""
    year = whole_number(text, digits=4)
    return year if year in YEARS else None


@dataclass(frozen=True)
class MilestoneSeed:
    code: str
    name: str
    due_on: date
    clause: str
    system_default: bool = False


@dataclass(frozen=True)
class YearSeed:
    """Defaults of one campaign year. The statistical period is 1 December of the year before to 30 November.

    So a report that is due on 30 November can be complete.
    """

    year: int
    period_start: date
    period_end: date
    cutoff_on: date
    milestones: tuple[MilestoneSeed, ...]


def year_seed(year: int) -> YearSeed:
    """The defaults for a year 2023–2027. The city office may edit every date but the clause stays beside it.

    A date that would lie before the notice itself (the roster of 2023) is not set.
    """
    if year not in YEARS:
        raise ValueError(f"campaign years are 2023–2027, not {year}")
    milestones = [
        MilestoneSeed("ROSTER", "确定年度重点培育名单", date(year, 3, 31), "", True),
        MilestoneSeed("FIRST_VISIT", "每户至少开展1次指导服务", date(year, 6, 30), "", True),
        MilestoneSeed("SELF_ASSESSMENT", "完成自评和区（市）核验", date(year, 10, 31), "", True),
        MilestoneSeed(
            "ANNUAL_REPORT",
            "区（市）书面报告报送市三方委员会办公室",
            date(year, 11, 30),
            "三（四）1（C088–C090）",
        ),
        MilestoneSeed("SPOT_CHECK", "市级抽查各区（市）落实情况", date(year, 11, 30), "三（四）2（C091）"),
    ]
    if year == 2023:
        milestones.append(
            MilestoneSeed("PILOTS", "选取1—2个重点行业开展试点", date(2023, 12, 31), "三（二）3（C078）")
        )
    if year == 2024:
        milestones.append(
            MilestoneSeed(
                "PILOT_SUMMARY",
                "扩大行业试点范围并总结试点经验",
                date(2024, 12, 31),
                "三（二）3（C079–C080）",
            )
        )
    if year == 2025:
        milestones.append(MilestoneSeed("MIDTERM", "中期评估", date(2025, 12, 31), "三（四）3（C092）"))
    if year == 2027:
        milestones.append(
            MilestoneSeed("FINAL", "总结评估，推广先进经验做法", date(2027, 12, 31), "三（四）4（C093–C094）")
        )
    return YearSeed(
        year=year,
        period_start=date(year - 1, 12, 1),
        period_end=date(year, 11, 30),
        cutoff_on=date(year, 12, 31),
        milestones=tuple(one for one in milestones if one.due_on >= NOTICE_ON),
    )


@dataclass(frozen=True)
class OwnDate:
    """A date of the year that a subject added to the roster later does not share: it has one of its own.

    `roster_on`: the day by which the roster was to be confirmed, `due_on`: the year's date, `period_end`: the last day of
    the statistical period, in which the thing counts. All days are included.
    """

    roster_on: date
    due_on: date
    period_end: date

    @property
    def room(self) -> timedelta:
        """The time the year gives between its two dates."""
        return max(self.due_on - self.roster_on, timedelta(0))

    def is_late_addition(self, confirmed_on: date) -> bool:
        return confirmed_on > self.roster_on

    def of(self, confirmed_on: date) -> date:
        """By when the subject confirmed on that day is to have it done.

        Chosen in time, by the year's date. Added later, it has as many days from its confirmation as the year gives, yet
        within the statistical period; never less than until the year's date, and never before its own confirmation.
        """
        if not self.is_late_addition(confirmed_on):
            return self.due_on
        return max(min(confirmed_on + self.room, self.period_end), self.due_on, confirmed_on)

    def of_volunteer(self, begun_on: date) -> date:
        """By when a subject that is on no roster and began on that day is to have it done: nobody is late on his first day."""
        return self.due_on if begun_on <= self.due_on else max(self.period_end, begun_on)
