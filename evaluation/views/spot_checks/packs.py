"""迎检资料包: one press, a job."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from evaluation.permissions.roles import CHECK_PACKERS
from evaluation.selectors.spot_checks.packs import packable_check
from evaluation.services.spot_checks.packs import request_pack
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock


@requires(*CHECK_PACKERS)
@require_POST
def check_pack(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    check = packable_check(actor, pk)
    if check is None:
        raise Http404
    job = request_pack(actor=actor, check=check, now=clock.now())
    return redirect("operations:job", job.uid)
