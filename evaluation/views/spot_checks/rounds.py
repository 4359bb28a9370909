"""抽查批次: the list by year, a new one, one round with its checks, changing the plan, archiving, 指定 and 未检."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from evaluation.enums import Manner, RoundState, SelectionClass
from evaluation.forms.spot_checks.rounds import (
    NameForm,
    ReasonForm,
    RoundForm,
    new_round_initial,
    round_initial,
)
from evaluation.models import SpotCheck, SpotCheckRound
from evaluation.permissions.roles import ROUND_KEEPERS, ROUND_PUBLISHERS, ROUND_READERS, TEAM_READERS
from evaluation.selectors.spot_checks.archives import open_phases
from evaluation.selectors.spot_checks.rounds import load_round, next_step, round_rows, round_steps
from evaluation.services.spot_checks.rounds import change_round, close_round, plan_round
from evaluation.services.spot_checks.sample import SKIPPABLE, name_check, skip_check
from evaluation.views.spot_checks.dashboards import dashboard_context
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.forms import PortalForm
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page

PAGE_SIZE = 50
# Of the checks on the round's own page; all of them have a list of their own.
ROWS_SHOWN = 12
NEWEST = (SortKey("year_id", descending=True), SortKey("batch", descending=True))


def find_round(request: HttpRequest, pk: int) -> tuple[Actor, SpotCheckRound]:
    actor = actor_of(request)
    rows = SpotCheckRound.objects.visible_to(actor).select_related("year", "checklist")
    return actor, get_object_or_404(rows, pk=pk)


def refuse(request: HttpRequest, form: PortalForm, error: DomainError) -> None:
    """Beside its field, or above the form; what stands against the state of the round is not a matter of the form."""
    form.add_domain_error(error)


@requires(*ROUND_READERS)
@require_GET
def round_list(request: HttpRequest) -> HttpResponse:
    """By year, newest first. Statements: rows and their count."""
    actor = actor_of(request)
    page = fetch_page(round_rows(actor), NEWEST, cursor=request.GET.dict(), size=PAGE_SIZE)
    context = {"page": page, "may_keep": actor.role in ROUND_KEEPERS}
    return render(request, "evaluation/spot_checks/rounds.html", context)


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def round_create(request: HttpRequest) -> HttpResponse:
    initial = new_round_initial(clock.shanghai_date(clock.now()))
    form = RoundForm(request.POST or None, initial=initial, cancel_url=reverse("evaluation:spot_check_list"))
    if request.method == "POST" and form.is_valid():
        try:
            made = plan_round(
                actor=actor_of(request),
                year=form.years[form.cleaned_data["year"]],
                plan=form.plan(),
                now=clock.now(),
            )
        except DomainError as error:
            refuse(request, form, error)
        else:
            messages.success(request, f"已建立“{made.title}”。请核对名录和分层比例。")
            return redirect("evaluation:spot_check_population", made.pk)
    return _plan_page(request, form, "新建抽查批次")


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def round_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor, held = find_round(request, pk)
    url = reverse("evaluation:spot_check_round", args=[pk])
    form = RoundForm(request.POST or None, initial=round_initial(held), held=held, cancel_url=url)
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen_revision"]
        try:
            change_round(
                actor=actor,
                held=held,
                plan=form.plan(),
                seen_revision=-1 if seen is None else seen,
                now=clock.now(),
            )
        except DomainError as error:
            refuse(request, form, error)
        else:
            messages.success(request, "已保存抽查方案。")
            return redirect("evaluation:spot_check_round", pk)
    elif request.method == "GET" and held.state != RoundState.PLANNED:
        messages.info(request, "名录已冻结，方案不能修改。")
        return redirect("evaluation:spot_check_round", pk)
    return _plan_page(request, form, "修改抽查方案", held)


def _plan_page(
    request: HttpRequest, form: RoundForm, title: str, held: SpotCheckRound | None = None
) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "title": title, "round": held}
    return render(request, "evaluation/spot_checks/plan.html", context, status=status)


@requires(*ROUND_READERS)
@require_GET
def round_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The round, its dashboard once drawn, its checks.

    Statements: the round, one aggregate of the list, the checks with their teams, the findings with their orders, the
    lines judged blind, the timeline for the office; a district's has what waits for it instead of the lines.
    """
    actor, held = find_round(request, pk)
    today = clock.shanghai_date(clock.now())
    page = load_round(actor, held, today)
    keeper = actor.role in ROUND_KEEPERS
    drawn = held.state in (RoundState.DRAWN, RoundState.CLOSED)
    context = {
        "round": held,
        "found": page,
        "steps": round_steps(held, page),
        "next": next_step(actor, held, page),
        "manners": [Manner(code).label for code in held.manners],
        "classes": [SelectionClass(code).label for code in held.classes],
        "may_keep": keeper,
        "sees_teams": actor.role in TEAM_READERS,
        "drawn": drawn,
        "planned": held.state == RoundState.PLANNED,
        "may_change_sample": keeper and held.state == RoundState.DRAWN,
        "skippable": SKIPPABLE,
        "timeline": timeline_of("SpotCheckRound", pk) if keeper else [],
        "phases": open_phases(held, list(page.states)) if actor.role in ROUND_PUBLISHERS else [],
        "rows_shown": ROWS_SHOWN,
        "shown_checks": list(page.checks)[:ROWS_SHOWN],
        **(dashboard_context(actor, held, page.every, today) if drawn else {}),
    }
    return render(request, "evaluation/spot_checks/round.html", context)


