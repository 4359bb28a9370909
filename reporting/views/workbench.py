"""The first page after sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cultivation.ledgers.base import FIELD_KEEPERS
from cultivation.rules.calendar import year_at_hand
from cultivation.selectors.rehearsal import OFFICES
from reporting.selectors.workbench import load_workbench
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.clock import describe_deadline


@requires()
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    now = clock.now()
    today = clock.shanghai_date(now)
    year = year_at_hand(today)
    board = load_workbench(actor, year=year, today=today)
    return render(
        request,
        "reporting/workbench.html",
        {
            "board": board,
            "year": year,
            "today": today,
            "follow_ups": [
                (visit, (visit.follow_up_due - today).days)
                for visit in board.follow_ups
                if visit.follow_up_due
            ],
            "judges_milestones": actor.role in OFFICES,
            "may_record": actor.role in FIELD_KEEPERS,
            "deadlines": [(m, describe_deadline(now, m.due_on)) for m in board.milestones],
        },
    )
