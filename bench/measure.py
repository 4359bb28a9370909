"""Ratios inside one run: the sides take turns, so that a busy machine slows both; the median of the rounds counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Side = Callable[[], object]


@dataclass(frozen=True)
class Result:
    """One line of the table. `value` and `goal` share a unit; `at_most` says on which side of the goal is good."""

    name: str
    value: float
    goal: float
    at_most: bool
    unit: str = "×"
    note: str = ""

    @property
    def reached(self) -> bool:
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    @property
    def word(self) -> str:
        return "PASS" if self.reached else "FAIL"


@dataclass(frozen=True)
class Timings:
    """Seconds per call of each side, one entry per round."""

    rounds: Mapping[str, list[float]]

    def ratio(self, above: str, below: str) -> float:
        """Median over the rounds of above ÷ below, both taken in the same round."""
        pairs = zip(self.rounds[above], self.rounds[below], strict=True)
        return statistics.median(one / other for one, other in pairs)

    def median(self, side: str) -> float:
        return statistics.median(self.rounds[side])

    def milliseconds(self) -> str:
        return ", ".join(f"{side} {self.median(side) * 1000:.3g} ms" for side in self.rounds)


def interleave(sides: Mapping[str, Side], *, rounds: int, calls: int = 1) -> Timings:
    """Every side once to warm up; then each round makes `calls` calls per side, one of each in turn."""
    for side in sides.values():
        side()
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        spent = dict.fromkeys(sides, 0.0)
        order = list(sides) if number % 2 == 0 else list(reversed(sides))
        for _ in range(calls):
            for name in order:
                begun = time.perf_counter()
                sides[name]()
                spent[name] += time.perf_counter() - begun
        for name, seconds in spent.items():
            taken[name].append(seconds / calls)
    return Timings(taken)


def table(results: list[Result]) -> str:
    """Plain text, one line per goal; Markdown, so that docs/speed.md can hold it as printed."""
    lines = ["| what | measured | goal | | remark |", "|---|---|---|---|---|"]
    for item in results:
        bound = "≤" if item.at_most else "≥"
        lines.append(
            f"| {item.name} | {item.value:.3g}{item.unit} | {bound} {item.goal:g}{item.unit} | {item.word} | {item.note} |"
        )
    return "\n".join(lines)
