"""Vetoes, deductions and survey values: declared apart from the points (ux F8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from evaluation.enums import Layer
from evaluation.forms.declarations import VETO_WORDS, options_of
from evaluation.models import Declaration
from evaluation.rules.lengths import MAX_DECLARED_WORDS
from evaluation.selectors.self_pages import SelfPage
from evaluation.services.declarations import DeclarationDraft, declarable, declare
from evaluation.services.saving import StaleSave, WordsTooLong
from evaluation.views.self_common import (
    FILLERS,
    head,
    is_autosave,
    own_page,
    saved_fragments,
    section_url,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.conflicts import who_saved
from zaozhuang_portal.kernel.http import autosave_conflict, autosave_refusal, autosave_response


@dataclass
class DeclarationRow:
    """One thing to declare, with what was declared."""

    item: Any
    kind: str
    value: str
    words: str
    revision: int
    options: list[tuple[str, str]]
    files: list[Any]
    error: str
    locked: bool
    returned: Any = None
    words_error: str = ""
    room: int = MAX_DECLARED_WORDS

    @property
    def code(self) -> str:
        return str(self.item.code)


def _rows(
    page: SelfPage, typed: DeclarationDraft | None = None, refusal: WordsTooLong | None = None
) -> list[DeclarationRow]:
    """As stored; the one that was refused as typed, with its words."""
    definition = page.definition
    declared = page.rows.declarations_of(Layer.SELF)
    kinds = declarable(definition)
    rows = []
    for item in (*definition.vetoes, *definition.deductions, *definition.surveys):
        kind = kinds[item.code][0]
        row = declared.get(item.code)
        problems = page.sheet.problems.get(item.code, ())
        rows.append(
            DeclarationRow(
                item=item,
                kind=kind,
                value=row.value if row else "",
                words=row.words if row else "",
                revision=row.revision if row else 0,
                options=options_of(item),
                files=page.files.get(item.code, []),
                error=problems[0].message if problems else "",
                locked=not page.may_write(item.code),
                returned=page.returned.get(item.code),
            )
        )
        if typed is not None and refusal is not None and typed.code == item.code:
            rows[-1].value, rows[-1].words = typed.value, typed.words
            rows[-1].error = refusal.errors.get("value", rows[-1].error)
            rows[-1].words_error = refusal.errors.get("words", "")
    return rows


@requires(*FILLERS)
@require_GET
def assessment_declarations(request: HttpRequest, pk: int) -> HttpResponse:
    _, page = own_page(request, pk)
    return _render(request, page, _rows(page))


def _render(
    request: HttpRequest, page: SelfPage, rows: list[DeclarationRow], refusal: WordsTooLong | None = None
) -> HttpResponse:
    context = head(page, clock.now()) | {
        "vetoes": [row for row in rows if row.kind == "VETO"],
        "deductions": [row for row in rows if row.kind == "DEDUCTION"],
        "surveys": [row for row in rows if row.kind == "SURVEY"],
        "lookback": page.definition.veto_lookback_months,
        "actor_key": request.actor.capacity.key,  # type: ignore[attr-defined]  # set by ActorMiddleware
    }
    context["refused"] = refusal
    status = 422 if refusal else 200
    return render(request, "evaluation/self/declarations.html", context, status=status)


def _draft(request: HttpRequest, code: str) -> DeclarationDraft:
    sent = request.POST.get("revision", "0")
    return DeclarationDraft(
        code=code,
        value=request.POST.get("value", ""),
        words=request.POST.get("words", "").strip(),
        revision=int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0,
    )


@requires(*FILLERS)
@require_POST
def declaration_save(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    actor, page = own_page(request, pk)
    if code not in declarable(page.definition):
        raise Http404
    target = section_url(page, code)
    if request.POST.get("resolve") == "theirs":
        return redirect(target)
    now = clock.now()
    draft = _draft(request, code)
    try:
        outcome = declare(actor=actor, assessment=page.assessment, draft=draft, now=now)
    except WordsTooLong as refusal:
        if is_autosave(request):
            return autosave_refusal(refusal.message, refusal.errors)
        return _render(request, page, _rows(page, draft, refusal), refusal)
    except StaleSave:
        if is_autosave(request):
            return autosave_conflict(reverse("evaluation:declaration_conflict", args=[pk, code]))
        return _conflict_page(request, pk, code)
    if not is_autosave(request):
        messages.success(request, f"已保存 {code}。")
        return redirect(target)
    _, page = own_page(request, pk)
    row = outcome.rows.declarations_of(Layer.SELF).get(code)
    problems = page.sheet.problems.get(code, ())
    return autosave_response(
        revision=row.revision if row else 0,
        saved_at=now,
        fragments=saved_fragments(request, page, code, now),
        errors={"value": problems[0].message} if problems else {},
    )


@requires(*FILLERS)
@require_POST
def declaration_conflict(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    return _conflict_page(request, pk, code)


def _in_words(kind: str, source: DeclarationDraft | Declaration | None) -> str:
    if source is None or not (source.value or source.words):
        return "未申报"
    value = VETO_WORDS.get(source.value, source.value) if kind == "VETO" else source.value
    return f"{value or '未填'}\n{source.words}".strip()


def _conflict_page(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    _, page = own_page(request, pk)
    known = declarable(page.definition)
    if code not in known:
        raise Http404
    kind, name = known[code]
    theirs = page.rows.declarations_of(Layer.SELF).get(code)
    mine = _draft(request, code)
    context = head(page, clock.now()) | {
        "field_label": f"{code} {name}",
        "mine": _in_words(kind, mine),
        "theirs": _in_words(kind, theirs),
        "theirs_by": who_saved(actor_of(request).user.pk, theirs and theirs.updated_by),
        "theirs_at": theirs.updated_at if theirs else None,
        "revision": theirs.revision if theirs else 0,
        "form_action": reverse("evaluation:declaration_save", args=[pk, code]),
        "fields": [("value", mine.value), ("words", mine.words)],
    }
    return render(request, "components/conflict_page.html", context, status=409)
