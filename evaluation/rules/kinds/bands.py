"""bands: a ratio in percent against a table of thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Self, cast

from evaluation.rules.fields import Fields
from evaluation.rules.kinds.band_table import BandTable
from evaluation.rules.kinds.base import EntryReader, Mark, Part
from evaluation.rules.numbers import as_percent, as_points, plain


@dataclass(frozen=True, kw_only=True)
class BandsPart(Part):
    """Answer: [numerator, denominator]; the ratio may exceed 100 %."""

    kind: ClassVar[str] = "bands"
    kind_label: ClassVar[str] = "比率分档"

    numerator: str
    denominator: str
    bands: BandTable

    @property
    def max_points(self) -> Decimal:
        return self.bands.max_points

    @classmethod
    def parse(cls, fields: Fields, text: str) -> Self | None:
        numerator = fields.text("numerator", default="分子")
        denominator = fields.text("denominator", default="分母")
        bands = BandTable.parse(fields)
        return (
            None
            if bands is None
            else cls(text=text, numerator=numerator, denominator=denominator, bands=bands)
        )

    def rule_to_json(self) -> dict[str, object]:
        return {"numerator": self.numerator, "denominator": self.denominator, "bands": self.bands.to_json()}

    def in_words(self) -> str:
        return f"{self.text}（{self.numerator}÷{self.denominator}）{self.bands.in_words('%')}"

    def read(self, raw: object, reader: EntryReader) -> tuple[Decimal, Decimal] | None:
        return reader.ratio(raw, self.numerator, self.denominator)

    def mark(self, value: object) -> Mark:
        top, bottom = cast(tuple[Decimal, Decimal], value)
        ratio = Fraction(top) / Fraction(bottom)
        threshold, points = self.bands.reached(ratio * 100)
        return Mark(
            points=Fraction(points),
            arithmetic=f"{as_percent(ratio)}，{self.bands.reached_in_words(threshold, '%')} = {as_points(points)}",
            is_sum=True,
            found=f"{plain(top)}÷{plain(bottom)} = {as_percent(ratio)}",
            restore=self.bands.restore(ratio * 100, points, self.text, "%"),
        )
