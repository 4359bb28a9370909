"""抽查与整改 of a year, of the city or one district, as at the end of a day: what reports and the comparison of years say.

The same columns as the dashboard of a round (rules.spot_checks.dashboards), counted from the same rows; of an earlier day
what had not happened by then does not count. 补录 counts as it stands: it tells of a day before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from evaluation.enums import (
    CheckKind,
    CheckState,
    Conclusion,
    FindingSource,
    RectificationState,
    RoundState,
    Severity,
)
from evaluation.models import Finding, Rectification, SpotCheck, SpotCheckRound
from evaluation.rules.spot_checks.dashboards import CELLS, Standing
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import end_of_day, shanghai_date

_C, _R = CheckState, RectificationState


@dataclass(frozen=True)
class FindingLine:
    """One finding for the annex; `state` in words as at the day."""

    unit: str
    clause: str
    title: str
    severity: str
    state: str
    due_on: date | None
    closed_on: date | None
    overdue: bool
    source: str


@dataclass
class RoundFigures:
    """`counts` by key of CELLS. `own`: the conclusion of a district's own inspection, "" without one or for the city."""

    held: SpotCheckRound
    counts: dict[str, int] = field(default_factory=dict)
    found: int = 0
    closed: int = 0
    overdue: int = 0
    own: str = ""
    population: int = 0

    @property
    def round_pk(self) -> int:
        return self.held.pk

    @property
    def title(self) -> str:
        return self.held.title

    def value(self, key: str) -> int:
        """A key of CELLS, or found, closed, overdue."""
        return int(getattr(self, key)) if key in ("found", "closed", "overdue") else self.counts[key]


@dataclass(frozen=True)
class YearFigures:
    """`other_*`: orders on findings of other sources. `earlier_*`: of years before, not over by the day."""

    year: int
    rounds: Sequence[RoundFigures]
    lines: Sequence[FindingLine]
    other_orders: int
    other_closed: int
    other_overdue: int
    earlier_open: int
    earlier_overdue: int


def standing_at(row: Mapping[str, Any], as_of: date) -> Standing:
    """The state by the end of the day, from the moments on the row."""
    state, conclusion, until = row["state"], row["conclusion"], end_of_day(as_of)
    visited_on = row["visited_on"]
    visited = (visited_on is not None and visited_on <= as_of) or (
        visited_on is None and bool(row["hindrance"])
    )
    if row["backfilled"]:
        return Standing(state, conclusion, visited)
    if state == _C.CONCLUDED and not _before(row["concluded_at"], until):
        state, conclusion = _C.ANSWERED, ""
    if state in (_C.PROVISIONAL, _C.ANSWERED) and not _before(row["proposed_at"], until):
        state = _C.UNDER_WAY
    if state == _C.UNDER_WAY and not visited and not _before(row["began_at"], until):
        state = _C.NOTIFIED
    if state == _C.NOTIFIED and row["notified_at"] is not None and not _before(row["notified_at"], until):
        state = _C.ASSIGNED
    return Standing(state, conclusion, visited)


def _before(moment: datetime | None, until: datetime) -> bool:
    return moment is not None and moment < until


def order_standing(row: Mapping[str, Any], as_of: date) -> str:
    """open, overdue, closed, withdrawn, or "" when it was not issued by the end of the day."""
    until = end_of_day(as_of)
    done = row["backfilled"]
    if not done and not _before(row["issued_at"], until):
        return ""
    if row["state"] == _R.CLOSED and (done or _before(row["closed_at"], until)):
        return "closed"
    if row["state"] == _R.WITHDRAWN and (done or _before(row["withdrawn_at"], until)):
        return "withdrawn"
    return "overdue" if row["due_on"] is not None and row["due_on"] < as_of else "open"


def year_figures(*, year: int, organization: Organization | None, as_of: date) -> YearFigures:
    """Statements: 4."""
    rounds, lines = rounds_of([year], organization, as_of)
    orders = _orders(year, organization, as_of)
    other = [standing for standing, of, source in orders if of == year and source != FindingSource.SPOT_CHECK]
    earlier = [standing for standing, of, _ in orders if of < year]
    return YearFigures(
        year,
        rounds,
        lines,
        len(other),
        other.count("closed"),
        other.count("overdue"),
        earlier.count("open") + earlier.count("overdue"),
        earlier.count("overdue"),
    )


