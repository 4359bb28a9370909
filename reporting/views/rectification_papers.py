"""Papers of a rectification; their files wait in the download centre."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from evaluation.selectors.rectifications.pages import find_rectification
from reporting.services.rectification_papers import PAPERS, request_paper
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@requires()
@require_POST
def rectification_paper(request: HttpRequest, pk: int, paper: str) -> HttpResponse:
    """整改通知书 or 台账单页 as PDF."""
    actor = actor_of(request)
    record = find_rectification(actor, pk)
    if record is None or paper not in PAPERS:
        raise Http404
    try:
        job = request_paper(actor=actor, record=record, paper=paper, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("evaluation:rectification_detail", pk)
    return redirect("operations:job", uid=job.uid)
