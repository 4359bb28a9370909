"""时限预演: a "today" of one's choice, and who would miss what on it. Reads only."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cultivation.rules.calendar import year_at_hand
from cultivation.selectors.data_checks import scope_of
from cultivation.selectors.rehearsal import OFFICES, judge_milestones, rehearse
from cultivation.views.scope import district_for
from cultivation.views.subjects import READERS, choices
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.selectors.code_tables import districts
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.parsing import ParseError, parse_date

FIRST, LAST = date(2023, 1, 1), date(2028, 12, 31)


def _read_day(text: str) -> tuple[date | None, str]:
    """(day, "") or (None, why not), in words a person can act on."""
    try:
        day = parse_date(text)
    except ParseError as error:
        return None, str(error)
    if day is None:
        return None, "请填写要预演的日期，如 2025-11-28。"
    if not FIRST <= day <= LAST:
        return None, f"日期 {day} 不在活动期间，请填 {FIRST} 至 {LAST} 之间的一天。"
    return day, ""


@requires(*READERS)
@require_GET
def rehearsal(request: HttpRequest) -> HttpResponse:
    """?day= is the assumed today; a day that cannot be read is said so and stays in the box."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    text = request.GET.get("day", "").strip()
    day, error = _read_day(text) if text else (today, "")
    scope = scope_of(actor, district_for(request, actor))
    return render(
        request,
        "cultivation/rehearsal/page.html",
        {
            "rehearsal": rehearse(actor, scope, day=day) if day else None,
            "day": day,
            "typed": text or today.isoformat(),
            "error": error,
            "is_today": day == today,
            "districts": choices(districts()) if actor.sees_whole_city else [],
            "district": scope.district,
        },
        status=422 if error else 200,
    )


@requires(*OFFICES)
@require_GET
def milestone_states(request: HttpRequest) -> HttpResponse:
    """The year's dates with what is done and what is not, for the workbench, which shows the bare dates meanwhile."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    states = judge_milestones(actor, scope_of(actor), day=today)
    return render(
        request, "cultivation/rehearsal/_states.html", {"states": states, "year": year_at_hand(today)}
    )
