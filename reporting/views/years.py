"""年度封存与更正: how the years stand, closing one, the corrections of closed ones."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.models import CampaignYear
from cultivation.permissions.years import CORRECTION_READERS, CORRECTION_REQUESTERS, YEAR_CLOSERS
from reporting.forms.years import CloseYearForm
from reporting.selectors.year_closing import corrections_of, open_work, standing_of, year_standings
from reporting.services.year_closing import close_year
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


@requires(*CORRECTION_READERS)
@require_GET
def year_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    closer = actor.role in YEAR_CLOSERS
    standings = year_standings()
    return render(
        request,
        "reporting/years/list.html",
        {
            "rows": [(row, closer and not row.why_not_closable(today)) for row in standings],
            "today": today,
            "whole_city": actor.sees_whole_city,
            "corrections": corrections_of(actor),
            "may_ask": actor.role in CORRECTION_REQUESTERS,
        },
    )


@requires(*YEAR_CLOSERS)
@require_http_methods(["GET", "POST"])
def year_close(request: HttpRequest, year: int) -> HttpResponse:
    """Say what closing means and what of the year is still open, then close it."""
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    form = CloseYearForm(
        request.POST if request.method == "POST" else None, cancel_url=reverse("reporting:year_list")
    )
    if request.method == "POST" and form.is_valid():
        try:
            closed, left = close_year(
                actor=actor_of(request),
                year=campaign_year,
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            rest = f"仍可继续办理：{'、'.join(item.words for item in left)}。" if left else ""
            messages.success(request, f"已封存{closed}。{rest}")
            return redirect("reporting:year_list")
    standing = standing_of(campaign_year)
    return render(
        request,
        "reporting/years/close.html",
        {
            "form": form,
            "standing": standing,
            "year": campaign_year,
            "refused": standing.why_not_closable(clock.shanghai_date(clock.now())),
            "open_work": open_work(campaign_year),
        },
        status=422 if request.method == "POST" else 200,
    )
