"""Working days: Monday to Friday, corrected by the yearly notices on holidays. Pure: the calendar comes in as a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zaozhuang_portal.kernel.lengths import shortened

_SATURDAY = 5
_DAY = timedelta(days=1)
# Days of one holiday at most, and characters of its name.
LONGEST_SPAN, LONGEST_NAME = 31, 20
MOST_LINES = 100
HOLIDAY, WORKDAY = "HOLIDAY", "WORKDAY"
WORK_WORDS = ("调休上班", "上班", "补班")
_LINE = re.compile(r"(\S+?)(?:\s*(?:\.\.|至|~|～|—)\s*(\S+))?(?:\s+(.*))?")


@dataclass(frozen=True)
class WorkCalendar:
    """Monday to Friday, but not `off` (statutory holidays); and also `work` (weekend days made workdays).

    `years` are the years whose notice is entered; of any other year only the weekends are known.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        return day in self.work or (day.weekday() < _SATURDAY and day not in self.off)


def add_working_days(day: date, number: int, calendar: WorkCalendar) -> date:
    """The `number`-th working day after `day`; `day` itself for 0. ValueError for a negative number."""
    if number < 0:
        raise ValueError(f"working days are counted forward, not {number}")
    while number:
        day += _DAY
        number -= calendar.is_workday(day)
    return day


def working_days_between(first: date, last: date, calendar: WorkCalendar) -> int:
    """Working days after `first` up to `last`: what add_working_days() was given; 0 when `last` is not later."""
    days = max((last - first).days, 0)
    return sum(calendar.is_workday(first + _DAY * number) for number in range(1, days + 1))


def unlisted_years_note(calendar: WorkCalendar, days: Iterable[date]) -> str:
    """「2028年尚无节假日安排，按周一至周五计算」 for the years of these days that have no list; "" when all have."""
    years = sorted({day.year for day in days} - calendar.years)
    return f"{'、'.join(f'{year}年' for year in years)}尚无节假日安排，按周一至周五计算" if years else ""


@dataclass(frozen=True)
class HolidayLine:
    """One day of a list: `kind` HOLIDAY or WORKDAY, `name` of the holiday it belongs to."""

    day: date
    kind: str
    name: str


@dataclass(frozen=True)
class HolidayList:
    """What pasted lines say; `errors` name the line, what is wrong and how to mend it."""

    lines: tuple[HolidayLine, ...]
    errors: tuple[str, ...]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read_line(text: str, year: int) -> tuple[list[HolidayLine], str]:
    """The days of one line, or what is wrong with it."""
    found = _LINE.fullmatch(text)
    first_text, last_text, words = found.groups() if found else (text, None, None)
    first = _date(first_text)
    last = _date(last_text) if last_text else first
    if first is None or last is None:
        return (
            [],
            f"“{shortened(text, 60)}”开头不是日期，请写成“2027-02-06..2027-02-12 春节”或“2027-02-14 上班 春节”。",
        )
    if last < first:
        return [], f"末日 {last} 早于首日 {first}，请核对。"
    if (last - first).days >= LONGEST_SPAN:
        return [], f"{first} 至 {last} 超过 {LONGEST_SPAN} 天，请核对。"
    # The list of a year may begin at the end of the year before (2022-12-31 belongs to New Year 2023).
    if not date(year - 1, 12, 25) <= first <= last <= date(year, 12, 31):
        return [], f"{first} 至 {last} 不在{year}年的安排之内，请核对日期或所选年份。"
    parts = (words or "").split()
    kind = WORKDAY if parts and parts[0] in WORK_WORDS else HOLIDAY
    name = "".join(parts[1:] if kind == WORKDAY else parts) or ("调休上班" if kind == WORKDAY else "")
    if not name:
        return [], "缺少节日名称，请在日期后空一格写明，如“春节”；调休上班的写“上班”。"
    if len(name) > LONGEST_NAME:
        return [], f"名称最多 {LONGEST_NAME} 个字，现有 {len(name)} 个字。"
    days = [first + _DAY * number for number in range((last - first).days + 1)]
    if kind == WORKDAY and (weekday := next((day for day in days if day.weekday() < _SATURDAY), None)):
        return [], f"{weekday} 是周一至周五，本来就上班；调休上班只写周六、周日。"
    return [HolidayLine(day, kind, name) for day in days], ""


def read_holiday_lines(text: str, year: int) -> HolidayList:
    """Pasted lines of one year's list. Blank lines are passed over; a day said twice is an error."""
    lines: list[HolidayLine] = []
    errors: list[str] = []
    seen: dict[date, int] = {}
    rows = text.splitlines()
    if len(rows) > MOST_LINES:
        return HolidayList((), (f"最多 {MOST_LINES} 行，现有 {len(rows)} 行。",))
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        found, error = _read_line(row.strip(), year)
        twice = next((line.day for line in found if line.day in seen), None)
        if twice is not None:
            error = f"{twice} 在第 {seen[twice]} 行已经写过，请只留一处。"
        if error:
            errors.append(f"第 {number} 行：{error}")
            continue
        seen.update({line.day: number for line in found})
        lines += found
    if not lines and not errors:
        errors.append("没有内容，请每行写一段，如“2027-02-06..2027-02-12 春节”。")
    return HolidayList(tuple(sorted(lines, key=lambda line: line.day)), tuple(errors))


def published_lines(years: Mapping[str, Mapping[str, Sequence[object]]]) -> Iterable[tuple[int, HolidayLine]]:
    """(year of the list, day) of data/workdays.json: `off` are [first, last] days, `work` single ones."""
    for year, entry in years.items():
        for span in entry["off"]:
            first, last = (date.fromisoformat(str(text)) for text in span)  # type: ignore[attr-defined]  # a pair
            for number in range((last - first).days + 1):
                yield int(year), HolidayLine(first + _DAY * number, HOLIDAY, "法定节假日")
        for text in entry["work"]:
            yield int(year), HolidayLine(date.fromisoformat(str(text)), WORKDAY, "调休上班")


def calendar_of(rows: Iterable[tuple[int, date, str]]) -> WorkCalendar:
    """From (year of the list, day, kind)."""
    off: set[date] = set()
    work: set[date] = set()
    years: set[int] = set()
    for year, day, kind in rows:
        years.add(year)
        (work if kind == WORKDAY else off).add(day)
    return WorkCalendar(frozenset(off), frozenset(work), frozenset(years))
