"""自评核验结果: every line, deduction, veto and survey value by layer, so that the columns add up (ux F19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from evaluation.enums import Layer, Verdict
from evaluation.models import Answer, Declaration
from evaluation.rules.definitions import Deduction, Dimension, Indicator, IndicatorSetDefinition, Survey, Veto
from evaluation.rules.displayed_scores import DisplayedScore, displayed
from evaluation.rules.marking import Line
from evaluation.rules.reviews import gap_between
from evaluation.rules.scoring import ScoreResult
from evaluation.selectors.layers import LayerRows
from evaluation.selectors.reviews import REVIEWING_LAYERS

Declarable = Veto | Deduction | Survey


@dataclass(frozen=True)
class LayerColumn:
    """One layer as the page shows it: SELF and DISTRICT as entered, CITY over what the district said.

    `entered` are the codes the layer has a row for itself.
    """

    layer: str
    result: ScoreResult
    score: DisplayedScore
    lines: Mapping[str, Line]
    values: Mapping[str, str]
    entered: frozenset[str]


@dataclass(frozen=True)
class ResultLine:
    """One item: its line in each column, what the sum gains or loses, and every row that changed it, lowest layer first.

    An item that takes its value from a survey names the survey's row. `gap` is None until it is judged.
    """

    indicator: Indicator
    lines: tuple[Line, ...]
    changes: tuple[Answer | Declaration, ...]
    gap: Decimal | None

    @property
    def differs(self) -> bool:
        first, last = self.lines[0], self.lines[-1]
        return bool(self.gap or self.changes or (self.gap is not None and first.state != last.state))


@dataclass(frozen=True)
class ResultDeclaration:
    """A veto, deduction or survey: the value in each column, as text. `gap` only of a deduction that was judged."""

    item: Declarable
    values: tuple[str, ...]
    changes: tuple[Declaration, ...]
    gap: Decimal | None = None

    @property
    def differs(self) -> bool:
        return bool(self.changes)


@dataclass(frozen=True)
class ResultSection:
    """Per column the sum of the lines and of what they can give at most (适用满分)."""

    dimension: Dimension
    rows: tuple[ResultLine, ...]
    sums: tuple[tuple[Decimal, Decimal], ...]

    @property
    def gap(self) -> Decimal:
        """Σ of its lines: with all judged the difference of the sums."""
        return sum((row.gap for row in self.rows if row.gap is not None), Decimal(0))


@dataclass(frozen=True)
class Result:
    """Σ sections + Σ deductions = the sum of each column (never below 0); that sum ÷ 适用满分 × full marks = its score.

    With everything judged: sum of the last column − sum of the first = 核增 − 核减, before the floor at 0.
    """

    definition: IndicatorSetDefinition
    columns: tuple[LayerColumn, ...]
    sections: tuple[ResultSection, ...]
    deductions: tuple[ResultDeclaration, ...]
    surveys: tuple[ResultDeclaration, ...]
    vetoes: tuple[ResultDeclaration, ...]

    @cached_property
    def gaps(self) -> tuple[Decimal, ...]:
        """Every difference that is not 0, of lines and of deductions."""
        lines = (row.gap for section in self.sections for row in section.rows)
        return tuple(gap for gap in (*lines, *(row.gap for row in self.deductions)) if gap)

    @property
    def reduced(self) -> tuple[int, Decimal]:
        """核减: how many, and how many points together (positive)."""
        found = [-gap for gap in self.gaps if gap < 0]
        return len(found), sum(found, Decimal(0))

    @property
    def increased(self) -> tuple[int, Decimal]:
        found = [gap for gap in self.gaps if gap > 0]
        return len(found), sum(found, Decimal(0))

    @property
    def differences(self) -> tuple[ResultLine | ResultDeclaration, ...]:
        lines = [row for section in self.sections for row in section.rows if row.differs]
        declared = (*self.vetoes, *self.deductions, *self.surveys)
        return (*lines, *(row for row in declared if row.differs))


def load_result(definition: IndicatorSetDefinition, rows: LayerRows) -> Result:
    """Of loaded rows; the city's column stands only where the city entered something. No statement."""
    layers = [Layer.SELF, Layer.DISTRICT]
    if rows.answers_of(Layer.CITY) or rows.declarations_of(Layer.CITY):
        layers.append(Layer.CITY)
    columns = tuple(_column(definition, rows, layer) for layer in layers)
    return Result(
        definition=definition,
        columns=columns,
        sections=tuple(_section(dimension, columns, rows) for dimension in definition.dimensions),
        deductions=_declared(definition.deductions, columns, rows),
        surveys=_declared(definition.surveys, columns, rows),
        vetoes=_declared(definition.vetoes, columns, rows),
    )


