"""The review queue, and what a reviewing layer judges and has left to judge."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from evaluation.enums import OPEN_STATES, AssessmentState, Layer
from evaluation.models import Assessment, ReturnRound
from evaluation.models.assessments import AssessmentQuerySet
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.reviews import declaration_names
from evaluation.selectors.layers import LayerRows
from evaluation.selectors.scores import with_scores
from zaozhuang_portal.accounts.actors import Actor

# The layers a reviewing layer judges: the highest one entered below it.
LAYERS_BELOW: dict[str, tuple[str, ...]] = {
    Layer.DISTRICT: (Layer.SELF,),
    Layer.CITY: (Layer.SELF, Layer.DISTRICT),
}
REVIEWING_LAYERS: tuple[str, ...] = (Layer.DISTRICT, Layer.CITY)
QUEUE_STATES = (
    AssessmentState.SUBMITTED,
    AssessmentState.UNDER_REVIEW,
    AssessmentState.RETURNED,
    AssessmentState.VERIFIED,
    AssessmentState.CONFIRMED,
    AssessmentState.ARCHIVED,
)


def review_queue(
    actor: Actor,
    *,
    state: str = "",
    states: Collection[str] = QUEUE_STATES,
    year: int | None = None,
    organization: int | None = None,
    text: str = "",
) -> AssessmentQuerySet:
    """Handed-in assessments in the actor's sight; `scores.listed_scores` reads what comes along.

    `state`: one state, else any of `states`. The caller sorts (by `submitted_at`, `id`: the oldest first).
    """
    rows = Assessment.objects.visible_to(actor).submitted().filter(state__in=[state] if state else states)
    if year:
        rows = rows.filter(year_id=year)
    if organization:
        rows = rows.filter(organization_id=organization)
    if text:
        rows = rows.filter(Q(subject__name__contains=text) | Q(receipt_number__iexact=text))
    rows = rows.select_related("subject", "organization", "indicator_set")
    return with_scores(rows.defer("indicator_set__definition"))


def filling_queue(actor: Actor) -> AssessmentQuerySet:
    """What still lies with the subjects in the actor's sight. Only head and dates: a draft is nobody else's to read."""
    rounds = ReturnRound.objects.filter(assessment=OuterRef("pk"), closed_at__isnull=True)
    return (
        Assessment.objects.visible_to(actor)
        .filter(state__in=OPEN_STATES)
        .annotate(returned_due=Subquery(rounds.values("due_on")[:1]))
        .select_related("subject", "organization", "indicator_set")
        .defer("indicator_set__definition")
    )


def unjudged_codes(definition: IndicatorSetDefinition, rows: LayerRows, layer: str) -> set[str]:
    """Indicators and declarations this reviewing layer has no row for."""
    codes = {item.code for item in definition.indicators}
    codes |= declaration_names(definition).keys()
    return codes - rows.answers_of(layer).keys() - rows.declarations_of(layer).keys()


def waiting_days(assessment: Assessment, now: datetime) -> int:
    """Whole days since it was handed in."""
    return (now - assessment.submitted_at).days if assessment.submitted_at else 0
