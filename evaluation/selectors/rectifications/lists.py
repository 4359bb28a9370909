"""Findings and rectifications as rows: the one source of every list, count, chart and chapter about them.

A page that shows a number counts these rows and links to the list with `RectificationFilters.query()` (ux D10: the number
equals its list).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from cultivation.rules.calendar import campaign_year_of
from evaluation.enums import FindingSource, RectificationState, Severity
from evaluation.models import Finding, Rectification
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.lengths import searched
from zaozhuang_portal.kernel.parsing import whole_number


@dataclass(frozen=True)
class RectificationFilters:
    """Of `/rectifications/`. `unit`: pk of a district; `round`: pk of a round of spot checks; nothing set: no filter.

    Open work is chosen by state (`open`, `overdue`), never by the calendar's year.
    """

    year: int | None = None
    state: str = ""
    open: bool = False
    overdue: bool = False
    unit: int | None = None
    round: int | None = None
    clause: str = ""
    source: str = ""
    text: str = ""

    def query(self) -> str:
        """For a link: the address of the list with these filters."""
        return _query(reverse("evaluation:rectification_list"), vars(self))


@dataclass(frozen=True)
class FindingFilters:
    """Of `/findings/`. `ordered`: True with an order, False without, None both."""

    year: int | None = None
    unit: int | None = None
    round: int | None = None
    clause: str = ""
    source: str = ""
    severity: str = ""
    ordered: bool | None = None
    text: str = ""

    def query(self) -> str:
        return _query(reverse("evaluation:finding_list"), vars(self))


def _query(url: str, filters: Mapping[str, object]) -> str:
    words = {
        {"text": "q"}.get(name, name): int(value) if isinstance(value, bool) else value
        for name, value in filters.items()
        if value not in (None, "") and not (value is False and name != "ordered")
    }
    return f"{url}?{urlencode(words)}" if words else url


def _flag(query: Mapping[str, str], name: str) -> bool | None:
    return {"1": True, "0": False}.get(query.get(name, ""))


def rectification_filters(query: Mapping[str, str]) -> RectificationFilters:
    """From an address: only listed fields and values, anything else is no filter."""
    state, source = query.get("state", ""), query.get("source", "")
    return RectificationFilters(
        year=campaign_year_of(query.get("year")),
        state=state if state in RectificationState.values else "",
        open=bool(_flag(query, "open")),
        overdue=bool(_flag(query, "overdue")),
        unit=whole_number(query.get("unit")),
        round=whole_number(query.get("round")),
        clause=searched(query.get("clause", "")),
        source=source if source in FindingSource.values else "",
        text=searched(query.get("q", "")),
    )


def finding_filters(query: Mapping[str, str]) -> FindingFilters:
    source, severity = query.get("source", ""), query.get("severity", "")
    return FindingFilters(
        year=campaign_year_of(query.get("year")),
        unit=whole_number(query.get("unit")),
        round=whole_number(query.get("round")),
        clause=searched(query.get("clause", "")),
        source=source if source in FindingSource.values else "",
        severity=severity if severity in Severity.values else "",
        ordered=_flag(query, "ordered"),
        text=searched(query.get("q", "")),
    )


def rectification_rows(
    actor: Actor, filters: RectificationFilters | None = None, *, today: date
) -> QuerySet[Rectification]:
    """What the actor sees under `filters`, with finding, unit and open asks loaded. `today` decides what is overdue."""
    asked = filters or RectificationFilters()
    rows = Rectification.objects.visible_to(actor)
    if asked.overdue:
        rows = rows.overdue(today)
    elif asked.open:
        rows = rows.open()
    chosen = {
        "year_id": asked.year,
        "state": asked.state,
        "organization_id": asked.unit,
        "finding__check_record__round_id": asked.round,
        "finding__clause": asked.clause,
        "finding__source": asked.source,
    }
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    if asked.text:
        rows = rows.filter(
            Q(number__icontains=asked.text)
            | Q(finding__number__iexact=asked.text)
            | Q(finding__title__icontains=asked.text)
            | Q(subject__name__icontains=asked.text)
            | Q(organization__name__icontains=asked.text)
        )
    return rows.select_related("finding", "organization", "subject")


def finding_rows(actor: Actor, filters: FindingFilters | None = None) -> QuerySet[Finding]:
    """What the actor sees under `filters`, with unit, order and check loaded."""
    asked = filters or FindingFilters()
    rows = Finding.objects.visible_to(actor)
    chosen = {
        "year_id": asked.year,
        "organization_id": asked.unit,
        "check_record__round_id": asked.round,
        "clause": asked.clause,
        "source": asked.source,
        "severity": asked.severity,
    }
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    if asked.ordered is not None:
        rows = rows.filter(rectification__isnull=not asked.ordered)
    if asked.text:
        rows = rows.filter(
            Q(number__iexact=asked.text)
            | Q(title__icontains=asked.text)
            | Q(subject__name__icontains=asked.text)
            | Q(organization__name__icontains=asked.text)
        )
    return rows.select_related("organization", "subject", "rectification", "recurrence_of")


@dataclass(frozen=True)
class RectificationCounts:
    """Over the head of the list, each a link to its rows; within the same year and unit."""

    open: int
    overdue: int
    awaiting: int
    closed: int


def rectification_counts(actor: Actor, filters: RectificationFilters, *, today: date) -> RectificationCounts:
    """Of the actor's rows under year, unit, round, clause and source of `filters`. Statements: 1."""
    S = RectificationState
    wide = RectificationFilters(
        year=filters.year,
        unit=filters.unit,
        round=filters.round,
        clause=filters.clause,
        source=filters.source,
    )
    rows = rectification_rows(actor, wide, today=today)
    under_way = ~Q(state__in=[S.CLOSED, S.WITHDRAWN])
    found = rows.aggregate(
        open=Count("pk", filter=under_way),
        overdue=Count("pk", filter=under_way & Q(due_on__lt=today)),
        awaiting=Count("pk", filter=Q(state=S.AWAITING_RECHECK)),
        closed=Count("pk", filter=Q(state=S.CLOSED)),
    )
    return RectificationCounts(**found)
