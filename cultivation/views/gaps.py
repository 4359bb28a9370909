"""查漏补缺: the year's gaps with the tasks they became; chosen ones become tasks in one act."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cultivation.forms.gaps import GapForm
from cultivation.selectors.gaps import gaps_on
from cultivation.services.gaps import GAP_GIVERS, give_out_gaps, scope_of_giver
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@requires(*GAP_GIVERS)
@require_http_methods(["GET", "POST"])
@creates_once
def gap_list(request: HttpRequest) -> HttpResponse:
    """Statements: one per item of the rehearsal and three, whatever the number of gaps."""
    actor, now = actor_of(request), clock.now()
    gaps = gaps_on(scope_of_giver(actor), day=clock.shanghai_date(now))
    ticked = set(request.POST.getlist("gaps"))
    form = GapForm(request.POST or None, cancel_url=reverse("cultivation:rehearsal"))
    if request.method == "POST" and form.is_valid():
        try:
            done = give_out_gaps(actor=actor, keys=ticked, now=now, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            left = f"，{done.already} 项已列过或已补齐" if done.already else ""
            messages.success(request, f"已列为任务 {len(done.items)} 项{left}。")
            return redirect("cultivation:gap_list")
    context = {"gaps": gaps, "ticked": ticked, "form": form, "open": sum(gap.item is None for gap in gaps)}
    status = 422 if request.method == "POST" else 200
    return render(request, "cultivation/gaps/list.html", context, status=status)
