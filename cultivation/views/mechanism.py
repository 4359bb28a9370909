"""机制: the tree of the four levels, the matrix of 汇报、规划、考核, the shelf of policy documents."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from cultivation.enums import PolicyAdoptionKind
from cultivation.ledgers.base import KEEPERS, READERS
from cultivation.rules.calendar import YEARS
from cultivation.rules.coverage import CLAUSE_BODIES, CLAUSE_COORDINATORS
from cultivation.selectors.mechanism import AdoptionRow, adoption_matrix, body_coverage, policy_shelf
from cultivation.views.scope import current_year
from cultivation.views.work_plans import chosen_year
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock

BODY_READERS = (
    Role.CITY_OFFICE,
    Role.CITY_MEMBER,
    Role.DISTRICT_OFFICE,
    Role.DISTRICT_MEMBER,
    Role.LEADER,
)


@requires(*BODY_READERS)
@require_safe
def body_coverage_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "coverage": body_coverage(actor, today=clock.shanghai_date(clock.now())),
        "may_keep": actor.role in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE},
        "clauses": (CLAUSE_BODIES, CLAUSE_COORDINATORS),
    }
    return render(request, "cultivation/bodies/coverage.html", context)


@requires(*BODY_READERS)
@require_safe
def adoption_overview(request: HttpRequest) -> HttpResponse:
    """One year, or all five with ?year=all."""
    actor = actor_of(request)
    every = request.GET.get("year") == "all"
    years = list(YEARS) if every else [chosen_year(request)]
    matrix = adoption_matrix(actor, years=years)
    context = {
        "matrix": matrix,
        "upper": [_shown_row(row, years) for level in matrix.upper for row in level.rows],
        "places": _by_district(matrix.places.rows, years) if matrix.places else [],
        "place_count": len(matrix.places.rows) if matrix.places else 0,
        "kinds": list(PolicyAdoptionKind),
        "shown_years": years,
        "years": YEARS,
        "every": every,
        "may_write": actor.role in KEEPERS,
    }
    return render(request, "cultivation/bodies/adoptions.html", context)


def _by_district(rows: list[AdoptionRow], years: list[int]) -> list[tuple[str, list[Any], int]]:
    """(district, its townships and parks, how many of them have a gap)."""
    groups: dict[str, list[Any]] = {}
    for row in rows:
        parent = row.organization.parent
        groups.setdefault(parent.name if parent else "", []).append(_shown_row(row, years))
    return [(name, shown, sum(bool(gaps) for _, _, gaps in shown)) for name, shown in groups.items()]


def _shown_row(row: AdoptionRow, years: list[int]) -> tuple[Organization, list[Any], list[str]]:
    """(body, cells of (kind, year, answer, address of the form that answers), gaps up to the running year)."""
    cells = [
        (kind, year, row.answers.get((kind.value, year)), _entry_url(row.organization, kind, year))
        for year in years
        for kind in PolicyAdoptionKind
    ]
    return row.organization, cells, row.gaps([year for year in years if year <= current_year()])


def _entry_url(body: Organization, kind: str, year: int) -> str:
    """The form of one answer with body, matter and year filled in."""
    known: dict[str, Any] = {"year": year, "kind": str(kind)}
    if body.level == Level.DISTRICT:
        known["organization"] = body.pk
    elif body.level != Level.CITY:
        known |= {"organization": body.parent_id, "township": body.pk}
    return f"{reverse('cultivation:ledger_create', args=['adoptions'])}?{urlencode(known)}"


@requires(*READERS)
@require_safe
def policy_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    shelves = policy_shelf(actor)
    context = {
        "shelves": shelves,
        "total": sum(len(rows) for _, rows in shelves),
        "may_write": actor.role in KEEPERS,
    }
    return render(request, "cultivation/policies/page.html", context)
