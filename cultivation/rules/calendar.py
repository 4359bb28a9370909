"""The campaign's calendar: years, statistical periods and milestones, with the clause beside each date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

YEARS = range(2023, 2028)


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
    """The defaults for a year 2023–2027. The city office may edit every date but the clause stays beside it."""
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
        milestones=tuple(milestones),
    )


def first_visit_due(confirmed_on: date, *, roster_on: date, visit_on: date, period_end: date) -> date:
    """By when a subject of the roster must have been visited once.

    Chosen in time, by the year's date. Added later, it has as many days from its confirmation as the year gives between
    the two dates, yet within the statistical period, in which the visit counts; never less than until the year's date.
    """
    if confirmed_on <= roster_on:
        return visit_on
    room = max(visit_on - roster_on, timedelta(0))
    return max(min(confirmed_on + room, period_end), visit_on, confirmed_on)
