"""机制: the tree of the four levels, the matrix of 汇报、规划、考核, the shelf of policy documents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cultivation.enums import PolicyAdoptionKind
from cultivation.ledgers.base import KEEPERS, READERS
from cultivation.rules.calendar import YEARS
from cultivation.rules.coverage import CLAUSE_BODIES, CLAUSE_COORDINATORS
from cultivation.selectors.mechanism import adoption_matrix, body_coverage, policy_shelf
from cultivation.views.scope import current_year
from cultivation.views.work_plans import chosen_year
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Role
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
        "rows": [
            (
                row.organization,
                [
                    (kind, year, row.answers.get((kind.value, year)))
                    for year in years
                    for kind in PolicyAdoptionKind
                ],
                row.gaps([year for year in years if year <= current_year()]),
            )
            for row in matrix.rows
        ],
        "kinds": list(PolicyAdoptionKind),
        "shown_years": years,
        "years": YEARS,
        "every": every,
        "may_write": actor.role in KEEPERS,
    }
    return render(request, "cultivation/bodies/adoptions.html", context)


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
