"""失分清单, 提交前检查, commitment, withdrawal, the print, the extension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from evaluation.enums import Layer
from evaluation.forms.assessments import CommitmentForm, ExtensionForm
from evaluation.forms.cards import answer_in_words
from evaluation.forms.declarations import value_in_words
from evaluation.models import Explanation
from evaluation.permissions import may_enter_self, may_read_answers
from evaluation.permissions.roles import ASSESSMENT_FILLERS, ASSESSMENT_READERS, ON_BEHALF_FILLERS
from evaluation.rules.field_merging import Shown
from evaluation.rules.lengths import MAX_EXPLANATION
from evaluation.rules.losses import explain_losses
from evaluation.rules.self_assessment import in_fours
from evaluation.rules.self_assessment_checks import ADOPTION, OVERDUE, PROFILE, SCAN, Doubt
from evaluation.selectors.adoption import current_adoption, fingerprint_of, meeting_of
from evaluation.selectors.rectifications.improvements import lost_points
from evaluation.selectors.self_pages import SelfPage, check_page, find_assessment, load_self_page
from evaluation.services.assessments import grant_extension
from evaluation.services.saving import WordsTooLong
from evaluation.services.submission import ExplainOutcome, explain, submit, withdraw
from evaluation.views.self_common import head, own_assessment, own_page, section_url
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
from zaozhuang_portal.kernel.conflicts import same_lines, who_saved
from zaozhuang_portal.kernel.errors import DomainError

# The box of a doubt is called by its code.
EXPLAIN = "explain."


@requires(*ASSESSMENT_FILLERS)
@require_GET
def assessment_losses(request: HttpRequest, pk: int) -> HttpResponse:
    """失分清单 by recoverable points, and 得分说明: the arithmetic of every item."""
    actor, page = own_page(request, pk)
    result = page.sheet.result
    lines = {line.code: line for line in result.lines}
    context = head(page, clock.now()) | {
        "losses": [
            (point, section_url(page, point.loss.code))
            for point in lost_points(actor, page.assessment, explain_losses(result))
        ],
        "dimensions": [
            (
                dimension,
                score,
                [(lines[item.code], section_url(page, item.code)) for item in dimension.indicators],
            )
            for dimension, score in zip(page.definition.dimensions, result.dimensions, strict=True)
        ],
        "unanswered": [line for line in result.lines if line.state == "UNANSWERED"],
    }
    return render(request, "evaluation/self/losses.html", context)


@dataclass(frozen=True)
class DoubtRow:
    doubt: Doubt
    url: str
    text: str
    missing: bool
    error: str = ""
    room: int = MAX_EXPLANATION
    clash: Explanation | None = None


def _doubt_url(page: SelfPage, doubt: Doubt) -> str:
    pk = page.assessment.pk
    if doubt.target == PROFILE:
        return reverse("evaluation:assessment_profile", args=[pk])
    if doubt.target == ADOPTION:
        return reverse("evaluation:assessment_adoption", args=[pk])
    if doubt.target in {SCAN, OVERDUE}:
        return reverse("evaluation:assessment_home", args=[pk])
    return section_url(page, doubt.target)


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
def assessment_check(request: HttpRequest, pk: int) -> HttpResponse:
    """必须修改 and 需说明 with a summary of all answers; POST keeps the words on the doubts."""
    actor, page = own_page(request, pk)
    if request.method == "GET":
        return _render_check(request, page)
    texts = {
        name.removeprefix(EXPLAIN): value
        for name, value in request.POST.items()
        if name.startswith(EXPLAIN) and isinstance(value, str)
    }
    known = read_shown(request.POST.get("shown", ""))
    shown: Shown | None = known and {
        name.removeprefix(EXPLAIN): [same_lines(one) for one in values] for name, values in known.items()
    }
    try:
        outcome = explain(actor=actor, assessment=page.assessment, texts=texts, now=clock.now(), shown=shown)
    except WordsTooLong as refusal:
        if is_autosave(request):
            return autosave_refusal(refusal.message, refusal.errors)
        return _render_check(request, page, status=422, texts=texts, refusal=refusal)
    if is_autosave(request):
        return _explained(request, page, outcome)
    if outcome.clashes:
        return _render_check(request, page, status=409, texts=texts, outcome=outcome)
    messages.success(request, "已保存说明。")
    return redirect("evaluation:assessment_check", pk)


def _theirs(request: HttpRequest, code: str, row: Explanation) -> FieldClash:
    by = who_saved(actor_of(request).user.pk, row.updated_by)
    return FieldClash(f"{EXPLAIN}{code}", "说明", row.text, row.text or "未填", by, row.updated_at)


def _explained(request: HttpRequest, page: SelfPage, outcome: ExplainOutcome) -> HttpResponse:
    """To an autosave: the marks beside the boxes and the way on, as they now stand."""
    context = _check_context(page)
    fragments = {
        f"#said-{doubt.doubt.code}": render_to_string(
            "evaluation/self/_explained.html", {"doubt": doubt}, request
        )
        for doubt in context["doubts"]
    }
    fragments["#check-way-on"] = render_to_string("evaluation/self/_check_way_on.html", context, request)
    return autosave_response(
        revision=0,
        saved_at=clock.now(),
        fragments=fragments,
        shown={f"{EXPLAIN}{code}": text for code, text in outcome.texts.items()},
        taken=[f"{EXPLAIN}{code}" for code in outcome.taken],
        clashes=[_theirs(request, code, row) for code, row in outcome.clashes.items()],
    )


def _check_context(
    page: SelfPage,
    texts: Mapping[str, str] | None = None,
    outcome: ExplainOutcome | None = None,
    refusal: WordsTooLong | None = None,
) -> dict[str, Any]:
    """`texts`: what was just sent and clashed (`outcome`) or was refused stays in its boxes."""
    check = check_page(page, now=clock.now())
    open_doubts = {doubt.code for doubt in check.result.unexplained(check.explanations)}
    clashes = outcome.clashes if outcome else {}
    return head(page, clock.now()) | {
        "check": check,
        "errors": [(found, _doubt_url(page, found)) for found in check.result.errors],
        "doubts": [
            DoubtRow(
                found,
                _doubt_url(page, found),
                (texts or {}).get(found.code, "")
                if refusal or found.code in clashes
                else check.explanations.get(found.code, ""),
                found.code in open_doubts,
                refusal.errors.get(f"{EXPLAIN}{found.code}", "") if refusal else "",
                clash=clashes.get(found.code),
            )
            for found in check.result.doubts
        ],
        "shown": write_shown(
            {
                f"{EXPLAIN}{found.code}": same_lines(check.explanations.get(found.code, ""))
                for found in check.result.doubts
            }
        ),
    }


def _render_check(
    request: HttpRequest,
    page: SelfPage,
    *,
    status: int = 200,
    error: str = "",
    texts: Mapping[str, str] | None = None,
    outcome: ExplainOutcome | None = None,
    refusal: WordsTooLong | None = None,
) -> HttpResponse:
    context = _check_context(page, texts, outcome, refusal) | {
        "sections": _summary(page),
        "problem": error,
        "refused": refusal,
        "actor_key": actor_of(request).capacity.key,
    }
    if refusal is not None:  # nothing was stored: the page knows of the others' words what it knew before
        context["shown"] = request.POST.get("shown", "")
    return render(request, "evaluation/self/check.html", context, status=status)


def _summary(page: SelfPage) -> list[dict[str, Any]]:
    """All answers by section, with a link each."""
    answers = page.rows.answers_of(Layer.SELF)
    return [
        {
            "dimension": dimension,
            "rows": [
                {
                    "indicator": item,
                    "name": item.name_for(page.assessment.subject.kind),
                    "answer": answer_in_words(item, answers.get(item.code)),
                    "line": page.lines[item.code],
                    "files": page.files.get(item.code, []),
                    "url": section_url(page, item.code),
                }
                for item in dimension.indicators
            ],
        }
        for dimension in page.definition.dimensions
    ]


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
def assessment_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """The commitment names signer and post; then the receipt."""
    actor, page = own_page(request, pk)
    check = check_page(page, now=clock.now())
    if request.method == "GET" and not check.ready:
        return redirect("evaluation:assessment_check", pk)
    form = CommitmentForm(
        request.POST or None,
        initial={"signer_name": page.assessment.signer_name, "signer_post": page.assessment.signer_post},
    )
    if request.method == "POST" and form.is_valid():
        try:
            submit(actor=actor, assessment=page.assessment, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.status == 409:
                raise
            if error.field:
                form.add_domain_error(error)
            else:
                return _render_check(request, page, status=422, error=error.message)
        else:
            return redirect("evaluation:assessment_done", pk)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "evaluation/self/submit.html", head(page, clock.now()) | {"form": form}, status=status
    )


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
def assessment_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    actor, assessment = own_assessment(request, pk)
    if request.method == "POST":
        withdraw(actor=actor, assessment=assessment, now=clock.now())
        messages.success(request, "已撤回，可以继续修改。")
        return redirect("evaluation:assessment_home", pk)
    context = {
        "heading": "撤回自评",
        "rows": [("受理编号", assessment.receipt_number), ("提交时间", clock_text(assessment.submitted_at))],
        "consequence": (
            "撤回后回到“填报中”，须重新提交；要求职代会审议的，须重新定稿（内容未改动的，原审议仍然有效）。"
            "受理编号不变。"
        ),
        "confirm_label": "撤回自评",
        "cancel_url": reverse("evaluation:assessment_home", args=[pk]),
    }
    return render(request, "components/confirm_page.html", context)


def clock_text(at: Any) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


@requires(*ASSESSMENT_READERS)
@require_GET
def assessment_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Every question and answer in full, also the skipped ones (ux F29); with the fingerprint when frozen."""
    actor = actor_of(request)
    assessment = find_assessment(actor, pk)
    if assessment is None or not may_read_answers(actor, assessment):
        raise Http404
    page = load_self_page(actor, assessment)
    declared = page.rows.declarations_of(Layer.SELF)
    definition = page.definition
    adoption = current_adoption(assessment)
    fingerprint = fingerprint_of(assessment, page.rows, page.files, page.scans)
    context = head(page, clock.now()) | {
        "sections": _summary(page),
        "declarations": [
            {
                "item": item,
                "value": value_in_words(item, declared[item.code].value if item.code in declared else ""),
                "words": declared[item.code].words if item.code in declared else "",
                "files": page.files.get(item.code, []),
            }
            for item in (*definition.vetoes, *definition.deductions, *definition.surveys)
        ],
        "adoption": adoption,
        "meeting": meeting_of(adoption) if adoption else None,
        "code": in_fours(fingerprint),
        "adopted_text": adoption is not None and adoption.content_hash == fingerprint,
        "printed_at": clock.now(),
        "may_enter": may_enter_self(actor, assessment),
    }
    return render(request, "evaluation/self/print.html", context)


@requires(*ON_BEHALF_FILLERS)
@require_http_methods(["GET", "POST"])
def assessment_extension(request: HttpRequest, pk: int) -> HttpResponse:
    """The managing district puts off one subject's deadline."""
    actor = actor_of(request)
    assessment = find_assessment(actor, pk)
    if assessment is None:
        raise Http404
    form = ExtensionForm(request.POST or None, cancel_url=reverse("evaluation:filling_list"))
    if request.method == "POST" and form.is_valid():
        try:
            grant_extension(actor=actor, assessment=assessment, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已将填报截止日延至 {form.cleaned_data['extended_to']}。")
            return redirect("evaluation:assessment_extension", pk)
    status = 422 if form.errors else 200
    context = {"assessment": assessment, "form": form, "due": assessment.due}
    return render(request, "evaluation/self/extension.html", context, status=status)
