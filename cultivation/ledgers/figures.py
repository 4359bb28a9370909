"""Ledger of 统计指标: one figure of one district, year and period; the ratio is derived (domain.md §8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cultivation.enums import FigurePeriod
from cultivation.ledgers.base import KEEPERS, READERS, Column, ColumnKind, Ledger, Slip, register_ledger
from cultivation.models import PeriodFigure
from cultivation.rules.figure_quantities import amounts_cells, find_disagreement
from cultivation.rules.period_figures import FIGURES, Amounts, check_amounts, ratio_percent
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import DomainError

# Who may open the table of the whole city.
TABLE_READERS = READERS - {Role.INSTRUCTOR, Role.TOWNSHIP_STAFF}
FIGURE_CHOICES = tuple((figure.code, figure.label) for figure in FIGURES.values())


def ratio_words(record: PeriodFigure) -> str:
    ratio = ratio_percent(Amounts(record.numerator, record.denominator))
    return "" if ratio is None else f"{ratio}%"


def check_figure(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """Numerator within denominator for a ratio, no denominator for a count."""
    figure = FIGURES.get(values.get("code") or "")
    if figure is None:
        return
    if sentence := check_amounts(figure, values.get("numerator"), values.get("denominator")):
        yield Slip("denominator", sentence)


def refuse_disagreement(records: Sequence[PeriodFigure]) -> None:
    """Raises DomainError when a quantity now has two values in a sheet these rows belong to. Statements: 1."""
    sheets = {(record.organization_id, record.year_id, record.period) for record in records}
    rows = PeriodFigure.objects.live().filter(
        organization_id__in={key[0] for key in sheets},
        year_id__in={key[1] for key in sheets},
        period__in={key[2] for key in sheets},
    )
    found: dict[tuple[int, int, str], dict[str, Amounts]] = defaultdict(dict)
    for row in rows:
        if row.code in FIGURES:
            found[row.organization_id, row.year_id, row.period][row.code] = Amounts(
                row.numerator, row.denominator
            )
    for key in sorted(sheets):
        if two := find_disagreement(amounts_cells(found[key])):
            raise DomainError(two[1], code="quantity", field="numerator")


def finish_figure(actor: Actor | None, record: PeriodFigure) -> None:
    refuse_disagreement([record])


def unit_of(record: PeriodFigure) -> str:
    """The unit its numbers are counted in (份、人、万元 …)."""
    figure = FIGURES.get(record.code)
    return figure.unit if figure else ""


PERIOD_FIGURES = Ledger(
    slug="period-figures",
    noun="统计指标",
    unit="项",
    model=PeriodFigure,
    icon="bar-chart",
    family="统计指标",
    order=570,
    pages=(
        ("指标填报", "cultivation:figure_entry", KEEPERS),
        ("全市汇总", "cultivation:figure_table", TABLE_READERS),
    ),
    columns=(
        Column(
            "period",
            "期间",
            ColumnKind.CHOICE,
            choices=tuple(FigurePeriod.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column(
            "code",
            "指标",
            ColumnKind.CHOICE,
            choices=FIGURE_CHOICES,
            required=True,
            in_list=True,
            filterable=True,
            width=30,
        ),
        Column("numerator", "数值（分子）", ColumnKind.DECIMAL, required=True, in_list=True),
        Column("denominator", "分母", ColumnKind.DECIMAL, in_list=True, help="比率类指标填，数量类不填"),
        Column("unit", "单位", ColumnKind.DERIVED, in_list=True, in_exchange=False, value_of=unit_of),
        Column("ratio", "比率", ColumnKind.DERIVED, in_list=True, value_of=ratio_words, help="由系统计算"),
        Column("source", "数据来源", longest=100, remember=True),
        Column("note", "备注"),
    ),
    natural_key=("year", "period", "code"),
    title="code",
    empty_hint="在“指标填报”页一次填完本区（市）一个期间的全部指标。",
    check=check_figure,
    check_needs=("code", "numerator", "denominator"),
    finish=finish_figure,
    after_import=refuse_disagreement,
)

register_ledger(PERIOD_FIGURES)