def confirm(
    request: HttpRequest, held: SpotCheckRound, heading: str, *, form: PortalForm | None = None, **more: Any
) -> HttpResponse:
    """The page before an act that is not taken back."""
    context = {
        "heading": heading,
        "rows": [("抽查批次", held.title), *more.pop("rows", [])],
        "form": form,
        "confirm_label": heading,
        "cancel_url": more.pop("cancel_url", reverse("evaluation:spot_check_round", args=[held.pk])),
        **more,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/confirm_page.html", context, status=status)


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def round_close(request: HttpRequest, pk: int) -> HttpResponse:
    actor, held = find_round(request, pk)
    if request.method == "POST":
        try:
            close_round(actor=actor, held=held, now=clock.now())
            messages.success(request, "抽查批次已归档。")
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("evaluation:spot_check_round", pk)
    return confirm(request, held, "归档抽查批次", consequence="归档后本批次不再指定、改为未检。")


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def check_named(request: HttpRequest, pk: int) -> HttpResponse:
    """指定 apart from the draw."""
    actor, held = find_round(request, pk)
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = name_check(actor=actor, held=held, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            refuse(request, form, error)
        else:
            messages.success(request, f"已指定{made.number}“{made.name}”。")
            return redirect("evaluation:spot_check_round", pk)
    return confirm(request, held, "指定检查", form=form, consequence="指定的检查单列一组，不计入随机抽取。")


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def check_skip(request: HttpRequest, pk: int, check_pk: int) -> HttpResponse:
    """未检 with its reason; the next 候补 of the stratum enters."""
    actor, held = find_round(request, pk)
    check = get_object_or_404(SpotCheck.objects.visible_to(actor), pk=check_pk, round=held)
    if check.kind == "DISTRICT":
        raise Http404
    phrases = ("企业已注销，有登记机关证明。", "已搬离本市，无法检查。", "因不可抗力不能检查。")
    form = ReasonForm(request.POST or None, label="未检理由", phrases=phrases)
    if request.method == "POST" and form.is_valid():
        try:
            entered = skip_check(
                actor=actor, check=check, reason=form.cleaned_data["reason"], now=clock.now()
            )
        except DomainError as error:
            refuse(request, form, error)
        else:
            words = f"，{entered.number}“{entered.name}”递补" if entered else "，该层没有候补可递补"
            messages.success(request, f"{check.number}已改为未检{words}。")
            return redirect("evaluation:spot_check_round", pk)
    return confirm(
        request,
        held,
        "改为未检",
        form=form,
        rows=[("编号", check.number), ("单位", check.name)],
        consequence="改为未检后不再检查，理由列入记录；随机抽中的由本层下一位候补递补。",
        danger=True,
    )
