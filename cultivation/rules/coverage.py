"""Coverage of the four levels by tripartite bodies, and of townships and parks by coordinators (notice 三（二）2).

覆盖率 = established bodies ÷ organizations of the level (C057); coordinators: places with at least one ÷ places (C059,
C060). Every gap has a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CLAUSE_BODIES = "枣人社字〔2023〕34号三（二）2"  # C057
CLAUSE_COORDINATORS = "枣人社字〔2023〕34号三（二）2"  # C059–C060
# The fourth level of the notice is 乡镇街道（工业园区）; shown apart, counted together.
FOURTH_LEVEL = frozenset({"TOWNSHIP", "PARK"})
LEVELS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("PROVINCE", "省", frozenset({"PROVINCE"})),
    ("CITY", "市", frozenset({"CITY"})),
    ("DISTRICT", "区（市）", frozenset({"DISTRICT"})),
    ("FOURTH", "乡镇（街道）、工业园区", FOURTH_LEVEL),
)


@dataclass(frozen=True)
class Place:
    """One organization: whether its body is established, and how many coordinators are in service there."""

    pk: int
    name: str
    level: str
    district: int | None
    established: bool
    coordinators: int = 0


def lacking_parties(level: str, listed: Iterable[str], parties: Sequence[str]) -> list[str]:
    """The parties that have no seat at all in an established body.

    The notice is addressed to all four at the province, the city and the districts, so each of them is asked for there.
    Of the fourth level it asks a body only: which parties that has its district says, but it is none without any.
    """
    present = set(listed)
    if level in FOURTH_LEVEL:
        return []
    return [party for party in parties if party not in present]


@dataclass(frozen=True)
class Share:
    """`numerator` of `denominator`; `missing` are the names that make the difference."""

    label: str
    numerator: int
    denominator: int
    missing: tuple[str, ...]

    @property
    def text(self) -> str:
        """12／65（18.5%）; without a denominator 不适用, never 0 %. Half is rounded up to one decimal place."""
        if not self.denominator:
            return "不适用"
        tenths = (self.numerator * 2000 + self.denominator) // (2 * self.denominator)
        return f"{self.numerator}／{self.denominator}（{tenths // 10}.{tenths % 10}%）"

    @property
    def complete(self) -> bool:
        return self.numerator == self.denominator


def _share(label: str, places: Sequence[Place], covered: Iterable[bool]) -> Share:
    flags = list(covered)
    missing = tuple(place.name for place, flag in zip(places, flags, strict=True) if not flag)
    return Share(label, sum(flags), len(places), missing)


def body_share(label: str, places: Iterable[Place]) -> Share:
    """How many of these organizations have an established body."""
    rows = list(places)
    return _share(label, rows, (place.established for place in rows))


def coordinator_share(label: str, places: Iterable[Place]) -> Share:
    """How many of these townships and parks have a coordinator in service; other levels are left out."""
    rows = [place for place in places if place.level in FOURTH_LEVEL]
    return _share(label, rows, (place.coordinators > 0 for place in rows))


def coverage_by_level(places: Iterable[Place]) -> list[Share]:
    """The four levels in order; a level without organizations is there with denominator 0."""
    rows = list(places)
    return [body_share(label, [p for p in rows if p.level in levels]) for _, label, levels in LEVELS]
