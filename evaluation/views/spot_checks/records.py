"""检查记录 on A4: for the file, and for the inspected to keep."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from evaluation.forms.spot_checks.site import compare_lines, value_in_words
from evaluation.selectors.spot_checks.records import load_record
from evaluation.selectors.spot_checks.results import check_page, readable_check
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock


@requires()
@require_GET
def check_record(request: HttpRequest, round_pk: int, pk: int) -> HttpResponse:
    """Whoever reads the check prints it, as far as it is told; before the verdict no line says a claim."""
    actor, now = actor_of(request), clock.now()
    check = readable_check(actor, round_pk, pk)
    if check is None:
        raise Http404
    record = load_record(check_page(actor, check, clock.shanghai_date(now)))
    compare_lines(record.lines)
    context = {
        "record": record,
        "page": record.page,
        "check": check,
        "rows": [(item, value_in_words(item)) for item in record.lines],
        "printed_on": now,
        "back": reverse("evaluation:check_detail", args=[round_pk, pk]),
    }
    return render(request, "evaluation/spot_checks/record.html", context)
