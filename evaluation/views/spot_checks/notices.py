"""检查通知书 of a round: one page to send those that wait, all or some, with the day of each visit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from evaluation.forms.spot_checks.notices import NoticeForm
from evaluation.models import SpotCheckRound
from evaluation.permissions.roles import INSPECTOR_KEEPERS
from evaluation.selectors.spot_checks.notices import checks_to_notify
from evaluation.services.spot_checks.notices import notify_checks
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.parsing import whole_number


@requires(*INSPECTOR_KEEPERS)
@require_http_methods(["GET", "POST"])
def notice_send(request: HttpRequest, pk: int) -> HttpResponse:
    """`?check=` ticks one of them only."""
    actor = actor_of(request)
    spot_round = get_object_or_404(SpotCheckRound.objects.visible_to(actor).select_related("year"), pk=pk)
    checks = list(checks_to_notify(spot_round.pk))
    one = whole_number(request.GET.get("check", ""))
    form = NoticeForm(request.POST or None, checks=checks, ticked={one} if one else set())
    if request.method == "POST" and form.is_valid():
        try:
            letters = notify_checks(
                actor=actor,
                checks=form.chosen,
                planned=form.planned,
                late_is_meant=form.cleaned_data["late_is_meant"],
                now=clock.now(),
            )
        except DomainError as error:
            if error.status == 409:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, f"已发出 {len(letters)} 份检查通知书，被检查单位会收到提醒。")
            return redirect("evaluation:team_list", pk)
    status = 422 if request.method == "POST" else 200
    context = {"round": spot_round, "form": form}
    return render(request, "evaluation/spot_checks/notices.html", context, status=status)
