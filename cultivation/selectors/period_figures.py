"""统计指标 read: one district's sheet with the last period beside it, and the table of all districts (domain.md §8)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from cultivation.models import PeriodFigure
from cultivation.rules.period_figures import (
    FIGURES,
    Amounts,
    Figure,
    previous_period,
    ratio_percent,
    sum_amounts,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import OrganizationEntry, districts


@dataclass(frozen=True)
class FigureLine:
    """One figure of the sheet: what is stored, and what the last period of the same length had."""

    figure: Figure
    row: PeriodFigure | None
    before: Amounts | None

    @property
    def amounts(self) -> Amounts | None:
        return amounts_of(self.row) if self.row is not None else None

    @property
    def ratio(self) -> Decimal | None:
        return ratio_percent(self.amounts)

    @property
    def ratio_before(self) -> Decimal | None:
        return ratio_percent(self.before)


def amounts_of(row: PeriodFigure) -> Amounts:
    return Amounts(row.numerator, row.denominator)


def figure_sheet(*, organization: int, year: int, period: str) -> list[FigureLine]:
    """Every figure of the table in its order. Statements: 1."""
    before_year, before_period = previous_period(year, period)
    rows = PeriodFigure.objects.live().filter(organization_id=organization, year_id__in=[year, before_year])
    now: dict[str, PeriodFigure] = {}
    before: dict[str, Amounts] = {}
    for row in rows.filter(period__in=[period, before_period]):
        if (row.year_id, row.period) == (year, period):
            now[row.code] = row
        elif (row.year_id, row.period) == (before_year, before_period):
            before[row.code] = amounts_of(row)
    return [FigureLine(figure, now.get(code), before.get(code)) for code, figure in FIGURES.items()]


@dataclass(frozen=True)
class FigureCell:
    amounts: Amounts | None

    @property
    def ratio(self) -> Decimal | None:
        return ratio_percent(self.amounts)


@dataclass(frozen=True)
class FigureRow:
    """One figure across the districts. `total`: Σnumerator ÷ Σdenominator of those that reported."""

    figure: Figure
    cells: list[FigureCell]
    total: FigureCell
    missing: list[str]


@dataclass(frozen=True)
class FigureTable:
    districts: list[OrganizationEntry]
    rows: list[FigureRow]


def figure_table(actor: Actor, *, year: int, period: str) -> FigureTable:
    """All districts the actor sees, one line for each figure with the total. Statements: 1."""
    rows = PeriodFigure.objects.visible_to(actor).live().filter(year_id=year, period=period)
    known: dict[str, dict[int, Amounts]] = defaultdict(dict)
    for row in rows:
        known[row.code][row.organization_id] = amounts_of(row)
    own = actor.district
    shown = [entry for entry in districts() if actor.sees_whole_city or (own and entry.pk == own.pk)]
    lines = []
    for code, figure in FIGURES.items():
        cells = [FigureCell(known[code].get(entry.pk)) for entry in shown]
        reported = [cell.amounts for cell in cells if cell.amounts is not None]
        missing = [entry.name for entry, cell in zip(shown, cells, strict=True) if cell.amounts is None]
        lines.append(FigureRow(figure, cells, FigureCell(sum_amounts(figure, reported)), missing))
    return FigureTable(shown, lines)


# Of several periods the one that says most about the year so far: the longest, then the latest.
LATEST_FIRST = ("YEAR", "SECOND_HALF", "Q4", "Q3", "FIRST_HALF", "Q2", "Q1")


def latest_figures(rows: QuerySet[PeriodFigure]) -> tuple[str, list[PeriodFigure]]:
    """The latest period among these figures ("" without any) and its figures in the order of the table. Statements: 1."""
    of_period: dict[str, dict[str, PeriodFigure]] = defaultdict(dict)
    for row in rows:
        of_period[row.period][row.code] = row
    period = next((name for name in LATEST_FIRST if of_period.get(name)), "")
    found = of_period.get(period, {})
    return period, [found[code] for code in FIGURES if code in found]


def figure_totals(*, year: int, period: str, organization: int | None = None) -> dict[str, Amounts]:
    """Σ by code for a district or the whole city, for reports. Statements: 1."""
    rows = PeriodFigure.objects.live().filter(year_id=year, period=period)
    if organization is not None:
        rows = rows.filter(organization_id=organization)
    found: dict[str, list[Amounts]] = defaultdict(list)
    for row in rows:
        found[row.code].append(amounts_of(row))
    totals = {code: sum_amounts(FIGURES[code], values) for code, values in found.items() if code in FIGURES}
    return {code: value for code, value in totals.items() if value is not None}
