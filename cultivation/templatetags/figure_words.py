"""Amounts and ratios of 统计指标 in cells."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cultivation.rules.figure_quantities import HOME, figure_of
from cultivation.rules.period_figures import Figure, plain
from cultivation.selectors.period_figures import FigureCell

register = template.Library()


@register.filter
def amount(value: Decimal | None) -> str:
    """12.50 → 12.5; none → ""."""
    return plain(value) if isinstance(value, Decimal) else ""


@register.filter
def entered_with(cell: str) -> str:
    """The label of the figure where this cell's quantity is entered; "" when it is entered here."""
    return "" if HOME[cell] == cell else figure_of(HOME[cell]).label


@register.simple_tag
def figure_value(figure: Figure, cell: FigureCell) -> SafeString:
    """96.50% with 96／100 below it; a count as it is; — when not reported."""
    if cell.amounts is None:
        return SafeString('<span class="muted">—</span>')
    if not figure.is_ratio:
        return format_html("{}", plain(cell.amounts.numerator))
    return format_html(
        '{}%<br><span class="muted small">{}／{}</span>',
        cell.ratio,
        plain(cell.amounts.numerator),
        plain(cell.amounts.denominator),
    )
