"""What the pages of a self-assessment share: who may open them, the head, fragments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from evaluation.forms.cards import build_card
from evaluation.models import Assessment
from evaluation.permissions import may_enter_self
from evaluation.rules.losses import completeness
from evaluation.selectors.self_pages import SelfPage, find_assessment, load_self_page
from zaozhuang_portal.accounts.access import actor_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock


def own_assessment(request: HttpRequest, pk: int) -> tuple[Actor, Assessment]:
    """The assessment this actor fills in; 404 for any other."""
    actor = actor_of(request)
    assessment = find_assessment(actor, pk)
    if assessment is None or not may_enter_self(actor, assessment):
        raise Http404
    return actor, assessment


def own_page(request: HttpRequest, pk: int) -> tuple[Actor, SelfPage]:
    actor, assessment = own_assessment(request, pk)
    return actor, load_self_page(actor, assessment)


def head(page: SelfPage, now: datetime) -> dict[str, Any]:
    """The strip on top of every page: answered, saved, deadline, score with coverage."""
    assessment = page.assessment
    due = page.round.due_on if page.round else assessment.due
    return {
        "page": page,
        "assessment": assessment,
        "definition": page.definition,
        "progress": completeness(page.sheet.result.lines),
        "result": page.sheet.result,
        "deadline": clock.describe_deadline(now, due),
        "late": not assessment.backfilled and assessment.is_open and clock.days_left(now, due) < 0,
        "home_url": reverse("evaluation:assessment_home", args=[assessment.pk]),
    }


def saved_fragments(request: HttpRequest, page: SelfPage, code: str, now: datetime) -> dict[str, str]:
    """What a save changes elsewhere on the page, by selector."""
    context = head(page, now)
    fragments = {"#strip": render_to_string("evaluation/self/_strip.html", context, request)}
    indicator = page.definition.indicator(code)
    if indicator is not None:
        card = {"card": build_card(page, indicator), **context}
        fragments[f"#score-{code}"] = render_to_string("evaluation/self/_score.html", card, request)
        fragments[f"#tag-{code}"] = render_to_string("evaluation/self/_tag.html", card, request)
    return fragments


def section_url(page: SelfPage, code: str) -> str:
    """The card of an indicator, or the row of a declaration."""
    dimension = page.definition.dimension_of(code)
    pk = page.assessment.pk
    if dimension is None:
        return f"{reverse('evaluation:assessment_declarations', args=[pk])}#row-{code}"
    return f"{reverse('evaluation:assessment_section', args=[pk, dimension.code])}#card-{code}"
