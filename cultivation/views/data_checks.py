"""数据核查: the standing checks over what the actor may see, each doubt with the form that mends it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from cultivation.rules.data_checks import MOST_DOUBTS, Severity
from cultivation.selectors.data_checks import (
    Check,
    CheckResult,
    Scope,
    all_checks,
    find_check,
    run_checks,
    scope_of,
)
from cultivation.services.data_checks import export_doubts
from cultivation.views.scope import district_for
from cultivation.views.subjects import READERS, choices
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import districts
from zaozhuang_portal.kernel import clock

FIRST_SHOWN = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked(request: HttpRequest) -> tuple[Actor, Scope, list[Check]]:
    """Scope and checks named by the address; an unknown name is no filter."""
    actor = actor_of(request)
    checks = all_checks()
    one = find_check(request.GET.get("check", ""))
    severity = request.GET.get("severity", "")
    if one is not None:
        checks = [one]
    elif severity in set(Severity):
        checks = [check for check in checks if check.severity == severity]
    return actor, scope_of(actor, district_for(request, actor)), checks


@requires(*READERS)
@require_GET
def data_checks(request: HttpRequest) -> HttpResponse:
    """All checks with their first doubts; ?check= one of them whole. Statements: one per check."""
    actor, scope, checks = _asked(request)
    results = run_checks(scope, day=clock.shanghai_date(clock.now()), checks=checks)
    alone = bool(find_check(request.GET.get("check", "")))
    blocks = [_block(actor, result, MOST_DOUBTS if alone else FIRST_SHOWN) for result in results]
    return render(
        request,
        "cultivation/data_checks/list.html",
        {
            "found": [block for block in blocks if block["result"].doubts],
            "clean": [block["result"].check for block in blocks if not block["result"].doubts],
            "totals": [
                (severity, sum(len(r.doubts) for r in results if r.check.severity == severity))
                for severity in Severity
            ],
            "alone": alone,
            "severities": [(severity.value, severity.label) for severity in Severity],
            "severity": request.GET.get("severity", ""),
            "districts": choices(districts()) if actor.sees_whole_city else [],
            "district": scope.district,
        },
    )


def _block(actor: Actor, result: CheckResult, most: int) -> dict[str, Any]:
    mend = result.check.mend_for(actor.role)
    shown = result.doubts[:most]
    return {
        "result": result,
        "mend": mend,
        "rows": [(doubt, mend.url(doubt) if mend else "") for doubt in shown],
        "more": len(result.doubts) - len(shown),
    }


@requires(*READERS)
@require_POST
def data_checks_export(request: HttpRequest) -> HttpResponse:
    """The filters come in the query string, as the page carries them."""
    actor, scope, checks = _asked(request)
    now = clock.now()
    day = clock.shanghai_date(now)
    results = run_checks(scope, day=day, checks=checks)
    content = export_doubts(actor=actor, scope=scope, results=results, day=day, now=now)
    place = scope.district.name if scope.district else "枣庄市"
    name = f"{place}_数据核查_{day:%Y%m%d}.xlsx"
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
    return HttpResponse(content, content_type=XLSX, headers=headers)
