"""slope: a rate that should reach a target, with points off for every percentage point short of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import ClassVar, Self, cast

from evaluation.rules.fields import Fields
from evaluation.rules.kinds.base import EntryReader, Mark, Part
from evaluation.rules.numbers import as_percent, as_points, canonical, is_whole, plain, round_half_up

COUNTS = {
    "FULL": "不足 1 个百分点的不扣",
    "STARTED": "不足 1 个百分点的按 1 个扣",
    "PROPORTIONAL": "不足 1 个百分点的按比例扣",
}


@dataclass(frozen=True, kw_only=True)
class SlopePart(Part):
    """`points` less `per_point` for each percentage point below `target`, never below 0.

    Answer: [numerator, denominator], numerator at most denominator. `count` FULL takes off for whole points
    short only, STARTED for every point begun, PROPORTIONAL for the exact fraction.
    """

    kind: ClassVar[str] = "slope"
    kind_label: ClassVar[str] = "比率扣分"

    numerator: str
    denominator: str
    target: Decimal
    points: Decimal
    per_point: Decimal
    count: str

    @property
    def max_points(self) -> Decimal:
        return self.points

    @classmethod
    def parse(cls, fields: Fields, text: str) -> Self | None:
        numerator = fields.text("numerator", default="分子")
        denominator = fields.text("denominator", default="分母")
        target = fields.number("target", required=False, default=Decimal(100), above=0, most=100)
        points = fields.number("points", above=0)
        per_point = fields.number("per_point", above=0)
        count = fields.choice("count", tuple(COUNTS), required=False, default="FULL")
        if target is None or points is None or per_point is None:
            return None
        return cls(
            text=text,
            numerator=numerator,
            denominator=denominator,
            target=target,
            points=points,
            per_point=per_point,
            count=count,
        )

    def rule_to_json(self) -> dict[str, object]:
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "target": canonical(self.target),
            "points": canonical(self.points),
            "per_point": canonical(self.per_point),
            "count": self.count,
        }

    def in_words(self) -> str:
        return (
            f"{self.text}（{self.numerator}÷{self.denominator}）达到 {plain(self.target)}% 得 {plain(self.points)} 分，"
            f"每少 1 个百分点扣 {plain(self.per_point)} 分（{COUNTS[self.count]}），扣完为止"
        )

    def read(self, raw: object, reader: EntryReader) -> tuple[Decimal, Decimal] | None:
        pair = reader.ratio(raw, self.numerator, self.denominator)
        if pair is not None and pair[0] > pair[1]:
            reader.refuse(
                "NUMERATOR_ABOVE_DENOMINATOR",
                f"{self.numerator} {plain(pair[0])} 大于{self.denominator} {plain(pair[1])}。请核对两个数是否填反。",
            )
            return None
        return pair

    def mark(self, value: object) -> Mark:
        top, bottom = cast(tuple[Decimal, Decimal], value)
        ratio = Fraction(top) / Fraction(bottom)
        short = max(Fraction(0), Fraction(self.target) - ratio * 100)
        if self.count == "FULL":
            short = Fraction(floor(short))
        elif self.count == "STARTED":
            short = Fraction(ceil(short))
        taken = short * Fraction(self.per_point)
        points = max(Fraction(0), Fraction(self.points) - taken)
        exhausted = "，扣完为止" if taken > Fraction(self.points) else ""
        return Mark(
            points=points,
            arithmetic=f"{as_points(self.points)} − {plain(short)}×{as_points(self.per_point)}{exhausted}"
            f" = {as_points(points)}",
            is_sum=True,
            found=f"{plain(top)}÷{plain(bottom)} = {as_percent(ratio)}",
            restore="" if points == self.points else self._restore(top, bottom),
        )

    def _restore(self, top: Decimal, bottom: Decimal) -> str:
        needed = Fraction(self.target) / 100 * Fraction(bottom)
        if is_whole(top) and is_whole(bottom):
            needed = Fraction(ceil(needed))
        missing = needed - Fraction(top)
        amount = plain(missing) if missing.denominator == 1 else f"约 {round_half_up(missing)}"
        return f"{self.numerator}再增加 {amount}，使{self.text}达到 {plain(self.target)}%，可得 {plain(self.points)} 分"
