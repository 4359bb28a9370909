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
from evaluation.permissions.roles import ASSESSMENT_FILLERS
from evaluation.rules.lengths import MAX_DECLARED_WORDS
from evaluation.selectors.self_pages import SelfPage
from evaluation.services.declarations import (
    DeclarationDraft,
    DeclareOutcome,
    declarable,
    declare,
    merge_declaration,
)
from evaluation.services.saving import StaleSave, WordsTooLong
from evaluation.views.self_common import (
    head,
    own_page,
    saved_fragments,
    section_url,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.autosaving import (
    FieldClash,
    autosave_refusal,
    autosave_response,
    is_autosave,
    read_shown,
    write_shown,
)
from zaozhuang_portal.kernel.conflicts import who_saved
from zaozhuang_portal.kernel.parsing import whole_number


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
    shown: str = ""
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
                shown=write_shown(_values(row)),
            )
        )
        if typed is not None and refusal is not None and typed.code == item.code:
            rows[-1].value, rows[-1].words = typed.value, typed.words
            # Nothing was stored: the page knows of the others' words what it knew before.
            rows[-1].revision = typed.revision
            known = typed.shown or {}
            rows[-1].shown = write_shown({name: [str(one) for one in found] for name, found in known.items()})
            rows[-1].error = refusal.errors.get("value", rows[-1].error)
            rows[-1].words_error = refusal.errors.get("words", "")
    return rows


def _values(source: DeclarationDraft | Declaration | None) -> dict[str, str]:
    """A declaration as its controls hold it."""
    return {"value": source.value if source else "", "words": source.words if source else ""}


@requires(*ASSESSMENT_FILLERS)
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
        revision=whole_number(sent, digits=8) or 0,
        shown=read_shown(request.POST.get("shown", "")),
    )


@requires(*ASSESSMENT_FILLERS)
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
    except StaleSave as stale:
        if not is_autosave(request):
            return _conflict_page(request, pk, code, stale.conflicts[code][0])
        outcome = stale.outcome
    if not is_autosave(request):
        messages.success(request, f"已保存 {code}。")
        return redirect(target)
    return _saved_row(request, pk, code, outcome)


def _saved_row(request: HttpRequest, pk: int, code: str, outcome: DeclareOutcome) -> HttpResponse:
    """To an autosave: what is stored now, and what two people changed (409)."""
    now = clock.now()
    _, page = own_page(request, pk)
    row = outcome.rows.declarations_of(Layer.SELF).get(code)
    problems = page.sheet.problems.get(code, ())
    clashes = []
    if row is not None and code in outcome.clashes:
        by = who_saved(actor_of(request).user.pk, row.updated_by)
        labels = {"value": "申报", "words": "文字说明"}
        words = {"value": VETO_WORDS.get(row.value, row.value) or "未填", "words": row.words or "未填"}
        clashes = [
            FieldClash(name, labels[name], getattr(row, name), words[name], by, row.updated_at)
            for name in outcome.clashes[code]
        ]
    return autosave_response(
        revision=row.revision if row else 0,
        saved_at=now,
        fragments=saved_fragments(request, page, code, now),
        errors={"value": problems[0].message} if problems else {},
        shown=_values(row),
        taken=outcome.taken.get(code, ()),
        clashes=clashes,
        conflict_url=reverse("evaluation:declaration_conflict", args=[pk, code]),
    )


@requires(*ASSESSMENT_FILLERS)
@require_POST
def declaration_conflict(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Both texts of a declaration; choosing sends to declaration_save with the newest revision (ux F12)."""
    _, page = own_page(request, pk)
    known = declarable(page.definition)
    if code not in known:
        raise Http404
    mine, theirs = _draft(request, code), page.rows.declarations_of(Layer.SELF).get(code)
    if theirs is not None:
        mine = merge_declaration(known[code][0], mine, theirs).wanted
    return _conflict_page(request, pk, code, mine)


def _in_words(kind: str, source: DeclarationDraft | Declaration | None) -> str:
    if source is None or not (source.value or source.words):
        return "未申报"
    value = VETO_WORDS.get(source.value, source.value) if kind == "VETO" else source.value
    return f"{value or '未填'}\n{source.words}".strip()


def _conflict_page(request: HttpRequest, pk: int, code: str, mine: DeclarationDraft) -> HttpResponse:
    _, page = own_page(request, pk)
    kind, name = declarable(page.definition)[code]
    theirs = page.rows.declarations_of(Layer.SELF).get(code)
    context = head(page, clock.now()) | {
        "field_label": f"{code} {name}",
        "mine": _in_words(kind, mine),
        "theirs": _in_words(kind, theirs),
        "theirs_by": who_saved(actor_of(request).user.pk, theirs and theirs.updated_by),
        "theirs_at": theirs.updated_at if theirs else None,
        "revision": theirs.revision if theirs else 0,
        "form_action": reverse("evaluation:declaration_save", args=[pk, code]),
        "fields": list(_values(mine).items()),
    }
    return render(request, "components/conflict_page.html", context, status=409)
