"""用工咨询、矛盾纠纷调解 counted by topic, outcome and township; what looks counted twice (C061)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from cultivation.ledgers.base import Ledger
from cultivation.rules.tallies import CaseRow, DoubleCount, find_double_counts
from zaozhuang_portal.accounts.actors import Actor


@dataclass(frozen=True)
class CaseCounts:
    """Sums of a year. `cells`: (topic, outcome) → cases; `places`: (district, township or None) → outcome → cases."""

    cells: dict[tuple[str, str], int]
    places: dict[tuple[int, int | None], dict[str, int]]
    doubles: list[DoubleCount] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.cells.values())

    def of_topic(self, topic: str) -> int:
        return sum(number for (of, _), number in self.cells.items() if of == topic)

    def of_outcome(self, outcome: str) -> int:
        return sum(number for (_, of), number in self.cells.items() if of == outcome)


def count_cases(actor: Actor, ledger: Ledger, *, year: int, organization: int | None = None) -> CaseCounts:
    """Single cases and tallies together, as both count. Statements: 1."""
    rows: Any = ledger.model._default_manager
    rows = rows.visible_to(actor).live().filter(year_id=year)
    if organization is not None:
        rows = rows.filter(organization_id=organization)
    return sum_cases(rows)


def sum_cases(rows: Any) -> CaseCounts:
    """The sums of these advisories or mediations. Statements: 1."""
    groups = (
        rows.order_by()
        .annotate(month=TruncMonth("happened_on"))
        .values("organization_id", "township_id", "month", "topic", "outcome", "tally")
        .annotate(cases=Sum("count"))
    )
    return _summed(
        CaseRow(
            row["month"],
            row["topic"],
            row["outcome"],
            row["cases"],
            row["tally"],
            row["organization_id"],
            row["township_id"],
        )
        for row in groups
    )


def _summed(groups: Iterable[CaseRow]) -> CaseCounts:
    rows = list(groups)
    cells: dict[tuple[str, str], int] = defaultdict(int)
    places: dict[tuple[int, int | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        cells[row.topic, row.outcome] += row.count
        places[row.organization, row.place][row.outcome] += row.count
    return CaseCounts(
        dict(cells), {key: dict(value) for key, value in places.items()}, find_double_counts(rows)
    )


def tallies_of_month(
    ledger: Ledger, *, organization: int, township: int | None, month: date
) -> dict[tuple[str, str], Any]:
    """The month's tally rows of a district, or of one of its places, by (topic, outcome). Statements: 1."""
    rows: Any = ledger.model._default_manager
    found = rows.live().filter(
        organization_id=organization,
        township_id=township,
        happened_on=month,
        tally=True,
        subject__isnull=True,
    )
    return {(row.topic, row.outcome): row for row in found}
