"""The dashboard of a round: what its page shows of it, the list behind each number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.enums import RoundState
from evaluation.forms.spot_checks.planned import PlannedForm
from evaluation.models import SpotCheck, SpotCheckRound
from evaluation.permissions.roles import ROUND_KEEPERS, ROUND_READERS
from evaluation.rules.spot_checks.dashboards import CELL_BY_KEY, LIGHT_RULE
from evaluation.selectors.spot_checks.checks import RoundCheck, chosen_checks, load_checks
from evaluation.selectors.spot_checks.dashboard import round_dashboard
from evaluation.selectors.spot_checks.disagreements import disagreements
from evaluation.selectors.spot_checks.district_round import due_acts
from evaluation.selectors.spot_checks.five_years import five_years
from evaluation.services.spot_checks.workbooks import export_round, plan_visits, read_planned
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import districts, organization_name
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.components import Chip
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page
from zaozhuang_portal.kernel.parsing import whole_number
from zaozhuang_portal.kernel.spreadsheets import read_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 50
BY_DRAW = (SortKey("id"),)


def dashboard_context(
    actor: Actor, held: SpotCheckRound, checks: Sequence[RoundCheck], today: date
) -> dict[str, Any]:
    """For the city the whole with blind differences and calls, for a district its own with what waits for it."""
    board = round_dashboard(actor, held, checks, today=today)
    context: dict[str, Any] = {
        "board": board,
        "light_rule": LIGHT_RULE,
        "today": today,
        "noted_units": districts() if actor.sees_whole_city else [actor.district],
    }
    if actor.sees_whole_city:
        return context | {"differences": disagreements(actor, held), "city_wide": True}
    return context | {"due_acts": due_acts(actor, held, checks, today)}


@requires(*ROUND_READERS)
@require_GET
def check_items(request: HttpRequest, pk: int) -> HttpResponse:
    """The checks of a round, or those that a number of the dashboard counts: ?unit=&cell=."""
    actor = actor_of(request)
    held = get_object_or_404(SpotCheckRound.objects.visible_to(actor), pk=pk)
    unit, cell = whole_number(request.GET.get("unit")), request.GET.get("cell", "")
    today = clock.shanghai_date(clock.now())
    chosen = chosen_checks(load_checks(actor, held, today), unit=unit, cell=cell)
    by_pk = {one.check.pk: one for one in chosen}
    rows = SpotCheck.objects.filter(pk__in=by_pk).only("pk")
    page = fetch_page(rows, BY_DRAW, cursor=request.GET.dict(), size=PAGE_SIZE)
    chips = []
    if unit is not None:
        words = f"cell={cell}" if cell in CELL_BY_KEY else ""
        chips.append(Chip("区（市）", organization_name(unit) or "—", f"?{words}"))
    if cell in CELL_BY_KEY:
        words = f"unit={unit}" if unit is not None else ""
        chips.append(Chip("范围", CELL_BY_KEY[cell].label, f"?{words}"))
    context = {
        "round": held,
        "page": page,
        "rows": [by_pk[row.pk] for row in page.rows],
        "count": len(chosen),
        "chips": chips,
        "meaning": CELL_BY_KEY[cell].meaning if cell in CELL_BY_KEY else "",
        "drawn": held.state in (RoundState.DRAWN, RoundState.CLOSED),
    }
    return render(request, "evaluation/spot_checks/items.html", context)


@requires(*ROUND_READERS)
@require_POST
def round_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page says, as a workbook."""
    actor = actor_of(request)
    held = _drawn(actor, pk)
    now = clock.now()
    content = export_round(actor=actor, held=held, now=now)
    name = f"{held.title}_汇总表_{clock.shanghai_date(now):%Y%m%d}.xlsx"
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _drawn(actor: Actor, pk: int) -> SpotCheckRound:
    rows = SpotCheckRound.objects.visible_to(actor).filter(state__in=[RoundState.DRAWN, RoundState.CLOSED])
    return get_object_or_404(rows, pk=pk)


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def visits_planned(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook back: planned days of checks not notified yet."""
    actor = actor_of(request)
    held = _drawn(actor, pk)
    url = reverse("evaluation:spot_check_round", args=[pk])
    form = PlannedForm(request.POST, request.FILES) if request.method == "POST" else PlannedForm()
    form.cancel_url = url
    if request.method == "POST" and form.is_valid():
        try:
            days = read_planned(read_workbook(form.cleaned_data["file"]))
            changed = plan_visits(actor=actor, held=held, days=days, now=clock.now())
        except DomainError as error:
            form.add_domain_error(error)
        else:
            words = f"已安排 {changed} 项的检查日期。" if changed else "日期都与现在的相同，没有改动。"
            messages.success(request, words)
            return redirect(url)
    context = {"form": form, "title": "导入计划检查日期", "round": held}
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluation/spot_checks/planned.html", context, status=status)


@requires(*ROUND_READERS)
@require_GET
def rounds_by_year(request: HttpRequest) -> HttpResponse:
    """2023–2027 side by side: of the city, or of one's own district. Statements: 3."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    district = None if actor.sees_whole_city else actor.district
    found = five_years(actor, today)
    context = {
        "found": found,
        "noted_years": sorted({one.figures.held.year_id for one in found.columns}),
        "noted_units": [district] if district else districts(),
        "today": today,
        "place": district.name if district else "枣庄市",
        "city_wide": district is None,
    }
    return render(request, "evaluation/spot_checks/years.html", context)
