"""补录申请: the district asks, the city office answers; both see every request with its answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cultivation.enums import BackfillMatter
from cultivation.forms.backfill import BackfillAnswerForm, BackfillRequestForm
from cultivation.models import BackfillRequest
from cultivation.selectors.backfill import requests_of
from cultivation.services.backfill import answer_backfill, ask_to_backfill
from cultivation.workflows import BACKFILL_WORKFLOW
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@requires(*CITY_ROLES, *DISTRICT_ROLES, Role.LEADER)
@require_safe
def backfill_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    rows = requests_of(actor)
    return render(
        request,
        "cultivation/backfill/list.html",
        {
            "rows": [(row, BACKFILL_WORKFLOW.actions_for(row.state, actor.role)) for row in rows],
            "may_ask": actor.role == Role.DISTRICT_OFFICE,
        },
    )


@requires(Role.DISTRICT_OFFICE)
@require_http_methods(["GET", "HEAD", "POST"])
@creates_once
def backfill_ask(request: HttpRequest) -> HttpResponse:
    """The form, filled with ?year= and ?matter= of the page that led here."""
    initial = {"year": request.GET.get("year", ""), "matter": request.GET.get("matter", "")}
    form = BackfillRequestForm(
        request.POST or None, initial=initial, cancel_url=reverse("cultivation:backfill_list")
    )
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            asked = ask_to_backfill(
                actor=actor_of(request),
                year=data["year"],
                matter=BackfillMatter(data["matter"]),
                paper_on=data["paper_on"],
                reason=data["reason"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
            status = error.status
        else:
            messages.success(request, f"已提出{asked}，等待市三方委员会办公室答复。")
            return redirect("cultivation:backfill_list")
    return render(request, "cultivation/backfill/form.html", {"form": form}, status=status)


@requires(Role.CITY_OFFICE)
@require_http_methods(["GET", "HEAD", "POST"])
def backfill_answer(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Confirm page (GET) and act (POST) of consent, refusal or revocation, each with its words."""
    actor = actor_of(request)
    asked = get_object_or_404(
        BackfillRequest.objects.visible_to(actor).select_related("year", "organization", "asked_by"), pk=pk
    )
    transition = next((t for t in BACKFILL_WORKFLOW.transitions if t.action == action), None)
    if transition is None:
        raise Http404
    form = BackfillAnswerForm(
        request.POST if request.method == "POST" else None,
        cancel_url=reverse("cultivation:backfill_list"),
        submit_label=transition.label,
    )
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            answer_backfill(
                actor=actor, request=asked, action=action, answer=form.cleaned_data["answer"], now=clock.now()
            )
        except DomainError as error:
            form.add_domain_error(error)
            status = error.status
        else:
            messages.success(request, f"{asked}：{asked.get_state_display()}。")
            return redirect("cultivation:backfill_list")
    return render(
        request,
        "cultivation/backfill/form.html",
        {"form": form, "asked": asked, "step": transition},
        status=status,
    )
