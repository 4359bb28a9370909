"""抽查对象名录: what would be frozen, rates by stratum, freezing, opening again, doubts of the districts and answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.enums import Frame, RoundState, SelectionClass
from evaluation.forms.spot_checks.rounds import FreezeForm, ReasonForm, percent_typed, typed_digits
from evaluation.models import PopulationRow, SpotCheckRound
from evaluation.permissions.roles import ROUND_DISPUTERS, ROUND_KEEPERS, ROUND_READERS
from evaluation.rules.spot_checks.draw import DrawError, read_minimum, read_rate
from evaluation.rules.spot_checks.plans import CLASS_REASONS
from evaluation.selectors.spot_checks.frame import FrameView, build_frame, strata_of
from evaluation.selectors.spot_checks.rounds import visible_rows
from evaluation.services.spot_checks.population import (
    answer_dispute,
    dispute_row,
    freeze_round,
    unfreeze_round,
)
from evaluation.services.spot_checks.rounds import set_strata
from evaluation.views.spot_checks.rounds import confirm, find_round
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page
from zaozhuang_portal.kernel.parsing import whole_number

PAGE_SIZE = 100
MOST_SHOWN = 300
ORDER = (SortKey("included", descending=True), SortKey("stratum"), SortKey("code"), SortKey("id"))


def _as_listed(row: PopulationRow) -> tuple[bool, str, str]:
    return not row.included, row.stratum, row.code


@requires(*ROUND_READERS)
@require_GET
def population(request: HttpRequest, pk: int) -> HttpResponse:
    actor, held = find_round(request, pk)
    return _page(request, actor, held)


def _page(
    request: HttpRequest,
    actor: Actor,
    held: SpotCheckRound,
    *,
    typed: dict[str, tuple[str, str]] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    planned = held.state == RoundState.PLANNED
    context: dict[str, Any] = {"round": held, "planned": planned, "may_keep": actor.role in ROUND_KEEPERS}
    if planned:
        frame = build_frame(held, clock.shanghai_date(clock.now()))
        context |= {
            "rows": sorted(frame.rows, key=_as_listed)[:MOST_SHOWN],
            "more": max(0, len(frame.rows) - MOST_SHOWN),
        }
    else:
        rows = visible_rows(actor, held)
        frame = FrameView(list(rows), [])
        frame.strata.extend(strata_of(held, frame.rows))
        page = fetch_page(
            rows.select_related("organization"), ORDER, cursor=request.GET.dict(), size=PAGE_SIZE
        )
        context |= {"page": page, "rows": page.rows}
    reasons = frame.class_counts
    context |= {
        "frame": frame,
        "whole_city": actor.sees_whole_city,
        "holders": held.frame == Frame.HOLDERS,
        "strata": [(one, *_shown(one, typed), (problems or {}).get(one.code, "")) for one in frame.strata],
        "classes": [
            (SelectionClass(code).label, CLASS_REASONS[code], reasons[code]) for code in held.classes
        ],
        "problems": problems,
        "frozen": held.state == RoundState.FROZEN,
        "may_dispute": actor.role in ROUND_DISPUTERS and held.state == RoundState.FROZEN,
        "may_answer": actor.role in ROUND_KEEPERS and held.state == RoundState.FROZEN,
        "kinds": Counter(row.kind for row in frame.included),
    }
    return render(request, "evaluation/spot_checks/population.html", context, status=status)


def _shown(one: Any, typed: dict[str, tuple[str, str]] | None) -> tuple[str, str]:
    return typed.get(one.code, ("", "")) if typed is not None else (one.rate, one.minimum)


def _share(rate: str, minimum: str) -> tuple[dict[str, object], list[str]]:
    """What was typed of one stratum, full-width signs and a percent sign taken as meant; every fault of the row."""
    own: dict[str, object] = {}
    faults: list[str] = []
    for name, text, read in (
        ("rate", percent_typed(rate), read_rate),
        ("minimum", typed_digits(minimum), read_minimum),
    ):
        try:
            if text:
                value = read(text)
                own[name] = text if name == "rate" else value
        except DrawError as error:
            faults += [one.message for one in error.problems]
    return own, faults


@requires(*ROUND_KEEPERS)
@require_POST
def strata(request: HttpRequest, pk: int) -> HttpResponse:
    """Rates and minimums of single strata; blank follows the default. A bad one is named in its row, nothing is lost."""
    actor, held = find_round(request, pk)
    typed, shares, problems = {}, {}, {}
    for code, rate, minimum in zip(
        request.POST.getlist("code"),
        request.POST.getlist("rate"),
        request.POST.getlist("minimum"),
        strict=False,
    ):
        typed[code] = (rate, minimum)
        own, faults = _share(rate, minimum)
        if faults:
            problems[code] = "；".join(faults)
        if own:
            shares[code] = own
    if not problems:
        seen = whole_number(request.POST.get("seen_revision"))
        try:
            set_strata(
                actor=actor,
                held=held,
                strata=shares,
                seen_revision=-1 if seen is None else seen,
                now=clock.now(),
            )
        except DomainError as error:
            problems[""] = error.message
        else:
            messages.success(request, "已保存分层比例。")
            return redirect("evaluation:spot_check_population", pk)
    return _page(request, actor, held, typed=typed, problems=problems, status=422)


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    actor, held = find_round(request, pk)
    back = reverse("evaluation:spot_check_population", args=[pk])
    form = FreezeForm(request.POST or None, initial={"seen_revision": held.revision})
    if request.method == "POST":
        seen = form.cleaned_data["seen_revision"] if form.is_valid() else None
        try:
            freeze_round(actor=actor, held=held, seen_revision=-1 if seen is None else seen, now=clock.now())
            messages.success(request, "名录已冻结，区（市）可以查看并提出疑问。")
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("evaluation:spot_check_population", pk)
    frame = build_frame(held, clock.shanghai_date(clock.now()))
    rows = [
        ("列入", f"{len(frame.included)} 户，{len(frame.strata)} 层"),
        ("不列入", "；".join(f"{words} {number} 户" for words, number in frame.exclusions) or "无"),
        ("抽取", f"{sum(one.drawn for one in frame.strata)} 户"),
    ]
    words = "冻结后按当日情况写定名录和指纹，方案不能修改；各席位给出数字或承诺值之前可以解除冻结。"
    return confirm(request, held, "冻结名录", form=form, rows=rows, consequence=words, cancel_url=back)


def _with_reason(
    request: HttpRequest, held: SpotCheckRound, heading: str, label: str, act: Any, **more: Any
) -> HttpResponse:
    form = ReasonForm(request.POST or None, label=label)
    back = reverse("evaluation:spot_check_population", args=[held.pk])
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"{heading}：已登记。")
            return redirect(back)
    return confirm(request, held, heading, form=form, cancel_url=back, **more)


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def unfreeze(request: HttpRequest, pk: int) -> HttpResponse:
    actor, held = find_round(request, pk)

    def act(words: str) -> None:
        unfreeze_round(actor=actor, held=held, reason=words, now=clock.now())

    consequence = "解除后可以修改方案，须重新冻结，名录指纹随之改变；区（市）暂时看不到名录。"
    return _with_reason(request, held, "解除冻结", "解除冻结的理由", act, consequence=consequence)


@requires(*ROUND_DISPUTERS)
@require_http_methods(["GET", "POST"])
def dispute(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    actor, held = find_round(request, pk)
    row = get_object_or_404(visible_rows(actor_of(request), held), pk=row_pk)

    def act(words: str) -> None:
        dispute_row(actor=actor, row=row, words=words, now=clock.now())

    return _with_reason(request, held, "提出疑问", "疑问", act, rows=[("名录中的对象", row.name)])


@requires(*ROUND_KEEPERS)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    actor, held = find_round(request, pk)
    row = get_object_or_404(visible_rows(actor, held), pk=row_pk)

    def act(words: str) -> None:
        answer_dispute(actor=actor, row=row, words=words, now=clock.now())

    rows = [("名录中的对象", row.name), ("疑问", row.dispute or "—")]
    return _with_reason(request, held, "答复疑问", "答复", act, rows=rows)
