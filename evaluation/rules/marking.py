"""Marking one item: each part exactly, rounded once at the end (design §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluation.rules.answers import ItemAnswer, read_item_answer
from evaluation.rules.definitions import Indicator
from evaluation.rules.kinds import Mark, Part, SurveyPart
from evaluation.rules.numbers import plain, round_half_up, two_places
from evaluation.rules.problems import Problems, ScoringError

SCORED = "SCORED"
UNANSWERED = "UNANSWERED"
NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True)
class PartMark:
    """One part with what it earned; `mark` is None when it is not answered yet."""

    part: Part
    mark: Mark | None

    @property
    def points_lost(self) -> Fraction:
        return Fraction(0) if self.mark is None else Fraction(self.part.max_points) - self.mark.points


@dataclass(frozen=True)
class Line:
    """One item of a score sheet. `score` is None when unanswered or excluded; `max_score` never changes."""

    code: str
    name: str
    score: Decimal | None
    max_score: Decimal
    state: str
    arithmetic: str
    parts: tuple[PartMark, ...] = ()

    @property
    def is_excluded(self) -> bool:
        return self.state == NOT_APPLICABLE and self.score is None

    def to_json(self) -> dict[str, str | None]:
        return {
            "code": self.code,
            "score": None if self.score is None else two_places(self.score),
            "max": two_places(self.max_score),
            "state": self.state,
            "arithmetic": self.arithmetic,
        }


def mark_item(
    indicator: Indicator,
    raw: object,
    *,
    surveys: Mapping[str, Decimal] | None = None,
    numbers_as_text: bool = False,
) -> Line:
    """One card: the answer as entered → its line. Raises ScoringError with every refusal."""
    problems = Problems()
    answer = read_item_answer(indicator, raw, problems, numbers_as_text=numbers_as_text)
    if len(problems):
        raise ScoringError(problems.as_tuple())
    return mark_answer(indicator, answer, surveys or {})


def mark_answer(indicator: Indicator, answer: ItemAnswer | None, surveys: Mapping[str, Decimal]) -> Line:
    """A checked answer → its line. Survey parts take their value from `surveys`."""
    if answer is not None and answer.not_applicable:
        return _not_applicable(indicator)
    values = iter(answer.values if answer is not None else (None,) * len(indicator.parts_by_hand))
    parts: list[PartMark] = []
    for part in indicator.parts:
        value = surveys.get(part.survey) if isinstance(part, SurveyPart) else next(values)
        parts.append(PartMark(part, None if value is None else part.mark(value)))
    marks = [found.mark for found in parts if found.mark is not None]
    if len(marks) < len(parts):
        blank = "、".join(found.part.text for found in parts if found.mark is None)
        return _line(indicator, None, UNANSWERED, f"未作答：{blank}", tuple(parts))
    exact = sum((mark.points for mark in marks), Fraction(0))
    score = round_half_up(exact)
    return _line(indicator, score, SCORED, _arithmetic(marks, exact, score), tuple(parts))


def _not_applicable(indicator: Indicator) -> Line:
    if indicator.not_applicable == "FULL":
        score = indicator.max_score
        return _line(indicator, score, NOT_APPLICABLE, f"不适用，按满分计 = {two_places(score)}")
    return _line(indicator, None, NOT_APPLICABLE, "不适用，不计入总分")


def _arithmetic(marks: list[Mark], exact: Fraction, score: Decimal) -> str:
    """`1.00 + (1.00 − 4×0.25 = 0.00) + 0.50 = 1.50`; ≈ before the score when rounding changed it."""
    if len(marks) == 1 and exact == score:
        return marks[0].arithmetic
    if len(marks) == 1:
        return f"{marks[0].arithmetic} ≈ {two_places(score)}"
    terms = " + ".join(f"({mark.arithmetic})" if mark.is_sum else mark.arithmetic for mark in marks)
    if exact == score:
        return f"{terms} = {two_places(score)}"
    return f"{terms} = {plain(exact)} ≈ {two_places(score)}"


def _line(
    indicator: Indicator, score: Decimal | None, state: str, arithmetic: str, parts: tuple[PartMark, ...] = ()
) -> Line:
    return Line(
        code=indicator.code,
        name=indicator.name,
        score=score,
        max_score=indicator.max_score,
        state=state,
        arithmetic=arithmetic,
        parts=parts,
    )
