"""统计指标: the entry grid of a district and period, and the table of all districts."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.enums import FigurePeriod
from cultivation.forms.grids import EntryGrid
from cultivation.ledgers.base import KEEPERS
from cultivation.ledgers.figures import TABLE_READERS
from cultivation.rules.calendar import YEARS, campaign_year_of
from cultivation.rules.period_figures import FIGURES, GROUPS, plain, previous_period
from cultivation.selectors.period_figures import FigureLine, figure_sheet, figure_table
from cultivation.services.period_figures import figure_cells, refuse_figures, save_period_figures
from cultivation.views.monthly import Attempt, attempt_save
from cultivation.views.scope import current_year, district_for
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.selectors.code_tables import districts
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.parsing import parse_decimal

MOST = 10_000_000_000


def figure_cell(text: str) -> Decimal | None:
    return parse_decimal(text, minimum=0, maximum=MOST, places=2)


def _year_and_period(request: HttpRequest) -> tuple[int, str]:
    year, period = request.GET.get("year", ""), request.GET.get("period", "")
    return (
        campaign_year_of(year) or current_year(),
        period if period in FigurePeriod.values else FigurePeriod.YEAR.value,
    )


def _grid(lines: list[FigureLine], request: HttpRequest | None = None) -> EntryGrid[Decimal]:
    data = request.POST if request is not None else None
    return EntryGrid(figure_cells(lines), figure_cell, show=plain, data=data)


def _groups(lines: list[FigureLine]) -> list[tuple[str, list[FigureLine]]]:
    return [(group, [line for line in lines if line.figure.group == group]) for group in GROUPS]


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
def figure_entry(request: HttpRequest) -> HttpResponse:
    """Numerators and denominators of a period, the last one beside; ratios are derived."""
    actor = actor_of(request)
    year, period = _year_and_period(request)
    district = district_for(request, actor)
    before_year, before_period = previous_period(year, period)
    context: dict[str, object] = {
        "year": year,
        "years": YEARS,
        "period": period,
        "periods": FigurePeriod.choices,
        "period_label": FigurePeriod(period).label,
        "before_label": f"{before_year}年度{FigurePeriod(before_period).label}",
        "district": district,
        "districts": districts() if actor.sees_whole_city else [],
        "all_label": "请选择",
    }
    if district is None:
        return render(request, "cultivation/figures/entry.html", context)
    lines = figure_sheet(organization=district.pk, year=year, period=period)
    refused = refuse_figures(actor, district)
    posted = request if request.method == "POST" else None
    grid, attempt = _grid(lines, posted), Attempt(200)
    if posted is not None:
        attempt = attempt_save(
            grid,
            lambda: save_period_figures(
                actor=actor,
                organization=district,
                year=year,
                period=period,
                typed=grid.typed,
                shown=grid.shown,
                source=request.POST.get("source", ""),
                source_document=request.POST.get("source_document", ""),
                confirm_warnings="confirm" in request.POST,
                now=clock.now(),
            ),
        )
        if attempt.status == 200:
            words = f"已保存，改动 {attempt.changed} 项指标。" if attempt.changed else "没有改动。"
            messages.success(request, words)
            return redirect(request.get_full_path())
        if attempt.status == 409:
            lines = figure_sheet(organization=district.pk, year=year, period=period)
            grid = _grid(lines, posted)
            grid.mark_stale()
    sources = {line.row.source for line in lines if line.row is not None and line.row.source}
    context |= {
        "grid": grid,
        "groups": _groups(lines),
        "attempt": attempt,
        "error": attempt.error,
        "refused": refused,
        "filled": sum(line.row is not None for line in lines),
        "figure_count": len(FIGURES),
        "source": request.POST.get("source", next(iter(sources)) if len(sources) == 1 else ""),
        "source_document": request.POST.get("source_document", ""),
    }
    return render(request, "cultivation/figures/entry.html", context, status=attempt.status)


@requires(*TABLE_READERS)
@require_GET
def figure_table_page(request: HttpRequest) -> HttpResponse:
    """All districts; totals are Σnumerator ÷ Σdenominator, never averages. Statements: session, capacity, 1."""
    actor = actor_of(request)
    year, period = _year_and_period(request)
    table = figure_table(actor, year=year, period=period)
    context = {
        "year": year,
        "years": YEARS,
        "period": period,
        "periods": FigurePeriod.choices,
        "period_label": FigurePeriod(period).label,
        "table": table,
        "groups": [(group, [row for row in table.rows if row.figure.group == group]) for group in GROUPS],
        "whole_city": actor.sees_whole_city,
        "may_enter": actor.role in KEEPERS,
    }
    return render(request, "cultivation/figures/table.html", context)
