"""The score sheet: pure and exact. The contract, row by row, is design §10 and docs/indicator-sets.md."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluation.rules.answers import AnswerSheet, read_answers
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.marking import (
    NOT_APPLICABLE,
    SCORED,
    UNANSWERED,
    Line,
    PartMark,
    mark_answer,
    mark_item,
)
from evaluation.rules.numbers import plain, round_half_up, two_places
from evaluation.rules.problems import Problem, ScoringError

__all__ = [
    "NOT_APPLICABLE",
    "SCORED",
    "UNANSWERED",
    "DeductionLine",
    "DimensionLine",
    "Line",
    "PartMark",
    "Problem",
    "ScoreResult",
    "ScoringError",
    "mark_item",
    "score",
    "score_lines",
    "score_sheet",
]

QUALIFICATIONS = {
    "PASSED": "达到标准",
    "BELOW": "未达到",
    "GATED": "门槛未过",
    "INCOMPLETE": "未评全",
    "VETOED": "否决",
}


@dataclass(frozen=True)
class DimensionLine:
    code: str
    name: str
    score: Decimal
    max_score: Decimal


@dataclass(frozen=True)
class DeductionLine:
    code: str
    name: str
    value: Decimal


@dataclass(frozen=True)
class ScoreResult:
    """A marked sheet. Scores are sums of lines rounded once; `scaled_exact` is what is held against the pass score."""

    total: Decimal
    applicable_max: Decimal
    scored_max: Decimal
    scaled_exact: Fraction
    qualification: str
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]
    dimensions: tuple[DimensionLine, ...]
    deductions: tuple[DeductionLine, ...]

    @property
    def scaled_total(self) -> Decimal:
        return round_half_up(self.scaled_exact)

    def to_json(self) -> dict[str, object]:
        """The object of design §10; scores are text with two places."""
        return {
            "total": two_places(self.total),
            "applicable_max": two_places(self.applicable_max),
            "scored_max": two_places(self.scored_max),
            "scaled_total": two_places(self.scaled_total),
            "qualification": self.qualification,
            "reasons": list(self.reasons),
            "lines": [line.to_json() for line in self.lines],
            "dimensions": [
                {"code": line.code, "score": two_places(line.score), "max": two_places(line.max_score)}
                for line in self.dimensions
            ],
            "deductions": [{"code": line.code, "value": two_places(line.value)} for line in self.deductions],
        }


def score(
    definition: IndicatorSetDefinition, answers: object, *, numbers_as_text: bool = False
) -> ScoreResult:
    """Answers as written in the file of design §10 → the sheet. Raises ScoringError with every refusal."""
    return score_sheet(definition, read_answers(definition, answers, numbers_as_text=numbers_as_text))


def score_sheet(definition: IndicatorSetDefinition, sheet: AnswerSheet) -> ScoreResult:
    """Checked answers → the sheet."""
    lines = tuple(
        mark_answer(item, sheet.items.get(item.code), sheet.surveys) for item in definition.indicators
    )
    return score_lines(definition, lines, sheet)


def score_lines(
    definition: IndicatorSetDefinition, lines: tuple[Line, ...], sheet: AnswerSheet
) -> ScoreResult:
    """Marked lines in the set's order, with the vetoes, deductions and surveys of `sheet` → totals and outcome.

    Also serves the EFFECTIVE sheet, whose lines come from several layers.
    """
    by_code = {line.code: line for line in lines}
    dimensions = tuple(
        DimensionLine(
            code=dimension.code,
            name=dimension.name,
            score=sum((by_code[item.code].score or Decimal(0) for item in dimension.indicators), Decimal(0)),
            max_score=dimension.max_score,
        )
        for dimension in definition.dimensions
    )
    deductions = tuple(
        DeductionLine(code=found.code, name=found.name, value=sheet.deductions.get(found.code, Decimal(0)))
        for found in definition.deductions
    )
    earned = sum((line.score for line in dimensions), Decimal(0))
    total = max(Decimal(0), earned + sum((line.value for line in deductions), Decimal(0)))
    applicable_max = sum((line.max_score for line in lines if not line.is_excluded), Decimal(0))
    scored_max = sum((line.max_score for line in lines if line.score is not None), Decimal(0))
    scaled = (
        Fraction(total) / Fraction(applicable_max) * Fraction(definition.total_score)
        if applicable_max
        else None
    )
    qualification, reasons = _outcome(definition, lines, sheet, scaled)
    return ScoreResult(
        total=total,
        applicable_max=applicable_max,
        scored_max=scored_max,
        scaled_exact=scaled if scaled is not None else Fraction(0),
        qualification=qualification,
        reasons=tuple(reasons),
        lines=lines,
        dimensions=dimensions,
        deductions=deductions,
    )


def _outcome(
    definition: IndicatorSetDefinition, lines: tuple[Line, ...], sheet: AnswerSheet, scaled: Fraction | None
) -> tuple[str, list[str]]:
    """The first that holds: VETOED, INCOMPLETE, GATED, BELOW, PASSED. Every reason that holds is told."""
    vetoes = [
        f"否决（第{number}项 {veto.code}）：{veto.name}"
        for number, veto in enumerate(definition.vetoes, start=1)
        if veto.code in sheet.vetoes
    ]
    blank = [line.code for line in lines if line.state == UNANSWERED]
    incomplete = [f"未评全：{len(blank)} 个指标未作答（{'、'.join(blank)}）"] if blank else []
    incomplete += [
        f"未评全：测评 {survey.code}（{survey.name}）没有结果"
        for survey in definition.surveys
        if survey.code not in sheet.surveys
    ]
    gates = [
        f"门槛未过：{survey.name}（{survey.code}）{plain(sheet.surveys[survey.code])}，低于 {plain(survey.minimum)}"
        for survey in definition.surveys
        if survey.minimum is not None
        and survey.code in sheet.surveys
        and sheet.surveys[survey.code] < survey.minimum
    ]
    below: list[str] = []
    if not incomplete:
        below = _below(definition, scaled)
    for qualification, found in (
        ("VETOED", vetoes),
        ("INCOMPLETE", incomplete),
        ("GATED", gates),
        ("BELOW", below),
    ):
        if found:
            return qualification, [*vetoes, *incomplete, *gates, *below]
    return "PASSED", []


def _below(definition: IndicatorSetDefinition, scaled: Fraction | None) -> list[str]:
    if scaled is None:
        return ["未达到：所有指标均不适用，没有可计的得分"]
    if scaled >= Fraction(definition.pass_score):
        return []
    printed = round_half_up(scaled)
    note = "（未经四舍五入的得分低于合格线）" if printed >= definition.pass_score else ""
    return [f"未达到：折算得分 {two_places(printed)}，合格线 {plain(definition.pass_score)}{note}"]
