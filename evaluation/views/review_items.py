"""Judging: one item, or what is left of a section. A fragment for htmx, a redirect for a plain POST."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from evaluation.forms.cards import answer_in_words, draft_from_post
from evaluation.forms.declarations import value_in_words
from evaluation.forms.reviews import build_any, build_sections, find_item
from evaluation.forms.verdicts import (
    VerdictForm,
    declaration_verdict_from_post,
    item_verdict_from_post,
    typed_declaration_form,
    typed_item_form,
)
from evaluation.permissions.roles import REVIEWERS
from evaluation.rules.definitions import Indicator
from evaluation.rules.reviews import section_codes, section_of
from evaluation.selectors.review_pages import ReviewPage
from evaluation.services.reviews import agree_remaining, judge_declaration, judge_item, look_at_section
from evaluation.views.review_common import head, review_page
from evaluation.views.reviews import render_detail
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@requires(*REVIEWERS)
@require_POST
def review_judge(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """同意 or 调整 of one indicator or declaration. 422 and 409 keep everything as typed."""
    actor, page = review_page(request, pk)
    item = find_item(page, code)
    if item is None:
        raise Http404
    now = clock.now()
    try:
        if isinstance(item, Indicator):
            judge_item(
                actor=actor,
                assessment=page.assessment,
                verdict=item_verdict_from_post(item, request.POST),
                now=now,
            )
        else:
            judge_declaration(
                actor=actor,
                assessment=page.assessment,
                verdict=declaration_verdict_from_post(code, request.POST),
                now=now,
            )
    except NotAllowed:
        raise
    except DomainError as error:
        return _refused(request, pk, code, error)
    if not _is_htmx(request):
        messages.success(request, f"已保存 {code} 的核验意见。")
        return redirect(f"{reverse('evaluation:review_detail', args=[pk])}#item-{code}")
    actor, page = review_page(request, pk)
    return _fragment(request, actor, page, code)


def _refused(request: HttpRequest, pk: int, code: str, error: DomainError) -> HttpResponse:
    """The item as typed, with the newest opinion of a colleague beside it."""
    actor, page = review_page(request, pk)
    item = find_item(page, code)
    typed: VerdictForm | None = None
    if not page.layer:
        return _closed_meanwhile(request, actor, page, code, error)
    if isinstance(item, Indicator):
        sent = item_verdict_from_post(item, request.POST)
        typed = typed_item_form(page, item, sent, error=error.message, code=error.code)
    elif item is not None:
        declared = declaration_verdict_from_post(code, request.POST)
        typed = typed_declaration_form(page, item, declared, error=error.message, code=error.code)
    if _is_htmx(request):
        return _fragment(request, actor, page, code, typed=typed, status=error.status)
    return render_detail(request, actor, page, typed=typed, status=error.status)


def _closed_meanwhile(
    request: HttpRequest, actor: Actor, page: ReviewPage, code: str, error: DomainError
) -> HttpResponse:
    """A colleague verified or returned it in between. On the page the controls stay; otherwise the words are shown."""
    if _is_htmx(request):
        response = render(
            request, "evaluation/review/_note.html", {"message": error.message}, status=error.status
        )
        response.headers["HX-Retarget"] = f"#note-{code}"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    item = find_item(page, code)
    sent = [request.POST.get("reason", "").strip()]
    if isinstance(item, Indicator):
        sent.insert(0, answer_in_words(item, draft_from_post(item, request.POST)))
    elif item is not None:
        sent.insert(0, value_in_words(item, request.POST.get("value", "")))
    unsaved = {"code": code, "message": error.message, "words": "\n".join(text for text in sent if text)}
    return render_detail(request, actor, page, unsaved=unsaved, status=error.status)


def _fragment(
    request: HttpRequest,
    actor: Actor,
    page: ReviewPage,
    code: str,
    *,
    typed: VerdictForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The item, and out of band the strip and the counts of its section."""
    own_section = section_of(page.definition, code)
    context = head(page, actor, clock.now()) | {
        "item": build_any(page, code, typed=typed),
        "sections": [section for section in build_sections(page) if section.code == own_section],
    }
    return render(request, "evaluation/review/_saved.html", context, status=status)


@requires(*REVIEWERS)
@require_POST
def review_look(request: HttpRequest, pk: int) -> HttpResponse:
    """The reviewer opens a section: recorded, so that what is left of it may be agreed to in one go."""
    actor, page = review_page(request, pk)
    section = request.POST.get("section", "")
    if section not in section_codes(page.definition):
        raise Http404
    look_at_section(actor=actor, assessment=page.assessment, section=section, now=clock.now())
    if not _is_htmx(request):
        return redirect(f"{reverse('evaluation:review_detail', args=[pk])}#sec-{section}")
    actor, page = review_page(request, pk)
    shown = next(found for found in build_sections(page) if found.code == section)
    context = head(page, actor, clock.now()) | {"section": shown}
    return render(request, "evaluation/review/_agree_form.html", context)


@requires(*REVIEWERS)
@require_POST
def review_agree(request: HttpRequest, pk: int) -> HttpResponse:
    """本节其余同意: the codes the page showed (`code`) and nothing else.

    The script leaves out what a filter hides, and names the items whose 调整 is unfolded (`skip`).
    """
    actor, page = review_page(request, pk)
    section = request.POST.get("section", "")
    codes = section_codes(page.definition).get(section, ())
    if not codes:
        raise Http404
    shown, skip = set(request.POST.getlist("code")), set(request.POST.getlist("skip"))
    skipped = [code for code in codes if code in skip and code in page.unjudged]
    fresh = [code for code in codes if code in shown - skip and code in page.unjudged]
    hidden = len([code for code in codes if code in page.unjudged]) - len(fresh) - len(skipped)
    seen = request.POST.get("seen", "")
    count = agree_remaining(actor=actor, assessment=page.assessment, codes=fresh, seen=seen, now=clock.now())
    words = f"已同意 {count} 项" if count else "没有显示未核的项"
    if skipped:
        words += f"，{'、'.join(skipped)} 正在调整，未动"
    if hidden:
        words += f"，没有显示的 {hidden} 项未动"
    if not _is_htmx(request):
        messages.success(request, f"{words}。")
        return redirect(f"{reverse('evaluation:review_detail', args=[pk])}#sec-{section}")
    actor, page = review_page(request, pk)
    sections = [found for found in build_sections(page) if found.code == section]
    context = head(page, actor, clock.now()) | {
        "sections": sections,
        "items": [item for found in sections for item in found.items if item.code in fresh],
        "words": words,
    }
    return render(request, "evaluation/review/_agreed.html", context)
