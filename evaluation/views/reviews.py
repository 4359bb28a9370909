"""The review queue and the page of one review."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cultivation.rules.calendar import YEARS
from evaluation.enums import AssessmentState
from evaluation.forms.review_lists import queue_chips, queue_filters, state_choices
from evaluation.forms.reviews import build_sections, doubts_about
from evaluation.forms.verdicts import VerdictForm
from evaluation.permissions.roles import DISTRICT_REVIEWERS, REVIEW_READERS, REVIEWERS
from evaluation.rules.self_assessment_checks import OVERDUE
from evaluation.selectors.review_pages import ReviewPage
from evaluation.selectors.reviews import filling_queue, review_queue
from evaluation.selectors.scores import listed_scores
from evaluation.services.review_moves import open_city_review, open_review
from evaluation.views.review_common import (
    days_waiting,
    head,
    qualification_tag,
    review_page,
    reviewed_assessment,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import districts, organization_name
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page

PAGE_SIZE = 50
DUE_FIRST = (SortKey("due_on"), SortKey("id"))
OLDEST = (SortKey("submitted_at"), SortKey("id"))


@requires(*REVIEW_READERS)
@require_GET
def review_list(request: HttpRequest) -> HttpResponse:
    """The oldest first. Statements: session, capacity, rows, count."""
    actor = actor_of(request)
    filters = queue_filters(request.GET)
    rows = review_queue(
        actor,
        states=filters.states(whole_city=actor.sees_whole_city),
        year=filters.year,
        organization=filters.organization if actor.sees_whole_city else None,
        text=filters.text,
    )
    page = fetch_page(rows, OLDEST, cursor=request.GET.dict(), size=PAGE_SIZE)
    now = clock.now()
    context = {
        "page": page,
        "rows": [
            {
                "assessment": row,
                "township": organization_name(row.subject.township_id),
                "waiting": days_waiting(row, now),
                "scores": scores,
                "result": qualification_tag(scores.outcome),
            }
            for row, scores in ((row, listed_scores(row)) for row in page.rows)
        ],
        "label": next((row.indicator_set for row in page.rows if row.indicator_set.is_reconstruction), None),
        "filters": filters,
        "may_extend": actor.role in DISTRICT_REVIEWERS,
        "chips": queue_chips(request.GET, filters),
        "states": state_choices(whole_city=actor.sees_whole_city),
        "years": YEARS,
        "districts": districts() if actor.sees_whole_city else [],
    }
    return render(request, "evaluation/review/list.html", context)


@requires(*DISTRICT_REVIEWERS)
@require_GET
def filling_list(request: HttpRequest) -> HttpResponse:
    """Not handed in yet, the earliest deadline first: from here the district puts off a deadline."""
    page = fetch_page(filling_queue(actor_of(request)), DUE_FIRST, cursor=request.GET.dict(), size=PAGE_SIZE)
    now = clock.now()
    rows = [
        {
            "assessment": row,
            "township": organization_name(row.subject.township_id),
            "deadline": clock.describe_deadline(
                now, (row.returned_due if row.state == AssessmentState.RETURNED else None) or row.due
            ),
        }
        for row in page.rows
    ]
    return render(request, "evaluation/review/filling.html", {"page": page, "rows": rows})


@requires(*REVIEW_READERS)
@require_GET
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor, page = review_page(request, pk)
    return render_detail(request, actor, page)


def render_detail(
    request: HttpRequest,
    actor: Actor,
    page: ReviewPage,
    *,
    typed: VerdictForm | None = None,
    unsaved: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page; with `typed`, one item as it was just sent and why it was refused.

    `unsaved` (code, message, words): what was sent for an item that can no longer be judged.
    """
    context = head(page, actor, clock.now()) | {
        "sections": build_sections(page, typed=typed),
        "overdue": doubts_about(page, OVERDUE),
        "typed": typed,
        "unsaved": unsaved,
    }
    return render(request, "evaluation/review/detail.html", context, status=status)


@requires(*REVIEWERS)
@require_POST
def review_open(request: HttpRequest, pk: int) -> HttpResponse:
    """开始核验 by the district, 开始复核 by the city."""
    actor, assessment = reviewed_assessment(request, pk)
    if actor.is_city:
        open_city_review(actor=actor, assessment=assessment, now=clock.now())
        messages.success(request, "已开始复核，区（市）不能再取回。")
    else:
        open_review(actor=actor, assessment=assessment, now=clock.now())
        messages.success(request, "已开始核验，企业不能再撤回。")
    return redirect("evaluation:review_detail", pk)
