"""转办 in the browser: one page for a task, a follow-up or a pairing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cultivation.forms.reassigning import ReassignForm
from cultivation.ledgers.base import FIELD_KEEPERS
from cultivation.services.reassigning import KINDS, colleagues, may_reassign, reassign
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@requires(*FIELD_KEEPERS)
@require_http_methods(["GET", "POST"])
def reassign_page(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Statements: the thing and the colleagues, beside session and capacity."""
    actor = actor_of(request)
    now = clock.now()
    today = clock.shanghai_date(now)
    form_kind = KINDS.get(kind)
    row = form_kind.rows(actor, today).filter(pk=pk).first() if form_kind else None
    if form_kind is None or row is None or not may_reassign(actor, kind, row, now):
        raise Http404
    holder = form_kind.holder(row)
    people = colleagues(actor, today)
    form = ReassignForm(
        request.POST or None,
        people=people.exclude(pk=holder.pk) if holder is not None else people,
        initial={"version": row.version},
        cancel_url=form_kind.url(row),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                moved = reassign(
                    actor=actor,
                    kind=kind,
                    pk=pk,
                    successor=form.cleaned_data["successor"],
                    expected_version=form.cleaned_data["version"],
                    reason=form.cleaned_data["reason"],
                    now=now,
                )
            except DomainError as error:
                status = error.status
                form.add_domain_error(error)
                row.refresh_from_db()
                form.data = form.data.copy()
                form.data["version"] = str(row.version)
            else:
                name = form.cleaned_data["successor"].full_name
                messages.success(request, f"“{form_kind.words(row)}”已转给{name}，并已通知本人。")
                return redirect(form_kind.url(moved))
    return render(
        request,
        "cultivation/reassign.html",
        {
            "form": form,
            "kind": form_kind,
            "row": row,
            "words": form_kind.words(row),
            "holder": form_kind.holder_name(row),
        },
        status=status,
    )
