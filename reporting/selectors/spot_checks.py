"""抽查与整改 of a year as report figures: the selector of the pages, asked once."""

from __future__ import annotations

from datetime import date

from evaluation.selectors.spot_checks.years import FindingLine, RoundFigures, year_figures
from reporting.rules.figures import SpotCheckFigures, SpotCheckFinding, SpotCheckRound
from zaozhuang_portal.accounts.models import Organization


def spot_check_figures(*, year: int, organization: Organization | None, as_of: date) -> SpotCheckFigures:
    """Of one district, or (organization None) of the city, as at the end of `as_of`. Statements: 4."""
    found = year_figures(year=year, organization=organization, as_of=as_of)
    return {
        # A round in which the district had nothing to check says nothing of it.
        "rounds": [_round(one) for one in found.rounds if one.counts["due"] or one.found],
        "findings": [_finding(line) for line in found.lines],
        "other_orders": found.other_orders,
        "other_closed": found.other_closed,
        "other_overdue": found.other_overdue,
        "earlier_open": found.earlier_open,
        "earlier_overdue": found.earlier_overdue,
    }


def _round(one: RoundFigures) -> SpotCheckRound:
    counts = one.counts
    return {
        "title": one.title,
        "due": counts["due"],
        "told": counts["told"],
        "checked": counts["checked"],
        "waiting": counts["waiting"],
        "qualified": counts["qualified"],
        "rectify": counts["rectify"],
        "unqualified": counts["unqualified"],
        "veto": counts["veto"],
        "refused": counts["refused"],
        "found": one.found,
        "closed": one.closed,
        "overdue": one.overdue,
        "own": one.own,
    }


def _finding(line: FindingLine) -> SpotCheckFinding:
    return {
        "unit": line.unit,
        "source": line.source,
        "clause": line.clause,
        "title": line.title,
        "severity": line.severity,
        "state": line.state,
        "due_on": line.due_on.isoformat() if line.due_on else None,
        "closed_on": line.closed_on.isoformat() if line.closed_on else None,
    }
