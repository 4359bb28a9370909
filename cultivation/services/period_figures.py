"""All figures of a district and period written at once; a jump against the last period is asked about first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from cultivation.enums import FigurePeriod
from cultivation.ledgers.base import Slip
from cultivation.ledgers.figures import PERIOD_FIGURES
from cultivation.rules.grids import merge_grid
from cultivation.rules.period_figures import FIGURES, Amounts, check_amounts, find_jump
from cultivation.selectors.period_figures import FigureLine, figure_sheet
from cultivation.services.grids import GridConflict, WarningCollector, touched_rows, write_row
from cultivation.services.ledger_values import NeedsConfirmation, RecordRefused
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

Cells = Mapping[str, Decimal | None]
NUMERATOR, DENOMINATOR = "n", "d"


def figure_cells(lines: list[FigureLine]) -> dict[str, Decimal | None]:
    """Cells "<code>:n" and, for ratios, "<code>:d"."""
    cells: dict[str, Decimal | None] = {}
    for line in lines:
        amounts = line.amounts
        cells[f"{line.figure.code}:{NUMERATOR}"] = amounts.numerator if amounts else None
        if line.figure.is_ratio:
            cells[f"{line.figure.code}:{DENOMINATOR}"] = amounts.denominator if amounts else None
    return cells


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
    if strangers := set(typed) - set(stored):
        raise DomainError(f"没有“{sorted(strangers)[0]}”这一格，请刷新页面。", code="cell")
    merged = merge_grid(stored if shown is None else shown, typed, stored)
    if merged.conflicts:
        raise GridConflict({key: now_stored for key, (_, now_stored) in merged.conflicts.items()})
    after = stored | {key: new for key, (_, new) in merged.changes.items()}
    touched = touched_rows(merged.changes)
    _judge(touched, lines, after, confirm_warnings=confirm_warnings)
    collector = WarningCollector()
    for code in touched:
        numerator = after[f"{code}:{NUMERATOR}"]
        values = None
        if numerator is not None:
            values = {
                "organization": organization,
                "year": year,
                "period": period,
                "code": code,
                "numerator": numerator,
                "denominator": after.get(f"{code}:{DENOMINATOR}"),
                **({"source": source.strip()} if source.strip() else {}),
            }
        collector.run(
            FIGURES[code].label,
            lambda code=code, values=values: write_row(  # type: ignore[misc]  # bound now, run now
                actor=actor,
                ledger=PERIOD_FIGURES,
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


def _judge(
    touched: list[str], lines: Mapping[str, FigureLine], after: Cells, *, confirm_warnings: bool
) -> None:
    errors, jumps = [], []
    for code in touched:
        figure = FIGURES[code]
        numerator, denominator = after[f"{code}:{NUMERATOR}"], after.get(f"{code}:{DENOMINATOR}")
        if sentence := check_amounts(figure, numerator, denominator):
            errors.append(Slip(code, sentence))
        elif numerator is not None:
            jump = find_jump(figure, lines[code].before, Amounts(numerator, denominator))
            if jump:
                jumps.append(Slip(code, f"{jump}，请核对，无误的再次保存。", warning=True))
    if errors:
        raise RecordRefused(errors)
    if jumps and not confirm_warnings:
        raise NeedsConfirmation(jumps)
