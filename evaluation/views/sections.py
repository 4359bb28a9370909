"""Section pages: cards that save themselves, the whole section in one form, the choice when two people clash."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.enums import Layer
from evaluation.forms.cards import (
    Card,
    answer_in_words,
    build_card,
    card_clashes,
    draft_from_post,
    field_values,
)
from evaluation.models import Answer
from evaluation.permissions.roles import ASSESSMENT_FILLERS
from evaluation.rules.definitions import Dimension, Indicator
from evaluation.selectors.self_pages import SelfPage
from evaluation.services.answers import AnswerDraft, SaveOutcome, merge_draft, save_answer, save_answers
from evaluation.services.saving import StaleSave, WordsTooLong
from evaluation.views.self_common import (
    head,
    own_page,
    saved_fragments,
    section_url,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.autosaving import autosave_refusal, autosave_response, is_autosave
from zaozhuang_portal.kernel.conflicts import who_saved

# Every item on one page, to type in a whole paper form.
ALL = "all"


def _section(page: SelfPage, code: str) -> tuple[str, list[Indicator], list[Dimension]]:
    """Title, items and the neighbours (before, after) of a section; 404 for an unknown one."""
    dimensions = page.definition.dimensions
    if code == ALL:
        return "全部指标", list(page.definition.indicators), []
    index = next((number for number, found in enumerate(dimensions) if found.code == code), None)
    if index is None:
        raise Http404
    return dimensions[index].name, list(dimensions[index].indicators), list(dimensions[index + 1 : index + 2])


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
def assessment_section(request: HttpRequest, pk: int, dimension: str) -> HttpResponse:
    """GET: the cards. POST: every card of the section at once (also without scripts)."""
    actor, page = own_page(request, pk)
    _, indicators, _ = _section(page, dimension)
    now = clock.now()
    if request.method == "GET":
        return _render_section(request, page, dimension, whole=request.GET.get("form") == "whole")
    drafts = [
        draft_from_post(item, request.POST, whole=True) for item in indicators if page.may_write(item.code)
    ]
    try:
        outcome = save_answers(actor=actor, assessment=page.assessment, drafts=drafts, now=now)
    except WordsTooLong as refusal:
        return _render_section(request, page, dimension, whole=True, refusal=refusal, drafts=drafts)
    if outcome.conflicts:
        _, page = own_page(request, pk)
        return _render_section(request, page, dimension, whole=True, conflicts=outcome.conflicts)
    messages.success(request, f"已保存 {len(outcome.changed)} 项。" if outcome.changed else "没有改动。")
    query = "?form=whole" if dimension == ALL or request.POST.get("stay") else ""
    return redirect(f"{reverse('evaluation:assessment_section', args=[pk, dimension])}{query}")


def _render_section(
    request: HttpRequest,
    page: SelfPage,
    code: str,
    *,
    whole: bool,
    conflicts: dict[str, tuple[AnswerDraft, Answer]] | None = None,
    refusal: WordsTooLong | None = None,
    drafts: Sequence[AnswerDraft] = (),
) -> HttpResponse:
    """With `refusal` (422) and `conflicts` (409) everything stays as typed."""
    typed = {draft.indicator: draft for draft in drafts}
    title, indicators, following = _section(page, code)
    cards = []
    for indicator in indicators:
        mine, theirs = (conflicts or {}).get(indicator.code, (typed.get(indicator.code), None))
        card = build_card(page, indicator, draft=mine, refused=refusal.errors if refusal else None)
        if theirs is not None:
            by = who_saved(actor_of(request).user.pk, theirs.updated_by)
            card.conflict = f"{by} 保存的：{answer_in_words(indicator, theirs)}"
        cards.append(card)
    context = head(page, clock.now()) | {
        "cards": cards,
        "title": title,
        "dimension_code": code,
        "following": following[0] if following else None,
        "whole": whole,
        "conflict_count": len(conflicts or {}),
        "errors": _error_lines(cards) if whole or refusal else [],
        "refused": refusal,
        "actor_key": request.actor.capacity.key,  # type: ignore[attr-defined]  # set by ActorMiddleware
    }
    return render(
        request, "evaluation/self/section.html", context, status=409 if conflicts else 422 if refusal else 200
    )


def _error_lines(cards: list[Card]) -> list[tuple[str, str]]:
    return [(name, f"{card.code}：{words}") for card in cards for name, words in card.errors.items()]


def _indicator(page: SelfPage, code: str) -> Indicator:
    found = page.definition.indicator(code)
    if found is None:
        raise Http404
    return found


@requires(*ASSESSMENT_FILLERS)
@require_POST
def answer_save(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One card. Refuses only what is too long (422); answers in JSON to autosave, with a redirect to a plain POST."""
    actor, page = own_page(request, pk)
    indicator = _indicator(page, code)
    target = section_url(page, code)
    if request.POST.get("resolve") == "theirs":
        return redirect(target)
    draft = draft_from_post(indicator, request.POST)
    now = clock.now()
    try:
        outcome = save_answer(actor=actor, assessment=page.assessment, draft=draft, now=now)
    except WordsTooLong as refusal:
        if is_autosave(request):
            return autosave_refusal(refusal.message, refusal.errors)
        found = page.definition.dimension_of(code)
        dimension = found.code if found else ALL
        return _render_section(request, page, dimension, whole=False, refusal=refusal, drafts=[draft])
    except StaleSave as stale:
        if not is_autosave(request):
            return _conflict_page(request, pk, code, stale.conflicts[code][0])
        outcome = stale.outcome
    if not is_autosave(request):
        messages.success(request, f"已保存 {code}。")
        return redirect(target)
    return _saved_card(request, pk, code, outcome)


