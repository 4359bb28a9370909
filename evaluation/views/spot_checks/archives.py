"""公示包: one download for each phase a round has reached."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from evaluation.models import SpotCheck, SpotCheckRound
from evaluation.permissions.roles import ROUND_PUBLISHERS
from evaluation.rules.spot_checks.archives import Phase
from evaluation.rules.spot_checks.packs import safe_name
from evaluation.selectors.spot_checks.archives import open_phases, round_archive
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock


@requires(*ROUND_PUBLISHERS)
@require_GET
def round_zip(request: HttpRequest, pk: int, phase: str) -> HttpResponse:
    """404 for a phase the round has not reached."""
    actor = actor_of(request)
    held = get_object_or_404(SpotCheckRound.objects.visible_to(actor).select_related("year"), pk=pk)
    states = SpotCheck.objects.filter(round=held).values_list("state", flat=True)
    if phase not in [one.value for one in open_phases(held, list(states))]:
        raise Http404
    asked = Phase(phase)
    content = round_archive(actor, held, asked, today=clock.shanghai_date(clock.now()))
    name = safe_name(f"{held.title}_公示包_{asked.label}.zip")
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
    return HttpResponse(content, content_type="application/zip", headers=headers)
