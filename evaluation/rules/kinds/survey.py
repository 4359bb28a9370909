"""survey: takes its value from a worker survey; nothing is entered by hand."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Self, cast

from evaluation.rules.fields import Fields
from evaluation.rules.kinds.band_table import BandTable
from evaluation.rules.kinds.base import EntryReader, Mark, Part
from evaluation.rules.numbers import as_points, plain


@dataclass(frozen=True, kw_only=True)
class SurveyPart(Part):
    """`survey` names a survey of the set; its value 0–100 is held against the bands."""

    kind: ClassVar[str] = "survey"
    kind_label: ClassVar[str] = "测评折算"
    by_hand: ClassVar[bool] = False

    survey: str
    bands: BandTable

    @property
    def max_points(self) -> Decimal:
        return self.bands.max_points

    @classmethod
    def parse(cls, fields: Fields, text: str) -> Self | None:
        survey = fields.text("survey", required=True)
        bands = BandTable.parse(fields, most=100)
        return None if bands is None or not survey else cls(text=text, survey=survey, bands=bands)

    def rule_to_json(self) -> dict[str, object]:
        return {"survey": self.survey, "bands": self.bands.to_json()}

    def in_words(self) -> str:
        return f"{self.text}（取自测评 {self.survey}）{self.bands.in_words('')}"

    def read(self, raw: object, reader: EntryReader) -> None:
        reader.refuse("WRONG_COUNT", f"本条取自测评 {self.survey}，不需填写。请删去此值。")

    def mark(self, value: object) -> Mark:
        measured = cast(Decimal, value)
        threshold, points = self.bands.reached(Fraction(measured))
        return Mark(
            points=Fraction(points),
            arithmetic=f"测评 {plain(measured)}，{self.bands.reached_in_words(threshold, '')} = {as_points(points)}",
            is_sum=True,
            found=f"测评 {plain(measured)}",
            restore=self.bands.restore(Fraction(measured), points, self.text, ""),
        )
