"""参与创建: coverage as numerator and denominator, never a bare percentage (notice 一, C010; 四（二）, C105)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from cultivation.rules.industries import industries_by_code

UNKNOWN = ""


@dataclass(frozen=True)
class Coverage:
    """`joined` of `total` active enterprises take part. `rate` is a percentage with one place, "—" without any."""

    joined: int
    total: int

    @property
    def missing(self) -> int:
        return self.total - self.joined

    @property
    def rate(self) -> str:
        if not self.total:
            return "—"
        share = Decimal(100 * self.joined) / self.total
        # 100.0 % only when nobody is missing, 0.0 % only when nobody takes part.
        rounded = share.quantize(Decimal("0.1"), ROUND_HALF_UP)
        if self.missing and rounded == 100:
            rounded = Decimal("99.9")
        if self.joined and rounded == 0:
            rounded = Decimal("0.1")
        return f"{rounded}%"


def add_up(items: Iterable[Coverage]) -> Coverage:
    listed = list(items)
    return Coverage(sum(item.joined for item in listed), sum(item.total for item in listed))


def section_of(industry_code: str) -> str:
    """The section (A–T) of a GB/T 4754 division or class; "" when unknown."""
    industry = industries_by_code().get(industry_code[:2]) or industries_by_code().get(industry_code[:1])
    if industry is None:
        return UNKNOWN
    return industry.parent or industry.code


def by_section(divisions: Mapping[str, Coverage]) -> dict[str, Coverage]:
    """Coverage per section from coverage per division; the unknown comes last."""
    grouped: dict[str, list[Coverage]] = {}
    for code, coverage in divisions.items():
        grouped.setdefault(section_of(code), []).append(coverage)
    ordered = sorted(grouped, key=lambda section: (section == UNKNOWN, section))
    return {section: add_up(grouped[section]) for section in ordered}
