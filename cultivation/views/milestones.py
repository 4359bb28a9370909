"""登记完成 of a date the portal keeps no records of."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cultivation.forms.milestones import MilestoneDoneForm
from cultivation.selectors.milestones import own_milestones
from cultivation.services.milestones import register_milestone_done
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@requires(Role.CITY_OFFICE)
@require_http_methods(["GET", "POST"])
def milestone_done(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = get_object_or_404(own_milestones().select_related("year"), pk=pk)
    back = reverse("cultivation:calendar")
    form = MilestoneDoneForm(
        request.POST or None,
        initial={"done_on": milestone.done_on, "basis": milestone.done_basis},
        cancel_url=back,
    )
    if request.method == "POST" and form.is_valid():
        done_on, basis = form.cleaned_data["done_on"], form.cleaned_data["basis"]
        if done_on is None and milestone.done_on is None:
            form.add_error("done_on", "请填写完成日期，如 2026-11-20。")
        else:
            try:
                register_milestone_done(
                    actor=actor_of(request),
                    milestone=milestone,
                    done_on=done_on,
                    basis=basis,
                    now=clock.now(),
                )
            except DomainError as error:
                form.add_domain_error(error)
            else:
                messages.success(request, f"{milestone}：{'已登记完成' if done_on else '已取消完成登记'}。")
                return redirect(back)
    context = {
        "form": form,
        "milestone": milestone,
        "deadline": clock.describe_deadline(clock.now(), milestone.due_on),
        "timeline": timeline_of(
            "Milestone", milestone.pk, labels={"done_on": "完成日期", "done_basis": "完成依据"}
        ),
    }
    return render(
        request, "cultivation/targets/milestone.html", context, status=422 if form.is_bound else 200
    )