def _saved_card(request: HttpRequest, pk: int, code: str, outcome: SaveOutcome) -> HttpResponse:
    """To an autosave: what is stored now, and what two people changed (409)."""
    now = clock.now()
    _, page = own_page(request, pk)
    indicator = _indicator(page, code)
    row = outcome.rows.answers_of(Layer.SELF).get(code)
    clashes = []
    if row is not None and code in outcome.clashes:
        by = who_saved(actor_of(request).user.pk, row.updated_by)
        clashes = card_clashes(indicator, outcome.clashes[code], row, by)
    return autosave_response(
        revision=row.revision if row else 0,
        saved_at=now,
        fragments=saved_fragments(request, page, code, now),
        errors=build_card(page, indicator).errors,
        shown=field_values(indicator, row),
        taken=outcome.taken.get(code, ()),
        clashes=clashes,
        conflict_url=reverse("evaluation:answer_conflict", args=[pk, code]),
    )


@requires(*ASSESSMENT_FILLERS)
@require_POST
def answer_conflict(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Both texts of a card; choosing sends to answer_save with the newest revision (ux F12)."""
    _, page = own_page(request, pk)
    indicator = _indicator(page, code)
    mine, theirs = draft_from_post(indicator, request.POST), page.rows.answers_of(Layer.SELF).get(code)
    if theirs is not None:
        mine = merge_draft(indicator, mine, theirs).wanted
    return _conflict_page(request, pk, code, mine)


def _conflict_page(request: HttpRequest, pk: int, code: str, mine: AnswerDraft) -> HttpResponse:
    """`mine`: the card as its sender would have it; what nobody disputes is the same on both sides."""
    _, page = own_page(request, pk)
    indicator = _indicator(page, code)
    theirs = page.rows.answers_of(Layer.SELF).get(code)
    context = head(page, clock.now()) | {
        "field_label": f"{code} {indicator.name}",
        "mine": answer_in_words(indicator, mine),
        "theirs": answer_in_words(indicator, theirs),
        "theirs_by": who_saved(actor_of(request).user.pk, theirs and theirs.updated_by),
        "theirs_at": theirs.updated_at if theirs else None,
        "revision": theirs.revision if theirs else 0,
        "form_action": reverse("evaluation:answer_save", args=[pk, code]),
        "fields": list(field_values(indicator, mine).items()),
    }
    return render(request, "components/conflict_page.html", context, status=409)


@requires(*ASSESSMENT_FILLERS)
@require_GET
def assessment_continue(request: HttpRequest, pk: int) -> HttpResponse:
    """继续填写: the card edited last, else the task list (ux F14)."""
    _, page = own_page(request, pk)
    last = page.assessment.last_indicator
    return redirect(section_url(page, last) if last else reverse("evaluation:assessment_home", args=[pk]))
