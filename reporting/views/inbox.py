"""待办 · 已办 · 我发起的 · 知会 · 草稿 (ux E18), and 催办 of what waits for others."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.ledgers.base import FIELD_KEEPERS
from cultivation.selectors.todo_case import TodoCase, todo_case
from reporting.selectors.drafts import draft_parts
from reporting.selectors.inbox import (
    SIZE,
    InboxFilter,
    count_inbox,
    find_todo,
    list_done,
    load_inbox,
    matching_rows,
    next_todo,
    page_of,
    place_of,
)
from reporting.selectors.waiting import owed_parts, remindable_parts, sent_parts
from reporting.services.reminding import AT_ONCE, plan_reminders, send_reminders
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.walks import Walk, begin_walk, current_walk, end_walk
from zaozhuang_portal.operations.selectors.notifications import list_notifications
from zaozhuang_portal.operations.selectors.todos import TodoRow, list_parts, with_reminders

REMINDERS = (Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)


def _case(request: HttpRequest) -> tuple[Actor, TodoCase | None]:
    actor = actor_of(request)
    return actor, todo_case(actor, clock.shanghai_date(clock.now()))


def _shown(rows: list[TodoRow]) -> list[dict[str, Any]]:
    """Rows with what is left of their time and what was reminded of them."""
    today = clock.shanghai_date(clock.now())
    return [
        {
            "row": row,
            "days": (row.due - today).days if row.due else None,
            "waited": (today - clock.shanghai_date(row.arrived)).days if row.arrived else None,
        }
        for row in with_reminders(rows)
    ]


@requires()
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One row per thing that waits for this person. Statements: counts, rows, reminders."""
    actor, case = _case(request)
    end_walk(request)
    chosen = InboxFilter.read(request.GET.dict())
    today = clock.shanghai_date(clock.now())
    found = load_inbox(case, chosen, today=today, cursor=request.GET.get("page", ""))
    return render(
        request,
        "reporting/inbox/todo.html",
        {
            "inbox": found,
            "page": found.page,
            "rows": _shown(found.page.rows),
            "chosen": chosen,
            "may_reassign": actor.role in FIELD_KEEPERS,
        },
    )


@requires()
@require_GET
def inbox_badge(request: HttpRequest) -> HttpResponse:
    """The bare number of what needs this person's action; nothing when there is none."""
    _, case = _case(request)
    count = count_inbox(case)
    return HttpResponse(f"{count}" if count else "", content_type="text/plain; charset=utf-8")


@requires()
@require_GET
def inbox_open(request: HttpRequest, token: str) -> HttpResponse:
    """Go where the thing is done, and remember where one is in the list."""
    _, case = _case(request)
    chosen = InboxFilter.read(request.GET.dict())
    row = find_todo(case, token)
    if row is None:
        messages.info(request, "这件事项已经办理，或不再由您办理。")
        return redirect(_list_url(chosen))
    return _go(request, row, chosen)


@requires()
@require_GET
def inbox_next(request: HttpRequest) -> HttpResponse:
    """The thing behind the one just done, in the same list; back to the list when there is none."""
    _, case = _case(request)
    chosen = InboxFilter.read(request.GET.dict())
    walk = current_walk(request)
    row = next_todo(case, chosen, walk.place if walk else "", today=clock.shanghai_date(clock.now()))
    if row is None:
        messages.info(request, "没有下一项待办了。")
        return redirect(_list_url(chosen))
    return _go(request, row, chosen)


def _list_url(chosen: InboxFilter, name: str = "reporting:inbox") -> str:
    return f"{reverse(name)}?{chosen.query}" if chosen.query else reverse(name)


def _go(request: HttpRequest, row: TodoRow, chosen: InboxFilter) -> HttpResponse:
    begin_walk(
        request,
        Walk(
            place_of(row),
            _list_url(chosen, "reporting:inbox_next"),
            "下一项待办",
            _list_url(chosen),
            "返回待办",
        ),
    )
    return redirect(row.url)


@requires()
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """Statements: entries, their number, which of the things are still there."""
    page, rows = list_done(actor_of(request), request.GET.dict())
    return render(request, "reporting/inbox/done.html", {"page": page, "rows": rows})


@requires()
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    unread_only = request.GET.get("unread") == "1"
    page = list_notifications(actor_of(request), request.GET.dict(), unread_only=unread_only)
    return render(request, "reporting/inbox/notices.html", {"page": page, "unread_only": unread_only})


@requires()
@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    """Statements: rows."""
    _, case = _case(request)
    rows = sorted(
        list_parts(draft_parts(case)),
        key=lambda row: row.arrived.isoformat() if row.arrived else "",
        reverse=True,
    )
    page = page_of(rows, request.GET.get("page", ""))
    return render(request, "reporting/inbox/drafts.html", {"page": page, "rows": page.rows})


@requires()
@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """What was handed in and what is owed to this office, with whom it lies. Statements: rows, reminders."""
    _, case = _case(request)
    chosen = InboxFilter.read(request.GET.dict())
    finished = request.GET.get("all") == "1"
    parts = [*sent_parts(case, finished=finished), *owed_parts(case)]
    acts: dict[str, list[str]] = {}
    for part in parts:
        acts.setdefault(part.act, []).append(part.key)
    wanted = acts.get(chosen.kind, [])
    today = clock.shanghai_date(clock.now())
    listed = [part for part in parts if not wanted or part.key in wanted]
    rows = matching_rows(listed, InboxFilter(late=chosen.late), today)
    page = page_of(rows, request.GET.get("page", ""))
    return render(
        request,
        "reporting/inbox/sent.html",
        {
            "page": page,
            "rows": _shown(page.rows),
            "acts": list(acts),
            "chosen": chosen if wanted else InboxFilter(late=chosen.late),
            "finished": finished,
            "may_remind": bool(remindable_parts(case)),
            "remindable": sum(row.remindable for row in rows),
            "at_once": AT_ONCE,
            "size": SIZE,
        },
    )


@requires(*REMINDERS)
@require_http_methods(["GET", "POST"])
def remind(request: HttpRequest) -> HttpResponse:
    """?item=… (one or several) shows what would be sent and what is skipped; POST sends it.

    `every=1` chooses all that the list behind `kind` and `late` holds.
    """
    _, case = _case(request)
    now = clock.now()
    data = request.POST if request.method == "POST" else request.GET
    tokens = data.getlist("item")
    if data.get("every") == "1":
        tokens = _every(case, InboxFilter.read(data.dict()))
    back = reverse("reporting:sent")
    error, status = "", 200
    plan = None
    try:
        if not tokens:
            raise DomainError("请先勾选要催办的事项。", code="none")
        if request.method == "POST" and "confirmed" in request.POST:
            outcome = send_reminders(case, tokens, now=now)
            say = messages.success if outcome.ready else messages.warning
            say(request, f"{outcome.words('已催办')}。")
            return redirect(back)
        plan = plan_reminders(case, tokens, now=now)
    except DomainError as problem:
        error, status = problem.message, problem.status
    return render(
        request,
        "reporting/inbox/remind.html",
        {
            "plan": plan,
            "words": plan.words("将催办") if plan else "",
            "tokens": tokens[:AT_ONCE],
            "error": error,
            "back": back,
        },
        status=status,
    )


def _every(case: TodoCase | None, chosen: InboxFilter) -> list[str]:
    parts = [part for part in remindable_parts(case) if not chosen.kind or part.act == chosen.kind]
    today = clock.shanghai_date(clock.now())
    return [row.token for row in matching_rows(parts, InboxFilter(late=chosen.late), today)][:AT_ONCE]
