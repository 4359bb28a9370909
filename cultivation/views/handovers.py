"""交接 in the browser: choose the two people, see what goes and what stays, hand it over, keep the receipt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.forms.subject_lives import HandoverForm
from cultivation.models import Handover
from cultivation.services.handovers import HandoverCase, hand_over, open_work, plan_handover
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.parsing import whole_number

OFFICES = (Role.CITY_OFFICE, Role.DISTRICT_OFFICE)
LIMIT = 200


@requires(*OFFICES)
@require_GET
def handover_list(request: HttpRequest) -> HttpResponse:
    rows = Handover.objects.visible_to(actor_of(request)).select_related("leaver", "successor", "by")[:LIMIT]
    return render(request, "cultivation/handovers/list.html", {"rows": rows})


@requires(*OFFICES)
@require_http_methods(["GET", "POST"])
@creates_once
def handover_new(request: HttpRequest) -> HttpResponse:
    """GET ?leaver=…&successor=… shows what goes and what stays before anything is written."""
    actor = actor_of(request)
    organization = actor.organization
    if organization is None:
        raise Http404
    typed = request.POST if request.method == "POST" else request.GET
    form = HandoverForm(
        request.POST if request.method == "POST" else None,
        actor=actor,
        initial={name: typed.get(name, "") for name in ("leaver", "successor")},
        cancel_url=reverse("cultivation:handover_list"),
    )
    now = clock.now()
    if request.method == "POST" and form.is_valid():
        try:
            handover = hand_over(
                actor=actor,
                organization=organization,
                leaver=form.cleaned_data["leaver"],
                successor=form.cleaned_data["successor"],
                reason=form.cleaned_data["reason"],
                stays=form.cleaned_data["stays"].split(","),
                now=now,
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            stays = any("stays" in entry for entry in handover.receipt)
            words = "可以移交的已交接，未移交的列在回执中。" if stays else "已交接。"
            messages.success(request, f"{words}回执如下，可打印签字。")
            return redirect("cultivation:handover_detail", pk=handover.pk)
    leaver, successor = (_person(form, name, typed.get(name, "")) for name in ("leaver", "successor"))
    context: dict[str, Any] = {
        "form": form,
        "leaver": leaver,
        "successor": successor,
        "leavers": form.fields["leaver"].queryset,
        "successors": form.fields["successor"].queryset,
    }
    if leaver is not None and successor is not None:
        context |= _plan(form, HandoverCase(actor, organization, leaver, successor, now))
    elif leaver is not None:
        context["work"] = open_work(actor=actor, organization=organization, leaver=leaver, now=now)
    status = 422 if request.method == "POST" else 200
    return render(request, "cultivation/handovers/form.html", context, status=status)


def _person(form: HandoverForm, name: str, chosen: str) -> User | None:
    """The person chosen, of those who may be."""
    found: User | None = form.fields[name].queryset.filter(pk=whole_number(chosen)).first()
    return found


def _plan(form: HandoverForm, case: HandoverCase) -> dict[str, Any]:
    """What goes and what stays; the form carries the kinds that stay, so that they are confirmed as they were shown."""
    try:
        kinds = plan_handover(case)
    except DomainError as error:
        return {"problem": error.message}
    stays = [kind for kind in kinds if kind.refusal is not None]
    form.fields["stays"].initial = ",".join(kind.source.key for kind in stays)
    if form.is_bound:
        form.data = form.data.copy()
        form.data["stays"] = form.fields["stays"].initial
    goes = [kind for kind in kinds if kind.refusal is None]
    return {"goes": goes, "stays": stays, "possible": bool(goes), "planned": True}


@requires(*OFFICES)
@require_GET
def handover_detail(request: HttpRequest, pk: int) -> HttpResponse:
    handover = (
        Handover.objects.visible_to(actor_of(request))
        .select_related("leaver", "successor", "by", "organization")
        .filter(pk=pk)
        .first()
    )
    if handover is None:
        raise Http404
    context = {
        "handover": handover,
        "given": [entry for entry in handover.receipt if "stays" not in entry],
        "left": [entry for entry in handover.receipt if "stays" in entry],
    }
    return render(request, "cultivation/handovers/detail.html", context)
