"""导出: what the list shows, as a job; the file waits in the download centre."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from cultivation.selectors.subjects import filtered_subjects
from cultivation.services.exports import request_export
from cultivation.views.filters import list_filters
from cultivation.views.ledger_parts import EVERY, chosen_pks
from cultivation.views.subjects import READERS
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock


@requires(*READERS)
@require_POST
def register_export(request: HttpRequest) -> HttpResponse:
    """The filters come in the query string, exactly as the list page carries them; `pk` are rows chosen by hand (E4)."""
    actor, filters = actor_of(request), list_filters(request.GET)
    pks = () if EVERY in request.POST else chosen_pks(request)
    if pks:
        filters = replace(filters, pks=pks)
        found = filtered_subjects(actor, filters).count()
        if not found:
            messages.warning(request, "选中的都已不在列表中，没有可导出的。")
            return redirect(f"{reverse('cultivation:subject_list')}?{request.GET.urlencode()}")
        if found < len(pks):
            messages.warning(
                request,
                f"将导出 {found} 个，跳过 {len(pks) - found} 个（已不在列表中，或不在您能查看的范围内）。",
            )
    job = request_export(actor=actor, filters=filters, now=clock.now())
    return redirect("operations:job", uid=job.uid)
