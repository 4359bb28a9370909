"""count: a whole number against a table of thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Self, cast

from evaluation.rules.fields import Fields
from evaluation.rules.kinds.band_table import BandTable
from evaluation.rules.kinds.base import EntryReader, Mark, Part
from evaluation.rules.numbers import as_points, is_whole, plain


@dataclass(frozen=True, kw_only=True)
class CountPart(Part):
    """Answer: a whole number, 0 or more."""

    kind: ClassVar[str] = "count"
    kind_label: ClassVar[str] = "数量分档"

    bands: BandTable

    @property
    def max_points(self) -> Decimal:
        return self.bands.max_points

    @classmethod
    def parse(cls, fields: Fields, text: str) -> Self | None:
        bands = BandTable.parse(fields, whole=True)
        return None if bands is None else cls(text=text, bands=bands)

    def rule_to_json(self) -> dict[str, object]:
        return {"bands": self.bands.to_json()}

    def in_words(self) -> str:
        return f"{self.text}{self.bands.in_words('')}"

    def read(self, raw: object, reader: EntryReader) -> int | None:
        number = reader.number(raw, self.text)
        if number is None:
            return None
        if not is_whole(number):
            reader.refuse("NOT_WHOLE", f"{self.text}为 {plain(number)}，应为整数。请更正。")
            return None
        return int(number)

    def mark(self, value: object) -> Mark:
        amount = cast(int, value)
        threshold, points = self.bands.reached(Fraction(amount))
        return Mark(
            points=Fraction(points),
            arithmetic=f"{amount}，{self.bands.reached_in_words(threshold, '')} = {as_points(points)}",
            is_sum=True,
            found=f"{amount}",
            restore=self.bands.restore(Fraction(amount), points, self.text, ""),
        )
