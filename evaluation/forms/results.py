"""The result of a verification in words: each layer's value of a line, why it was changed and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from evaluation.enums import Layer
from evaluation.forms.declarations import value_in_words
from evaluation.models import Answer, Declaration
from evaluation.rules.marking import UNANSWERED, Line
from evaluation.rules.numbers import plain
from evaluation.rules.reviews import REASON_CODES, gap_band, gap_in_words
from evaluation.rules.self_assessment import YES
from evaluation.selectors.results import (
    LayerColumn,
    Result,
    ResultDeclaration,
    ResultLine,
    ResultSection,
)

COLUMN_NAMES = {Layer.SELF: "自评", Layer.DISTRICT: "区（市）核验", Layer.CITY: "市级复核"}
# What stands open; the further differences are one touch away, so that a phone shows all heads at once.
OPEN_DIFFERENCES = 5


@dataclass(frozen=True)
class Reason:
    """Why a layer changed a value, and by whom."""

    label: str
    words: str
    layer: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Cell:
    """What one layer gives: the points out of 适用满分, or a value; `note` what must be known of it."""

    name: str
    text: str
    max_text: str = ""
    note: str = ""


@dataclass(frozen=True)
class ResultRow:
    code: str
    name: str
    cells: tuple[Cell, ...]
    gap: str
    differs: bool
    reasons: tuple[Reason, ...]
    arithmetic: tuple[tuple[str, str], ...] = ()
    biting: bool = False


@dataclass(frozen=True)
class SectionTable:
    code: str
    name: str
    sums: tuple[Cell, ...]
    gap: str
    band: str
    rows: tuple[ResultRow, ...]

    @property
    def differing(self) -> int:
        return sum(row.differs for row in self.rows)


@dataclass(frozen=True)
class SumRow:
    """One step from the sections to the score, per column."""

    name: str
    cells: tuple[str, ...]
    gap: str = ""
    strong: bool = False


@dataclass(frozen=True)
class ResultView:
    columns: tuple[str, ...]
    sections: tuple[SectionTable, ...]
    vetoes: tuple[ResultRow, ...]
    deductions: tuple[ResultRow, ...]
    surveys: tuple[ResultRow, ...]
    sums: tuple[SumRow, ...]
    differences: tuple[ResultRow, ...]
    reduced: str
    increased: str
    band: str

    @property
    def first_differences(self) -> tuple[ResultRow, ...]:
        return tuple(self.differences)[:OPEN_DIFFERENCES]

    @property
    def other_differences(self) -> tuple[ResultRow, ...]:
        return self.differences[OPEN_DIFFERENCES:]


def counted(found: tuple[int, Decimal]) -> str:
    """3 项，共 4.5 分; 无 for none."""
    number, points = found
    return f"{number} 项，共 {plain(points)} 分" if number else "无"


def build_result(result: Result, kind: str) -> ResultView:
    """`kind` of subject, for the wording of townships."""
    names = tuple(COLUMN_NAMES[Layer(column.layer)] for column in result.columns)
    sections = tuple(_section(found, result.columns, kind) for found in result.sections)
    declared = {
        row.item.code: _declared(row, result.columns)
        for row in (*result.vetoes, *result.deductions, *result.surveys)
    }
    lines = {row.code: row for section in sections for row in section.rows}
    shown = {**lines, **declared}
    differences = [
        row.indicator.code if isinstance(row, ResultLine) else row.item.code for row in result.differences
    ]
    first, last = result.columns[0], result.columns[-1]
    return ResultView(
        columns=names,
        sections=sections,
        vetoes=tuple(declared[row.item.code] for row in result.vetoes),
        deductions=tuple(declared[row.item.code] for row in result.deductions),
        surveys=tuple(declared[row.item.code] for row in result.surveys),
        sums=_sums(result, {row.item.code: declared[row.item.code] for row in result.deductions}),
        differences=tuple(shown[code] for code in differences),
        reduced=counted(result.reduced),
        increased=counted(result.increased),
        band=gap_band(last.score.value - first.score.value, last.score.out_of),
    )


def _section(found: ResultSection, columns: tuple[LayerColumn, ...], kind: str) -> SectionTable:
    township = kind == "TOWNSHIP" and found.dimension.name_township
    sums = tuple(
        Cell(COLUMN_NAMES[Layer(column.layer)], plain(score), plain(most))
        for column, (score, most) in zip(columns, found.sums, strict=True)
    )
    return SectionTable(
        code=found.dimension.code,
        name=found.dimension.name_township if township else found.dimension.name,
        sums=sums,
        gap=gap_in_words(found.gap),
        band=gap_band(found.gap, found.sums[-1][1]),
        rows=tuple(_line(row, columns, kind) for row in found.rows),
    )


def _line(row: ResultLine, columns: tuple[LayerColumn, ...], kind: str) -> ResultRow:
    cells = []
    for column, line in zip(columns, row.lines, strict=True):
        follows = column.layer == Layer.CITY and not _entered(column, row)
        cells.append(_cell(column, line, "同区（市）" if follows else ""))
    return ResultRow(
        code=row.indicator.code,
        name=row.indicator.name_for(kind),
        cells=tuple(cells),
        gap=gap_in_words(row.gap) or ("有调整" if row.differs else ""),
        differs=row.differs,
        reasons=_reasons(row.changes),
        arithmetic=tuple(
            (cell.name, line.arithmetic)
            for cell, line in zip(cells, row.lines, strict=True)
            if line.state != UNANSWERED
        ),
    )


def _entered(column: LayerColumn, row: ResultLine) -> bool:
    return bool(column.entered & {row.indicator.code, *row.indicator.survey_codes})


def _cell(column: LayerColumn, line: Line, note: str) -> Cell:
    name = COLUMN_NAMES[Layer(column.layer)]
    if line.state == UNANSWERED:
        return Cell(name, "—", note="未作答" if column.layer == Layer.SELF else "未核")
    if line.is_excluded:
        return Cell(name, "不适用", note=note or "不计入满分")
    applies = "不适用，按满分计" if line.state == "NOT_APPLICABLE" else ""
    return Cell(name, plain(line.score or 0), plain(line.max_score), note or applies)


def _declared(row: ResultDeclaration, columns: tuple[LayerColumn, ...]) -> ResultRow:
    cells = tuple(
        Cell(
            COLUMN_NAMES[Layer(column.layer)],
            value_in_words(row.item, value)
            if value
            else ("未申报" if column.layer == Layer.SELF else "未核"),
        )
        for column, value in zip(columns, row.values, strict=True)
    )
    return ResultRow(
        code=row.item.code,
        name=row.item.name,
        cells=cells,
        gap=gap_in_words(row.gap) or ("有调整" if row.differs else ""),
        differs=row.differs,
        reasons=_reasons(row.changes),
        biting=row.values[-1] == YES,
    )


def _reasons(changes: tuple[Answer | Declaration, ...]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            label=REASON_CODES.get(row.reason_code, row.reason_code),
            words=row.reason,
            layer=row.get_source_display() or row.get_layer_display(),
            who=str(row.updated_by or ""),
            at=row.updated_at,
        )
        for row in changes
    )


def _sums(result: Result, deductions: dict[str, ResultRow]) -> tuple[SumRow, ...]:
    """各项合计, each deduction that counts, 合计, 适用满分, 得分: what the columns add up to."""
    columns = result.columns
    earned = [sum((line.score for line in column.result.dimensions), Decimal(0)) for column in columns]
    lines = sum((section.gap for section in result.sections), Decimal(0))
    rows = [SumRow("各项目合计", tuple(plain(number) for number in earned), gap_in_words(lines))]
    for number, found in enumerate(result.deductions):
        points = [column.result.deductions[number].value for column in columns]
        if any(points):
            row = deductions[found.item.code]
            rows.append(SumRow(f"扣分：{found.item.name}", tuple(plain(one) for one in points), row.gap))
    total = tuple(plain(column.result.total) for column in columns)
    whole = sum(result.gaps, Decimal(0))
    floored = any(
        column.result.total != one + sum((line.value for line in column.result.deductions), Decimal(0))
        for column, one in zip(columns, earned, strict=True)
    )
    rows.append(SumRow("合计（不低于 0 分）" if floored else "合计", total, gap_in_words(whole)))
    rows.append(SumRow("适用满分", tuple(plain(column.result.applicable_max) for column in columns)))
    rows.append(
        SumRow(
            f"得分（合计 ÷ 适用满分 × {plain(result.definition.total_score)}）",
            tuple(column.score.text for column in columns),
            strong=True,
        )
    )
    return tuple(rows)