def rounds_of(
    years: Sequence[int], organization: Organization | None, as_of: date
) -> tuple[list[RoundFigures], list[FindingLine]]:
    """The rounds of these years, by year and batch, and the findings. Statements: 3."""
    rounds = _rounds(years, organization, as_of)
    return rounds, _findings(years, organization, as_of, {one.round_pk: one for one in rounds})


def _rounds(years: Sequence[int], organization: Organization | None, as_of: date) -> list[RoundFigures]:
    drawn = Q(drawn_at__lt=end_of_day(as_of)) | Q(backfilled=True)
    held: QuerySet[Any] = SpotCheckRound.objects.filter(
        drawn, year_id__in=years, state__in=[RoundState.DRAWN, RoundState.CLOSED]
    ).annotate(listed=Count("population", filter=Q(population__included=True)))
    found = {
        one.pk: RoundFigures(
            one,
            {cell.key: 0 for cell in CELLS},
            population=one.listed,
        )
        for one in held.select_related("checklist").order_by("year_id", "batch")
    }
    checks = SpotCheck.objects.filter(round__in=list(found))
    if organization is not None:
        checks = checks.filter(organization=organization)
    for row in checks.order_by("pk").values(
        "round_id",
        "kind",
        "state",
        "conclusion",
        "visited_on",
        "hindrance",
        "backfilled",
        "concluded_at",
        "proposed_at",
        "began_at",
        "notified_at",
    ):
        standing, figures = standing_at(row, as_of), found[row["round_id"]]
        for cell in CELLS:
            figures.counts[cell.key] += cell.holds(standing)
        if organization is not None and row["kind"] == CheckKind.DISTRICT and standing.conclusion:
            figures.own = str(Conclusion(standing.conclusion).label)
    return list(found.values())


def _findings(
    years: Sequence[int], organization: Organization | None, as_of: date, rounds: dict[int, RoundFigures]
) -> list[FindingLine]:
    """Of the rounds, added to their figures, and of other sources that have an order. Statements: 1."""
    rows = Finding.objects.filter(year_id__in=years)
    if organization is not None:
        rows = rows.filter(organization=organization)
    orders = ("state", "due_on", "issued_at", "closed_at", "withdrawn_at", "backfilled")
    lines = []
    for row in rows.order_by("organization__sort_order", "organization_id", "pk").values(
        "organization__name",
        "subject__name",
        "check_record__round_id",
        "source",
        "clause",
        "title",
        "severity",
        "found_on",
        "created_at",
        "check_record__backfilled",
        "rectification__pk",
        *(f"rectification__{name}" for name in orders),
    ):
        told_afterwards = row["check_record__backfilled"] or row["rectification__backfilled"]
        if row["found_on"] > as_of or not (told_afterwards or row["created_at"] < end_of_day(as_of)):
            continue
        order = {name: row[f"rectification__{name}"] for name in orders}
        standing = order_standing(order, as_of) if row["rectification__pk"] else ""
        of_round = rounds.get(row["check_record__round_id"] or 0)
        if of_round is not None:
            of_round.found += 1
            of_round.closed += standing == "closed"
            of_round.overdue += standing == "overdue"
        elif not standing:
            continue
        closed = order["closed_at"] if standing == "closed" else None
        lines.append(
            FindingLine(
                row["subject__name"] or row["organization__name"],
                row["clause"],
                row["title"],
                str(Severity(row["severity"]).label),
                _WORDS[standing],
                order["due_on"] if standing else None,
                shanghai_date(closed) if closed else None,
                standing == "overdue",
                str(FindingSource(row["source"]).label),
            )
        )
    return lines


_WORDS = {"": "未下达整改", "open": "整改中", "overdue": "逾期", "closed": "已销号", "withdrawn": "已撤销"}


def _orders(year: int, organization: Organization | None, as_of: date) -> list[tuple[str, int, str]]:
    """(standing, year, source) of orders of this year and of those before that were not over. Statements: 1."""
    rows = Rectification.objects.filter(year_id__lte=year).exclude(issued_at=None, backfilled=False)
    if organization is not None:
        rows = rows.filter(organization=organization)
    names = ("state", "due_on", "issued_at", "closed_at", "withdrawn_at", "backfilled")
    return [
        (standing, row["year_id"], row["finding__source"])
        for row in rows.order_by("pk").values("year_id", "finding__source", *names)
        if (standing := order_standing(row, as_of))
    ]
