"""Monthly tallies beside single records: what counts, and what was likely counted twice (C052–C053, C061)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CaseRow:
    """One live row: a single case (count 1) or a month's number. `place` None: the whole district."""

    month: date
    topic: str
    outcome: str
    count: int
    tally: bool
    organization: int
    place: int | None = None


@dataclass(frozen=True)
class DoubleCount:
    """The same district, month, topic and outcome reported in two ways. Both count until one is taken out."""

    organization: int
    month: date
    topic: str
    outcome: str
    single: int
    tallied: int
    places: int

    @property
    def sentence(self) -> str:
        """Why this looks like counting twice, after 「2026年11月 劳动报酬 调解成功」."""
        if self.single:
            return f"既有按月汇总 {self.tallied} 件，又有逐件登记 {self.single} 件"
        return f"全区（市）汇总和 {self.places} 个乡镇（街道）的汇总并存，共 {self.tallied} 件"


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous_month(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def find_double_counts(rows: Iterable[CaseRow]) -> list[DoubleCount]:
    """Single cases beside a tally, or a tally of the whole district beside tallies of its places.

    A place's tally and single cases of another place do not meet; a tally of the whole district meets all of them.
    """
    groups: dict[tuple[int, date, str, str], list[CaseRow]] = {}
    for row in rows:
        key = (row.organization, first_of_month(row.month), row.topic, row.outcome)
        groups.setdefault(key, []).append(row)
    found = []
    for (organization, month, topic, outcome), members in groups.items():
        tallies = [row for row in members if row.tally]
        whole = [row for row in tallies if row.place is None]
        places = {row.place for row in tallies if row.place is not None}
        met = [row for row in members if not row.tally and (whole or row.place in places)]
        if met or (whole and places):
            tallied = sum(row.count for row in tallies)
            single = sum(row.count for row in met)
            found.append(DoubleCount(organization, month, topic, outcome, single, tallied, len(places)))
    return sorted(found, key=lambda item: (item.month, item.organization, item.topic, item.outcome))
