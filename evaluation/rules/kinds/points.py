"""points: points given by judgment, in steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Self, cast

from evaluation.rules.fields import Fields
from evaluation.rules.kinds.base import EntryReader, Mark, Part
from evaluation.rules.numbers import as_points, canonical, is_whole, plain


@dataclass(frozen=True, kw_only=True)
class PointsPart(Part):
    """Answer: a number from 0 to `points`, a multiple of `step` when there is one."""

    kind: ClassVar[str] = "points"
    kind_label: ClassVar[str] = "酌情给分"

    points: Decimal
    step: Decimal | None = None

    @property
    def max_points(self) -> Decimal:
        return self.points

    @classmethod
    def parse(cls, fields: Fields, text: str) -> Self | None:
        points = fields.number("points", above=0)
        step = fields.number("step", required=False, above=0)
        if points is not None and step is not None and not is_whole(Fraction(points) / Fraction(step)):
            fields.report(
                "BAD_STEP",
                "step",
                f"满分 {plain(points)} 不是 step {plain(step)} 的整数倍，无法打满分。请调整其一。",
            )
            return None
        return None if points is None else cls(text=text, points=points, step=step)

    def rule_to_json(self) -> dict[str, object]:
        found: dict[str, object] = {"points": canonical(self.points)}
        if self.step is not None:
            found["step"] = canonical(self.step)
        return found

    def in_words(self) -> str:
        step = f"，以 {plain(self.step)} 分为一档" if self.step is not None else ""
        return f"{self.text}，0–{plain(self.points)} 分{step}"

    def read(self, raw: object, reader: EntryReader) -> Decimal | None:
        number = reader.number(raw, "得分")
        if number is None:
            return None
        if number > self.points:
            reader.refuse("ABOVE_POINTS", f"得分 {plain(number)} 超过本条满分 {plain(self.points)}。请更正。")
            return None
        if self.step is not None and not is_whole(Fraction(number) / Fraction(self.step)):
            reader.refuse("OFF_STEP", f"得分 {plain(number)} 不是 {plain(self.step)} 的整数倍。请按档填写。")
            return None
        return number

    def mark(self, value: object) -> Mark:
        points = cast(Decimal, value)
        lost = "" if points == self.points else f"补充佐证后，“{self.text}”最高可得 {plain(self.points)} 分"
        return Mark(
            points=Fraction(points), arithmetic=as_points(points), found=f"{plain(points)} 分", restore=lost
        )
