"""What the pages of a review share: who may open them, head and strip."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from evaluation import workflows
from evaluation.enums import AssessmentState
from evaluation.models import Assessment
from evaluation.permissions.roles import DISTRICT_REVIEWERS
from evaluation.rules.reviews import REASON_CODES
from evaluation.rules.scoring import QUALIFICATIONS
from evaluation.selectors.review_pages import ReviewPage, find_for_review, load_review_page
from evaluation.views.assessments import progress_steps
from zaozhuang_portal.accounts.access import actor_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date

QUALIFICATION_KINDS = {
    "PASSED": "ok",
    "BELOW": "warn",
    "GATED": "warn",
    "INCOMPLETE": "neutral",
    "VETOED": "danger",
}


def reviewed_assessment(request: HttpRequest, pk: int) -> tuple[Actor, Assessment]:
    """A handed-in assessment in the actor's sight; 404 for any other."""
    actor = actor_of(request)
    assessment = find_for_review(actor, pk)
    if assessment is None:
        raise Http404
    return actor, assessment


def review_page(request: HttpRequest, pk: int) -> tuple[Actor, ReviewPage]:
    actor, assessment = reviewed_assessment(request, pk)
    return actor, load_review_page(actor, assessment)


def qualification_tag(qualification: str) -> tuple[str, str]:
    """(tag kind, words) of a result."""
    return QUALIFICATION_KINDS.get(qualification, "neutral"), QUALIFICATIONS.get(qualification, "")


def days_waiting(assessment: Assessment, now: datetime) -> int | None:
    """Days since it was handed in, while it waits for the district; None otherwise."""
    waiting = {AssessmentState.SUBMITTED, AssessmentState.UNDER_REVIEW}
    if assessment.submitted_at is None or assessment.state not in waiting:
        return None
    return (shanghai_date(now) - shanghai_date(assessment.submitted_at)).days


def strip(page: ReviewPage) -> dict[str, Any]:
    """Scores and coverage on top of the page: never one without the other (ux §0.6)."""
    scores = page.scores
    return {
        "scores": scores,
        "own_tag": qualification_tag(scores.own.qualification if scores.own else ""),
        "verified_tag": qualification_tag(scores.outcome),
        "left": len(page.unjudged),
        "provisional": not page.is_reviewed,
    }


def head(page: ReviewPage, actor: Actor, now: datetime) -> dict[str, Any]:
    assessment = page.assessment
    actions = {
        found.action for found in workflows.ASSESSMENT_WORKFLOW.actions_for(assessment.state, actor.role)
    }
    if assessment.city_opened_at is not None:
        actions.discard(workflows.RECALL)
    else:
        actions.discard(workflows.CONFIRM)
    return {
        "page": page,
        "assessment": assessment,
        "steps": progress_steps(assessment),
        "waiting": days_waiting(assessment, now),
        "actions": actions,
        "may_extend": actor.role in DISTRICT_REVIEWERS and assessment.is_open,
        "can_open_city": actor.is_city
        and assessment.state == AssessmentState.VERIFIED
        and assessment.city_opened_at is None,
        "list_url": reverse("evaluation:review_list"),
        "detail_url": reverse("evaluation:review_detail", args=[assessment.pk]),
        "reasons": REASON_CODES,
        **strip(page),
    }
