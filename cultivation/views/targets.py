"""Targets of all organizations, their change, and the calendar of the campaign."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.forms.targets import SeparateForm, TargetForm
from cultivation.models import AnnualTarget, CampaignYear, Milestone
from cultivation.rules.calendar import YEARS, campaign_year_of
from cultivation.selectors.milestones import own_milestones
from cultivation.selectors.target_details import target_detail as load_detail
from cultivation.selectors.targets import DistrictTargets, evaluate_year_targets, visible_targets
from cultivation.services.campaign import change_target, separate_parks_and_townships
from cultivation.views.scope import current_year
from cultivation.views.subjects import READERS
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.clock import describe_deadline
from zaozhuang_portal.kernel.errors import DomainError


@requires(*READERS)
@require_GET
def target_list(request: HttpRequest) -> HttpResponse:
    """One year (?year=), or all five with ?year=all. Statements do not depend on years or districts."""
    actor = actor_of(request)
    wanted = request.GET.get("year", "")
    years = list(YEARS) if wanted == "all" else [campaign_year_of(wanted) or current_year()]
    today = clock.shanghai_date(clock.now())
    rows = evaluate_year_targets(actor, years=years, today=today)
    if wanted == "all":
        context = {"lines": _ledger_lines(rows), "years": YEARS, "today": today}
        return render(request, "cultivation/targets/ledger.html", context)
    return render(
        request,
        "cultivation/targets/list.html",
        {
            "rows": rows,
            "years": YEARS,
            "chosen": years[0],
            "may_change": actor.role == Role.CITY_OFFICE,
        },
    )


def _ledger_lines(rows: list[DistrictTargets]) -> list[dict[str, Any]]:
    """五年目标任务台账: one line per organization, one cell per year; districts first, the city-wide targets last."""
    lines: dict[int, dict[str, Any]] = {}
    for row in rows:
        line = lines.setdefault(row.organization.pk, {"organization": row.organization, "by_year": {}})
        line["by_year"][row.year.pk] = row
    ordered = sorted(
        lines.values(),
        key=lambda line: (
            line["organization"].level == Level.CITY,
            line["organization"].sort_order,
            line["organization"].code,
        ),
    )
    for line in ordered:
        line["cells"] = [line["by_year"].get(year) for year in YEARS]
    return ordered


@requires(*READERS)
@require_GET
def target_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What counted, what did not and why, the rule's sentence, the clause, and how the target changed."""
    actor = actor_of(request)
    target = get_object_or_404(visible_targets(actor), pk=pk)
    detail = load_detail(actor, target, today=clock.shanghai_date(clock.now()))
    return render(
        request,
        "cultivation/targets/detail.html",
        {
            "detail": detail,
            "target": target,
            "city_wide": target.organization.level == Level.CITY,
            "may_change": actor.role == Role.CITY_OFFICE,
        },
    )


@requires(Role.CITY_OFFICE)
@require_http_methods(["GET", "POST"])
def target_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    target = get_object_or_404(AnnualTarget.objects.select_related("organization", "year"), pk=pk)
    form = TargetForm(request.POST or None, initial={"minimum": target.minimum, "maximum": target.maximum})
    if request.method == "POST" and form.is_valid():
        try:
            change_target(actor=actor, target=target, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已调整：{target}。")
            return redirect("cultivation:target_detail", pk=target.pk)
    return render(
        request,
        "cultivation/targets/form.html",
        {"form": form, "target": target},
        status=422 if request.method == "POST" else 200,
    )


@requires(Role.CITY_OFFICE)
@require_http_methods(["GET", "POST"])
def target_counting(request: HttpRequest, year: int) -> HttpResponse:
    """Whether the year asks for a park or a township, or for one of each."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    form = SeparateForm(
        request.POST or None,
        initial={"separate": "1" if campaign_year.separate_park_and_township else "0"},
        cancel_url=f"{reverse('cultivation:target_list')}?year={year}",
    )
    if request.method == "POST" and form.is_valid():
        try:
            separate_parks_and_townships(
                actor=actor, year=campaign_year, now=clock.now(), **form.cleaned_data
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已保存{campaign_year}园区与乡镇（街道）的计数方式。")
            return redirect(f"{reverse('cultivation:target_list')}?year={year}")
    return render(
        request,
        "cultivation/targets/counting.html",
        {"form": form, "year": campaign_year},
        status=422 if request.method == "POST" else 200,
    )


@requires()
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Milestones of the notice and of the portal, with days left or overdue."""
    now = clock.now()
    milestones = [
        (milestone, describe_deadline(now, milestone.due_on))
        for milestone in Milestone.objects.select_related("year").order_by("due_on", "id")
    ]
    return render(
        request,
        "cultivation/targets/calendar.html",
        {
            "milestones": milestones,
            "own": set(own_milestones().values_list("pk", flat=True)),
            "may_register": actor_of(request).role == Role.CITY_OFFICE,
            "years": CampaignYear.objects.all(),
            "today": clock.shanghai_date(now),
            "may_rehearse": actor_of(request).role in READERS,
        },
    )
