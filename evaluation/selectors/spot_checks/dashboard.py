"""The dashboard of a round: one reading of its checks gives the table, the lights, the calls and the lists behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from evaluation.enums import LineKind, RectificationState
from evaluation.models import SpotCheckRound
from evaluation.permissions.roles import ROUND_CALLERS
from evaluation.rules.spot_checks.dashboards import (
    ASIDE,
    CELLS,
    Light,
    days_words,
    last_day,
    unit_light,
)
from evaluation.selectors.rectifications.lists import FindingFilters, RectificationFilters, finding_rows
from evaluation.selectors.spot_checks.calls import Call, calls_of, is_overdue
from evaluation.selectors.spot_checks.checks import RoundCheck, chosen_checks
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import districts

# D9: rows of the tile map, by code of the district.
TILE_ROWS = (("370481", "370406"), ("370403", "3704GX", "370402"), ("370404", "370405"))


@dataclass(frozen=True)
class Number:
    """A figure and the list that holds exactly so many rows."""

    label: str
    value: int
    url: str


@dataclass
class Found:
    """What is known of the findings of a unit or of a clause."""

    found: int = 0
    closed: int = 0
    overdue: int = 0

    def add(self, row: Mapping[str, object], today: date) -> None:
        self.found += 1
        self.closed += row["rectification__state"] == RectificationState.CLOSED
        self.overdue += is_overdue(row, today)


@dataclass(frozen=True)
class UnitRow:
    """One of the seven, or (organization None) the row of totals."""

    organization: int | None
    code: str
    name: str
    numbers: Sequence[Number]
    light: Light

    def value(self, key: str) -> int:
        """Of a column: the key of a cell, or found, closed, overdue."""
        return self.numbers[COLUMN_KEYS.index(key)].value

    @property
    def first(self) -> Number:
        return self.numbers[0]

    @property
    def concluded(self) -> int:
        return sum(self.value(key) for key in ("qualified", "rectify", "unqualified", "veto", "refused"))


COLUMN_KEYS = [*(cell.key for cell in CELLS), "found", "closed", "overdue"]
COLUMNS = [
    *((cell.label, cell.meaning) for cell in CELLS),
    ("发现问题", "检查发现的问题"),
    ("已销号", "问题的整改已销号"),
    ("逾期", "问题的整改已过期限，还没有销号"),
]


@dataclass(frozen=True)
class ClauseRow:
    code: str
    title: str
    units: int
    numbers: Sequence[Number]

    @property
    def found(self) -> int:
        return self.numbers[0].value


@dataclass(frozen=True)
class RoundDashboard:
    units: Sequence[UnitRow]
    total: UnitRow
    clauses: Sequence[ClauseRow]
    indicators: Sequence[ClauseRow]
    calls: Sequence[Call]
    aside: Sequence[Number]
    until: date
    deadlines: Sequence[tuple[str, date, str]]
    as_of: date
    columns: Sequence[tuple[str, str]] = field(default_factory=lambda: COLUMNS)

    @property
    def checked(self) -> Number:
        return self.total.numbers[COLUMN_KEYS.index("checked")]

    @property
    def most_found(self) -> int:
        return max((row.found for row in (*self.clauses, *self.indicators)), default=0)

    @property
    def tiles(self) -> list[list[UnitRow]]:
        """The seven on the map's three rows (D9); a code without a place stands on a row of its own."""
        by_code = {row.code: row for row in self.units}
        placed = [[by_code.pop(code) for code in line if code in by_code] for line in TILE_ROWS]
        return [line for line in [*placed, list(by_code.values())] if line]


def list_url(held: SpotCheckRound, unit: int | None, cell: str) -> str:
    """The list of the checks counted in a cell."""
    words = {"unit": unit, "cell": cell}
    asked = urlencode({name: value for name, value in words.items() if value})
    return f"{reverse('evaluation:spot_check_items', args=[held.pk])}?{asked}"


def finding_values(actor: Actor, filters: FindingFilters) -> list[Mapping[str, object]]:
    """The findings under `filters` with the state of their orders. Statements: 1."""
    rows: Iterable[Mapping[str, Any]] = (
        finding_rows(actor, filters)
        .order_by("pk")
        .values(
            "organization_id",
            "subject_id",
            "organization__name",
            "subject__name",
            "clause",
            "title",
            "line__kind",
            "rectification__pk",
            "rectification__state",
            "rectification__due_on",
            "rectification__responsible_user__full_name",
            "rectification__responsible_user__phone",
        )
    )
    return list(rows)


