"""Loading one rectification, and the page of an act: what it is about, the form, what was typed when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from evaluation.models import Rectification
from evaluation.selectors.rectifications.pages import (
    RectificationPage,
    find_rectification,
    rectification_page,
)
from zaozhuang_portal.accounts.access import actor_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.clock import DeadlineText
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.forms import PortalForm

FORM = ["GET", "POST"]
Rows = list[tuple[str, Any]]


def load(request: HttpRequest, pk: int) -> tuple[Actor, RectificationPage]:
    actor = actor_of(request)
    record = find_rectification(actor, pk)
    if record is None:
        raise Http404
    return actor, rectification_page(actor, record, clock.shanghai_date(clock.now()))


def url_of(page: RectificationPage) -> str:
    return reverse("evaluation:rectification_detail", args=[page.record.pk])


def facts_of(page: RectificationPage) -> Rows:
    """What the act is about."""
    record = page.record
    rows: Rows = [
        ("文号", record.number or "待下达"),
        ("单位", record.unit),
        ("问题", record.finding.title),
        ("现在", page.words),
    ]
    return rows


def deadline_of(row: Rectification, now: datetime) -> DeadlineText | None:
    """The end of the term while something is still to be done; None when over or not issued."""
    return clock.describe_deadline(now, row.due_on) if row.is_open and row.due_on is not None else None


def lapsed(request: HttpRequest, page: RectificationPage, heading: str) -> HttpResponse:
    """The page of an act that is not open now: back to where it is said how things stand."""
    messages.info(request, f"整改当前为“{page.record.get_state_display()}”，不能“{heading}”。")
    return redirect(url_of(page))


def act(
    request: HttpRequest,
    page: RectificationPage,
    name: str,
    heading: str,
    run: Callable[[], Any],
    done: str,
    *,
    form: PortalForm | None = None,
    rows: Rows | None = None,
    refused: Callable[[DomainError], Rows] | None = None,
    **context: Any,
) -> HttpResponse:
    """Ask, or do and go back. `refused` gives further lines of the page after a refusal (what is stored now).

    A refusal stands over the form with everything as typed; a right that is missing is its own page.
    """
    rows = [*facts_of(page), *(rows or [])]
    status = 200
    if request.method == "POST":
        status = 422
        if form is None or form.is_valid():
            try:
                run()
            except NotAllowed:
                raise
            except DomainError as error:
                if form is None:
                    messages.error(request, error.message)
                    return redirect(url_of(page))
                form.add_domain_error(error)
                status = error.status
                rows += refused(error) if refused else []
            else:
                messages.success(request, done)
                return redirect(url_of(page))
    elif name not in page.may:
        return lapsed(request, page, heading)
    shown = {
        "heading": heading,
        "rows": rows,
        "form": form,
        "confirm_label": heading,
        "cancel_url": url_of(page),
        **context,
    }
    return render(request, "components/confirm_page.html", shown, status=status)
