"""check: done or not done."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Self

from evaluation.rules.fields import Fields, show
from evaluation.rules.kinds.base import EntryReader, Mark, Part
from evaluation.rules.numbers import as_points, canonical, plain


@dataclass(frozen=True, kw_only=True)
class CheckPart(Part):
    """All points when done, none when not. Answer: true or false."""

    kind: ClassVar[str] = "check"
    kind_label: ClassVar[str] = "是否做到"

    points: Decimal

    @property
    def max_points(self) -> Decimal:
        return self.points

    @classmethod
    def parse(cls, fields: Fields, text: str) -> Self | None:
        points = fields.number("points", above=0)
        return None if points is None else cls(text=text, points=points)

    def rule_to_json(self) -> dict[str, object]:
        return {"points": canonical(self.points)}

    def in_words(self) -> str:
        return f"{self.text}，得 {plain(self.points)} 分"

    def read(self, raw: object, reader: EntryReader) -> bool | None:
        if isinstance(raw, bool):
            return raw
        reader.refuse("WRONG_TYPE", f"应为 true（做到）或 false（未做到），现为{show(raw)}。")
        return None

    def mark(self, value: object) -> Mark:
        points = Fraction(self.points) if value is True else Fraction(0)
        return Mark(
            points=points,
            arithmetic=as_points(points),
            found="做到" if value is True else "未做到",
            restore="" if value is True else f"做到“{self.text}”，可得 {plain(self.points)} 分",
        )
