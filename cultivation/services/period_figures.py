"""All figures of a district and period written at once; a jump against the last period is asked about first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from cultivation.enums import FigurePeriod
from cultivation.ledgers.base import Slip, nothing_to_finish
from cultivation.ledgers.figures import PERIOD_FIGURES
from cultivation.rules.figure_quantities import (
    HOME,
    NUMERATOR,
    QUANTITY,
    SHARED,
    amounts_cells,
    cells_of,
    check_relations,
    figure_of,
    find_disagreement,
    gather,
    spread,
)
from cultivation.rules.grids import merge_grid
from cultivation.rules.period_figures import FIGURES, Amounts, check_amounts, find_jump
from cultivation.selectors.period_figures import FigureLine, figure_sheet
from cultivation.services.grids import GridConflict, WarningCollector, write_row
from cultivation.services.ledger_values import NeedsConfirmation, RecordRefused
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

Cells = Mapping[str, Decimal | None]
# Within a sheet the rows are written one after the other: its quantities agree when all of them are.
_ROWS = replace(PERIOD_FIGURES, finish=nothing_to_finish)


def figure_cells(lines: list[FigureLine]) -> dict[str, Decimal | None]:
    """One cell for each quantity, named after its home: "<code>:n" or "<code>:d"."""
    return gather(
        amounts_cells({line.figure.code: line.amounts for line in lines if line.amounts is not None})
    )


def refuse_figures(actor: Actor, organization: Organization) -> str:
    """Why the actor may not enter this district's figures, or ""."""
    if actor.role not in PERIOD_FIGURES.keepers:
        return "您当前的身份不能填报统计指标。"
    if actor.is_city or (actor.district is not None and actor.district.pk == organization.pk):
        return ""
    return "只能填报本区（市）的统计指标。"


@transaction.atomic
def save_period_figures(
    *,
    actor: Actor,
    organization: Organization,
    year: int,
    period: str,
    typed: Cells,
    now: datetime,
    shown: Cells | None = None,
    source: str = "",
    source_document: str = "",
    confirm_warnings: bool = False,
) -> int:
    """Write the cells; a figure with empty cells has no row. Returns how many figures changed.

    A quantity that several figures share is typed in any one of its cells and written to all of them.

    `source`: 数据来源 of the changed rows; `source_document` marks new rows as 补录.
    Raises RecordRefused (`.slips`, field = code) for pairs that are no share, NeedsConfirmation for jumps, GridConflict.
    """
    if reason := refuse_figures(actor, organization):
        raise NotAllowed(reason)
    if period not in FigurePeriod.values:
        raise DomainError("请选择期间。", code="period", field="period")
    Organization.objects.select_for_update().get(pk=organization.pk)
    lines = {
        line.figure.code: line
        for line in figure_sheet(organization=organization.pk, year=year, period=period)
    }
    stored = figure_cells(list(lines.values()))
    if strangers := set(typed) - set(QUANTITY):
        raise DomainError(f"没有“{sorted(strangers)[0]}”这一格，请刷新页面。", code="cell")
    if two := find_disagreement(typed):
        raise RecordRefused([Slip(figure_of(two[0]).code, two[1])])
    merged = merge_grid(stored if shown is None else gather(shown), gather(typed), stored)
    if merged.conflicts:
        raise GridConflict({key: now_stored for key, (_, now_stored) in merged.conflicts.items()})
    quantities = stored | {key: new for key, (_, new) in merged.changes.items()}
    changed = set(merged.changes)
    after = {
        code: spread(quantities, code)
        for code, figure in FIGURES.items()
        if changed & {HOME[cell] for cell in cells_of(figure)}
    }
    _judge(after, lines, quantities, changed, confirm_warnings=confirm_warnings)
    touched = [code for code, pair in after.items() if pair != _pair(lines[code])]
    collector = WarningCollector()
    for code in touched:
        numerator, denominator = after[code]
        values = None
        if numerator is not None:
            values = {
                "organization": organization,
                "year": year,
                "period": period,
                "code": code,
                "numerator": numerator,
                "denominator": denominator,
                **({"source": source.strip()} if source.strip() else {}),
            }
        collector.run(
            FIGURES[code].label,
            lambda code=code, values=values: write_row(  # type: ignore[misc]  # bound now, run now
                actor=actor,
                ledger=_ROWS,
                record=lines[code].row,
                values=values,
                now=now,
                backfilled=bool(source_document.strip()),
                source_document=source_document,
                confirm_warnings=confirm_warnings,
            ),
        )
    collector.raise_collected()
    return len(touched)


def _pair(line: FigureLine) -> tuple[Decimal | None, Decimal | None]:
    return (line.amounts.numerator, line.amounts.denominator) if line.amounts else (None, None)


def _judge(
    after: Mapping[str, tuple[Decimal | None, Decimal | None]],
    lines: Mapping[str, FigureLine],
    quantities: Cells,
    changed: set[str],
    *,
    confirm_warnings: bool,
) -> None:
    errors, jumps = [], []
    for code, (numerator, denominator) in after.items():
        figure = FIGURES[code]
        if sentence := check_amounts(figure, numerator, denominator):
            errors.append(Slip(code, sentence))
        elif numerator is not None:
            jump = find_jump(figure, lines[code].before, Amounts(numerator, denominator))
            if jump:
                jumps.append(Slip(code, f"{jump}，请核对，无误的再次保存。", warning=True))
    errors += [Slip(figure_of(home).code, _unused(home)) for home in _left_alone(after, quantities, changed)]
    errors += [Slip(code, sentence) for code, sentence in check_relations(quantities)]
    if errors:
        raise RecordRefused(errors)
    if jumps and not confirm_warnings:
        raise NeedsConfirmation(jumps)


def _left_alone(after: Mapping[str, object], quantities: Cells, changed: set[str]) -> list[str]:
    """Shared quantities that were touched and that no figure would keep: nothing else of any ratio was entered.

    A changed figure may also leave its shared quantity behind, so the homes of all its cells are looked at.
    """
    touched = changed | {HOME[cell] for code in after for cell in cells_of(FIGURES[code])}
    kept = {
        HOME[cell]
        for code, figure in FIGURES.items()
        for cell in cells_of(figure)
        if spread(quantities, code)[0] is not None
    }
    return [home for home in HOME if home in SHARED & touched - kept and quantities.get(home) is not None]


def _unused(home: str) -> str:
    figure = figure_of(home)
    missing = figure.denominator if home.endswith(f":{NUMERATOR}") else figure.numerator
    return f"“{figure.label}”的分子、分母须同时填写，缺“{missing}”；只有“{QUANTITY[home]}”，算不出任何比率。"
