"""导出: what the list shows, as a job; the file waits in the download centre."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cultivation.services.exports import request_export
from cultivation.views.filters import list_filters
from cultivation.views.subjects import READERS
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock


@requires(*READERS)
@require_POST
def register_export(request: HttpRequest) -> HttpResponse:
    """The filters come in the query string, exactly as the list page carries them."""
    job = request_export(actor=actor_of(request), filters=list_filters(request.GET), now=clock.now())
    return redirect("operations:job", uid=job.uid)