def _column(definition: IndicatorSetDefinition, rows: LayerRows, layer: str) -> LayerColumn:
    shown = rows
    if layer == Layer.CITY:  # what the city did not enter stands as the district judged it
        reviewed = LayerRows(
            {one: rows.answers_of(one) for one in REVIEWING_LAYERS},
            {one: rows.declarations_of(one) for one in REVIEWING_LAYERS},
        )
        sheet, declared = reviewed.mark(definition, Layer.EFFECTIVE), reviewed.effective_declarations()
    else:
        sheet, declared = shown.mark(definition, layer), rows.declarations_of(layer)
    return LayerColumn(
        layer=layer,
        result=sheet.result,
        score=displayed(sheet.result, definition.total_score),
        lines=sheet.lines,
        values={code: row.value for code, row in declared.items()},
        entered=frozenset(rows.answers_of(layer).keys() | rows.declarations_of(layer).keys()),
    )


def _changes(rows: LayerRows, code: str) -> list[Answer | Declaration]:
    """Every reviewing row that changed what stood below, the district's first: it stays when the city overrides it."""
    found: list[Answer | Declaration] = []
    for layer in REVIEWING_LAYERS:
        row = rows.answers_of(layer).get(code) or rows.declarations_of(layer).get(code)
        if row is not None and row.verdict == Verdict.CHANGED:
            found.append(row)
    return found


def _section(dimension: Dimension, columns: tuple[LayerColumn, ...], rows: LayerRows) -> ResultSection:
    lines = []
    for item in dimension.indicators:
        shown = tuple(column.lines[item.code] for column in columns)
        changes = [found for code in (item.code, *item.survey_codes) for found in _changes(rows, code)]
        changes.sort(key=lambda row: REVIEWING_LAYERS.index(row.layer))
        lines.append(ResultLine(item, shown, tuple(changes), gap_between(shown[0], shown[-1])))
    sums = tuple(_sum(row.lines[number] for row in lines) for number in range(len(columns)))
    return ResultSection(dimension, tuple(lines), sums)


def _sum(lines: Iterable[Line]) -> tuple[Decimal, Decimal]:
    """(points, 适用满分): an excluded item stands in neither."""
    found = [line for line in lines if not line.is_excluded]
    score = sum((line.score for line in found if line.score is not None), Decimal(0))
    return score, sum((line.max_score for line in found), Decimal(0))


def _declared(
    items: Iterable[Declarable], columns: tuple[LayerColumn, ...], rows: LayerRows
) -> tuple[ResultDeclaration, ...]:
    found = []
    for item in items:
        values = tuple(column.values.get(item.code, "") for column in columns)
        gap = None
        if isinstance(item, Deduction) and values[-1]:
            points = [_points(column.result, item.code) for column in columns]
            gap = points[-1] - points[0]
        changes = tuple(row for row in _changes(rows, item.code) if isinstance(row, Declaration))
        found.append(ResultDeclaration(item, values, changes, gap))
    return tuple(found)


def _points(result: ScoreResult, code: str) -> Decimal:
    return next(line.value for line in result.deductions if line.code == code)
