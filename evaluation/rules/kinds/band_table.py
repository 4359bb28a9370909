"""The table of thresholds shared by bands, count and survey: the highest threshold reached gives its points."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from evaluation.rules.fields import Fields, show
from evaluation.rules.numbers import canonical, is_whole, plain


@dataclass(frozen=True)
class BandTable:
    """(threshold, points) pairs, highest threshold first. No threshold reached gives 0."""

    rows: tuple[tuple[Decimal, Decimal], ...]

    @classmethod
    def parse(cls, fields: Fields, *, most: int | None = None, whole: bool = False) -> Self | None:
        before = len(fields.problems)
        rows: list[tuple[Decimal, Decimal]] = []
        raw_rows = fields.items("bands", required=True)
        if not raw_rows and fields.has("bands") and len(fields.problems) == before:
            fields.report("BAD_BANDS", "bands", "bands 没有任何档次。请至少写一档 [门槛, 得分]。")
        for number, raw in enumerate(raw_rows, start=1):
            key = f"bands[{number - 1}]"
            if not isinstance(raw, list | tuple) or len(raw) != 2:
                fields.report(
                    "BAD_BANDS",
                    key,
                    f"bands 第 {number} 档应为 [门槛, 得分] 两个数，现为{show(raw)}。请更正。",
                )
                continue
            threshold, points = fields.as_number(raw[0], key), fields.as_number(raw[1], key)
            if threshold is None or points is None:
                continue
            if threshold < 0 or points < 0:
                fields.report(
                    "BAD_BANDS", key, f"bands 第 {number} 档含负数。门槛和得分都不能小于 0，请更正。"
                )
            elif most is not None and threshold > most:
                fields.report(
                    "BAD_BANDS",
                    key,
                    f"bands 第 {number} 档门槛 {plain(threshold)} 超过 {most}，不可能达到。请更正。",
                )
            elif whole and not is_whole(threshold):
                fields.report(
                    "BAD_BANDS", key, f"bands 第 {number} 档门槛 {plain(threshold)} 应为整数。请更正。"
                )
            elif any(threshold == known for known, _ in rows):
                fields.report(
                    "BAD_BANDS", key, f"bands 第 {number} 档门槛 {plain(threshold)} 重复。请只保留一档。"
                )
            else:
                rows.append((threshold, points))
        if len(fields.problems) > before or not rows:
            return None
        return cls(tuple(sorted(rows, reverse=True)))

    @property
    def max_points(self) -> Decimal:
        return max(points for _, points in self.rows)

    def reached(self, value: Fraction) -> tuple[Decimal | None, Decimal]:
        """The highest threshold not above `value` and its points; (None, 0) below all of them."""
        for threshold, points in self.rows:
            if value >= Fraction(threshold):
                return threshold, points
        return None, Decimal(0)

    def better(self, points: Decimal) -> list[tuple[Decimal, Decimal]]:
        """Bands that give more than `points`, the least gain first."""
        return sorted((row for row in self.rows if row[1] > points), key=lambda row: row[1])

    def to_json(self) -> list[list[str]]:
        return [[canonical(threshold), canonical(points)] for threshold, points in self.rows]

    def in_words(self, unit: str) -> str:
        words = [
            f"达到 {plain(threshold)}{unit} 得 {plain(points)} 分"
            for threshold, points in self.rows
            if threshold != 0
        ]
        rest = self.rows[-1][1] if self.rows[-1][0] == 0 else Decimal(0)
        return "；".join([*words, f"其余得 {plain(rest)} 分"])

    def reached_in_words(self, threshold: Decimal | None, unit: str) -> str:
        return "未达到任何一档" if threshold is None else f"达到 {plain(threshold)}{unit} 档"

    def restore(self, value: Fraction, points: Decimal, what: str, unit: str) -> str:
        """What would bring more points: the bands above, or staying below a threshold that gives less."""
        steps = []
        for threshold, gain in self.better(points):
            if Fraction(threshold) > value:
                steps.append(f"{what}达到 {plain(threshold)}{unit} 可得 {plain(gain)} 分")
            else:
                above = min(row[0] for row in self.rows if row[0] > threshold)
                steps.append(f"{what}降到 {plain(above)}{unit} 以下可得 {plain(gain)} 分")
        return "；".join(steps)
