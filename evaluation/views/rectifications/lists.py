"""The lists of findings and of rectifications. Their filters and counts are those of selectors/rectifications/lists.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cultivation.rules.calendar import YEARS
from evaluation.enums import FindingSource, RectificationState
from evaluation.forms.rectifications.lists import finding_chips, rectification_chips
from evaluation.permissions.roles import (
    PAST_RECTIFICATION_KEEPERS,
    RECTIFICATION_KEEPERS,
    RECTIFICATION_READERS,
)
from evaluation.selectors.rectifications.lists import (
    finding_filters,
    finding_rows,
    rectification_counts,
    rectification_filters,
    rectification_rows,
)
from evaluation.services.rectifications.export import request_rectification_export
from evaluation.views.rectifications.common import deadline_of
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.selectors.code_tables import districts
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page

PAGE_SIZE = 50
NEWEST = (SortKey("id", descending=True),)
# A draft has no last day yet: after those that have one.
DUE_FIRST = (SortKey("last_day"), SortKey("id"))
_NO_DAY = date(9999, 12, 31)


@requires(*RECTIFICATION_READERS)
@require_GET
def rectification_list(request: HttpRequest) -> HttpResponse:
    """Newest first; open ones by the end of their term. Statements: rows with their count, one aggregate."""
    actor, now = actor_of(request), clock.now()
    today = clock.shanghai_date(now)
    filters = rectification_filters(request.GET.dict())
    rows = rectification_rows(actor, filters, today=today)
    sort = NEWEST
    if filters.open or filters.overdue:
        rows, sort = rows.annotate(last_day=Coalesce("due_on", Value(_NO_DAY))), DUE_FIRST
    page = fetch_page(rows, sort, cursor=request.GET.dict(), size=PAGE_SIZE)
    plain = replace(filters, state="", open=False, overdue=False)
    context = {
        "page": page,
        "rows": [(row, deadline_of(row, now)) for row in page.rows],
        "filters": filters,
        "chips": rectification_chips(actor, request.GET, filters),
        "counts": rectification_counts(actor, filters, today=today),
        "links": {
            "open": replace(plain, open=True).query(),
            "overdue": replace(plain, overdue=True).query(),
            "awaiting": replace(plain, state=RectificationState.AWAITING_RECHECK).query(),
            "closed": replace(plain, state=RectificationState.CLOSED).query(),
        },
        "states": RectificationState.choices,
        "sources": FindingSource.choices,
        "years": YEARS,
        "districts": districts() if actor.sees_whole_city else [],
        "may_keep": actor.role in RECTIFICATION_KEEPERS,
        "may_enter_past": actor.role in PAST_RECTIFICATION_KEEPERS,
    }
    return render(request, "evaluation/rectifications/list.html", context)


@requires(*RECTIFICATION_READERS)
@require_POST
def rectification_export(request: HttpRequest) -> HttpResponse:
    """The filters come in the query string, exactly as the list carries them."""
    filters = rectification_filters(request.GET.dict())
    job = request_rectification_export(actor=actor_of(request), filters=filters, now=clock.now())
    return redirect("operations:job", uid=job.uid)


@requires(*RECTIFICATION_READERS)
@require_GET
def finding_list(request: HttpRequest) -> HttpResponse:
    """Newest first. Statements: rows with their count."""
    actor = actor_of(request)
    filters = finding_filters(request.GET.dict())
    page = fetch_page(finding_rows(actor, filters), NEWEST, cursor=request.GET.dict(), size=PAGE_SIZE)
    context = {
        "page": page,
        "filters": filters,
        "chips": finding_chips(actor, request.GET, filters),
        "sources": FindingSource.choices,
        "years": YEARS,
        "districts": districts() if actor.sees_whole_city else [],
        "may_keep": actor.role in RECTIFICATION_KEEPERS,
    }
    return render(request, "evaluation/rectifications/findings.html", context)
