"""The one score of a sheet: the number every screen, list, figure and paper gives, out of what, and in which words.

A sheet adds up its items and deductions out of its own 适用满分; what is held against the pass score, and what is
called 得分 anywhere, is that sum brought to the standard's full marks (design §10: scaled_total). The sum itself is
only ever shown as a step on the way (`working`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from evaluation.rules.numbers import plain, two_places
from evaluation.rules.scoring import QUALIFICATIONS, ScoreResult


@dataclass(frozen=True)
class DisplayedScore:
    """`value` 0 … `out_of` in hundredths, rounded once; `qualification` as in design §10.

    `working` is 「75 ÷ 97 × 100 = 77.32」 where items do not apply, blank where the sum is the score.
    """

    value: Decimal
    out_of: Decimal
    qualification: str
    working: str = ""

    @property
    def text(self) -> str:
        """Two places, everywhere."""
        return two_places(self.value)

    @property
    def words(self) -> str:
        return QUALIFICATIONS.get(self.qualification, "")


@dataclass(frozen=True)
class AssessmentScores:
    """What one assessment is worth to whoever may read it.

    `own` is None until it was handed in, `verified` until something was judged: what reviewers said alone, never
    filled up with the firm's own answers. `judged` of `items` indicators and `declared` of `declarations` were judged;
    `provisional` until the district has finished.
    """

    own: DisplayedScore | None
    verified: DisplayedScore | None
    judged: int
    items: int
    declared: int
    declarations: int
    provisional: bool

    @property
    def coverage(self) -> str:
        return f"{self.judged}/{self.items}"

    @property
    def is_complete(self) -> bool:
        return self.judged >= self.items and self.declared >= self.declarations

    @property
    def outcome(self) -> str:
        """The qualification that may be spoken of: none before all is judged, but for a veto found already."""
        if self.verified is None:
            return ""
        known = self.is_complete or self.verified.qualification == "VETOED"
        return self.verified.qualification if known else ""

    @property
    def outcome_words(self) -> str:
        if self.outcome:
            return QUALIFICATIONS[self.outcome]
        return "未核" if self.verified is None else "未核完"


def displayed(result: ScoreResult, out_of: Decimal) -> DisplayedScore:
    """Of a marked sheet. `out_of`: the total score of its standard."""
    return DisplayedScore(
        result.scaled_total,
        out_of,
        result.qualification,
        scaled_working(result.total, result.applicable_max, out_of, result.scaled_total),
    )


def scaled_working(total: Decimal, applicable_max: Decimal, out_of: Decimal, scaled: Decimal) -> str:
    if applicable_max == out_of or not applicable_max:
        return ""
    return f"{plain(total)} ÷ {plain(applicable_max)} × {plain(out_of)} = {two_places(scaled)}"
