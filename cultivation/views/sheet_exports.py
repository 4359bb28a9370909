"""导出 of 参训人次 and 培育名单, as a job; the file waits in the download centre."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cultivation.ledgers.base import READERS
from cultivation.rules.calendar import campaign_year_of
from cultivation.selectors.sheet_exports import SHEETS, SheetFilters
from cultivation.services.sheet_exports import request_sheet_export
from cultivation.views.scope import district_for
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock


@requires(*READERS)
@require_POST
def sheet_export(request: HttpRequest, slug: str) -> HttpResponse:
    """参训人次 or 培育名单 of ?year=…, for the city also of ?district=…; without them all the actor sees."""
    sheet = SHEETS.get(slug)
    if sheet is None:
        raise Http404
    actor = actor_of(request)
    wanted = request.GET.get("year", "")
    year = campaign_year_of(wanted)
    district = district_for(request, actor) if actor.sees_whole_city else None
    filters = SheetFilters(year, district.pk if district else None)
    job = request_sheet_export(actor=actor, sheet=sheet, filters=filters, now=clock.now())
    return redirect("operations:job", uid=job.uid)
