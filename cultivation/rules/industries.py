"""国民经济行业分类 GB/T 4754—2017: 20 sections and 97 divisions, found by code or by name."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from zaozhuang_portal.kernel.names import compact_name


@dataclass(frozen=True, slots=True)
class Industry:
    """A section (A–T) or a two-digit division; `parent` is the section of a division."""

    code: str
    name: str
    parent: str = ""

    @property
    def label(self) -> str:
        return f"{self.code} {self.name}"


@cache
def all_industries() -> tuple[Industry, ...]:
    text = resources.files("cultivation").joinpath("data/gbt4754_2017.csv").read_text(encoding="utf-8")
    return tuple(
        Industry(row["code"], row["name"], row["parent_code"]) for row in csv.DictReader(text.splitlines())
    )


@cache
def industries_by_code() -> dict[str, Industry]:
    return {industry.code: industry for industry in all_industries()}


@cache
def division_choices() -> tuple[tuple[str, str], ...]:
    """(code, label) of the 97 divisions, for a filter."""
    return tuple((industry.code, industry.label) for industry in all_industries() if industry.parent)


@cache
def _by_name() -> dict[str, Industry]:
    return {compact_name(industry.name): industry for industry in all_industries()}


@cache
def find_industry(text: str) -> Industry | None:
    """The industry for '33', 'C33', '3311', '制造业', '33 金属制品业' or '金属制品'; None when it is none.

    A three- or four-digit class is kept as its own code under the division that holds it.
    """
    compact = compact_name(text).upper()
    if not compact:
        return None
    head = compact[: len(compact) - len(compact.lstrip("ABCDEFGHIJKLMNOPQRST"))][:1]
    rest = compact[len(head) :]
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    name = rest[len(digits) :].lower()
    codes = industries_by_code()
    if digits:
        division = codes.get(digits[:2])
        if division is None or len(digits) > 4 or (head and division.parent != head):
            return None
        return division if len(digits) == 2 else Industry(digits, division.name, division.parent)
    if head and not name:
        return codes.get(head)
    by_name = _by_name()
    for candidate in (name, f"{name}业", name.removesuffix("行业"), f"{name.removesuffix('行业')}业"):
        if candidate in by_name:
            return by_name[candidate]
    return None


def industry_label(code: str) -> str:
    """「33 金属制品业」; a finer class shows its own digits with the division's name; '' for no code."""
    found = find_industry(code) if code else None
    return found.label if found else code