def _numbers(
    held: SpotCheckRound, unit: int | None, checks: Sequence[RoundCheck], found: Found
) -> list[Number]:
    """The columns of one row, each counted as its list is chosen."""
    return [
        *(
            Number(
                cell.label,
                len(chosen_checks(checks, unit=unit, cell=cell.key)),
                list_url(held, unit, cell.key),
            )
            for cell in CELLS
        ),
        *_found_numbers(found, round=held.pk, unit=unit),
    ]


def _found_numbers(found: Found, *, round: int, unit: int | None = None, clause: str = "") -> list[Number]:
    closed = RectificationFilters(round=round, unit=unit, clause=clause, state=RectificationState.CLOSED)
    return [
        Number("发现问题", found.found, FindingFilters(round=round, unit=unit, clause=clause).query()),
        Number("已销号", found.closed, closed.query()),
        Number("逾期", found.overdue, replace(closed, state="", overdue=True).query()),
    ]


def round_dashboard(
    actor: Actor, held: SpotCheckRound, checks: Sequence[RoundCheck], *, today: date
) -> RoundDashboard:
    """Of the checks `load_checks` gave. Statements: 1 (the findings with their orders)."""
    findings = finding_values(actor, FindingFilters(round=held.pk))
    until = last_day(held.ends_on, held.year_id)
    by_unit: dict[int, Found] = {}
    for row in findings:
        by_unit.setdefault(int(str(row["organization_id"])), Found()).add(row, today)
    names = {one.check.organization_id: one.check.organization for one in checks}
    known = {one.pk: (one.code, one.name) for one in districts()} if actor.sees_whole_city else {}
    known |= {pk: (one.code, one.name) for pk, one in names.items()}

    def row_of(unit: int | None, code: str, name: str) -> UnitRow:
        own = checks if unit is None else [one for one in checks if one.check.organization_id == unit]
        found = by_unit.get(unit, Found()) if unit is not None else Found()
        if unit is None:
            for one in by_unit.values():
                found = Found(found.found + one.found, found.closed + one.closed, found.overdue + one.overdue)
        light = unit_light(
            due=sum(one.standing.counted for one in own),
            open_checks=len(chosen_checks(own, unit=None, cell="open")),
            late_visits=sum(one.late_visit(today) for one in own),
            overdue=found.overdue,
            until=until,
            today=today,
        )
        return UnitRow(unit, code, name, _numbers(held, unit, own, found), light)

    return RoundDashboard(
        [row_of(pk, *words) for pk, words in known.items()],
        row_of(None, "", "合计"),
        _clause_rows(held, findings, today, indicators=False),
        _clause_rows(held, findings, today, indicators=True),
        calls_of(held, checks, findings, today) if actor.role in ROUND_CALLERS else [],
        [
            Number(
                cell.label,
                len(chosen_checks(checks, unit=None, cell=cell.key)),
                list_url(held, None, cell.key),
            )
            for cell in ASIDE
        ],
        until,
        [
            (words, day, days_words(day, today))
            for words, day in (
                ("本批次完成期限", held.ends_on),
                ("通知规定的完成期限", date(held.year_id, 11, 30)),
            )
        ],
        today,
    )


def _clause_rows(
    held: SpotCheckRound, findings: Sequence[Mapping[str, object]], today: date, *, indicators: bool
) -> list[ClauseRow]:
    """Findings by clause of the checklist, or by indicator and veto of the standard; most first."""
    found: dict[str, Found] = {}
    titles: dict[str, str] = {}
    units: dict[str, set[object]] = {}
    for row in findings:
        if (row["line__kind"] in (LineKind.INDICATOR, LineKind.VETO)) != indicators:
            continue
        code = str(row["clause"])
        found.setdefault(code, Found()).add(row, today)
        titles.setdefault(code, str(row["title"]))
        units.setdefault(code, set()).add((row["organization_id"], row["subject_id"]))
    rows = [
        ClauseRow(code, titles[code], len(units[code]), _found_numbers(one, round=held.pk, clause=code))
        for code, one in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.found, row.code))
