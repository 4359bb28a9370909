"""交接 in the browser: choose the leaver, see what is open, hand it over, keep the receipt."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.forms.subject_lives import HandoverForm
from cultivation.models import Handover
from cultivation.services.handovers import hand_over, open_work
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

OFFICES = (Role.CITY_OFFICE, Role.DISTRICT_OFFICE)
LIMIT = 200


@requires(*OFFICES)
@require_GET
def handover_list(request: HttpRequest) -> HttpResponse:
    rows = Handover.objects.visible_to(actor_of(request)).select_related("leaver", "successor", "by")[:LIMIT]
    return render(request, "cultivation/handovers/list.html", {"rows": rows})


@requires(*OFFICES)
@require_http_methods(["GET", "POST"])
def handover_new(request: HttpRequest) -> HttpResponse:
    """GET ?leaver=… shows what is open before anything is written."""
    actor = actor_of(request)
    organization = actor.organization
    if organization is None:
        raise Http404
    form = HandoverForm(
        request.POST or None,
        actor=actor,
        initial={"leaver": request.GET.get("leaver", "")},
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
                now=now,
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "已交接，回执如下，可打印签字。")
            return redirect("cultivation:handover_detail", pk=handover.pk)
    chosen = request.POST.get("leaver") or request.GET.get("leaver", "")
    leaver: User | None = (
        form.fields["leaver"].queryset.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
    )
    return render(
        request,
        "cultivation/handovers/form.html",
        {
            "form": form,
            "leaver": leaver,
            "work": open_work(actor=actor, organization=organization, leaver=leaver, now=now)
            if leaver
            else [],
            "people": form.fields["leaver"].queryset,
        },
        status=422 if request.method == "POST" else 200,
    )


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
    return render(request, "cultivation/handovers/detail.html", {"handover": handover})
