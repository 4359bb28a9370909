"""Quantities that several 统计指标 share: entered once, stored with each figure that needs them, never two values.

A cell is "<code>:n" (numerator) or "<code>:d" (denominator). Cells with the same words are the same quantity; its home
is the cell where it is entered, a numerator before a denominator.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from cultivation.rules.period_figures import FIGURES, Amounts, Figure, plain

NUMERATOR, DENOMINATOR = "n", "d"


def cells_of(figure: Figure) -> dict[str, str]:
    """The cells of a figure and the words of the quantity in each."""
    cells = {f"{figure.code}:{NUMERATOR}": figure.numerator}
    if figure.is_ratio:
        cells[f"{figure.code}:{DENOMINATOR}"] = figure.denominator
    return cells


QUANTITY: dict[str, str] = {
    cell: words for figure in FIGURES.values() for cell, words in cells_of(figure).items()
}


def _homes() -> dict[str, str]:
    first: dict[str, str] = {}
    for cell in sorted(QUANTITY, key=lambda cell: cell.endswith(f":{DENOMINATOR}")):
        first.setdefault(QUANTITY[cell], cell)
    return {cell: first[words] for cell, words in QUANTITY.items()}


HOME: dict[str, str] = _homes()
SHARED: frozenset[str] = frozenset(home for home in HOME.values() if list(HOME.values()).count(home) > 1)
# (smaller, larger, why): what must hold between two figures; within a ratio check_amounts sees to it.
WITHIN = (("DISPUTES_ACCEPTED:n", "DISPUTES_CLOSED:d", "应结案件数是受理数加上期未结数"),)

Cells = Mapping[str, Decimal | None]


def figure_of(cell: str) -> Figure:
    return FIGURES[cell.rpartition(":")[0]]


def amounts_cells(stored: Mapping[str, Amounts]) -> dict[str, Decimal | None]:
    """Every cell of the table with what the figures (by code) have in it."""
    cells: dict[str, Decimal | None] = dict.fromkeys(QUANTITY)
    for code, amounts in stored.items():
        cells[f"{code}:{NUMERATOR}"] = amounts.numerator
        if FIGURES[code].is_ratio:
            cells[f"{code}:{DENOMINATOR}"] = amounts.denominator
    return cells


def gather(cells: Cells) -> dict[str, Decimal | None]:
    """Cells by home: what the home has, otherwise the first cell of the quantity that has something."""
    found: dict[str, Decimal | None] = {}
    for cell in sorted((cell for cell in QUANTITY if cell in cells), key=lambda cell: HOME[cell] != cell):
        home = HOME[cell]
        if found.get(home) is None:
            found[home] = cells[cell]
    return found


def spread(quantities: Cells, code: str) -> tuple[Decimal | None, Decimal | None]:
    """Numerator and denominator of a figure out of the quantities.

    A ratio of which only the shared part is known is not reported: the quantity was entered for another figure.
    """
    numerator_home = HOME[f"{code}:{NUMERATOR}"]
    numerator = quantities.get(numerator_home)
    if not FIGURES[code].is_ratio:
        return numerator, None
    denominator_home = HOME[f"{code}:{DENOMINATOR}"]
    denominator = quantities.get(denominator_home)
    alone = numerator_home if denominator is None else denominator_home if numerator is None else ""
    return (None, None) if alone in SHARED else (numerator, denominator)


def find_disagreement(cells: Cells) -> tuple[str, str] | None:
    """(cell, sentence) for the first quantity that has two values, naming both figures; None without one."""
    seen: dict[str, tuple[str, Decimal]] = {}
    for cell in QUANTITY:
        value = cells.get(cell)
        if value is None:
            continue
        first, before = seen.setdefault(HOME[cell], (cell, value))
        if before != value:
            return cell, (
                f"“{QUANTITY[cell]}”在“{figure_of(first).label}”中是 {plain(before)}，在“{figure_of(cell).label}”中是 "
                f"{plain(value)}，同一个数须一致。请核对；已填报的，请在“指标填报”页修改，填一次两处同改。"
            )
    return None


def check_relations(quantities: Cells) -> list[tuple[str, str]]:
    """(code, sentence) for each quantity that is larger than the one it is part of."""
    found = []
    for small, large, why in WITHIN:
        part, whole = quantities.get(HOME[small]), quantities.get(HOME[large])
        if part is not None and whole is not None and part > whole:
            found.append(
                (
                    small.rpartition(":")[0],
                    f"“{QUANTITY[small]}”{plain(part)} 大于“{QUANTITY[large]}”{plain(whole)}；{why}，请核对。",
                )
            )
    return found
