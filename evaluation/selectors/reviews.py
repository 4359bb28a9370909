"""The review queue, one item beside its evidence, and the table of differences (自评核验差异表)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q

from evaluation.enums import OPEN_STATES, AssessmentState, Layer, Verdict
from evaluation.models import Answer, Assessment, Declaration
from evaluation.models.assessments import AssessmentQuerySet
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.marking import Line
from evaluation.rules.reviews import declaration_names, difference
from evaluation.selectors.layers import LayerRows
from evaluation.selectors.scores import with_scores
from zaozhuang_portal.accounts.actors import Actor

T = TypeVar("T", Answer, Declaration)

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
    return (
        Assessment.objects.visible_to(actor)
        .filter(state__in=OPEN_STATES)
        .select_related("subject", "organization", "indicator_set")
        .defer("indicator_set__definition")
    )


def unjudged_codes(definition: IndicatorSetDefinition, rows: LayerRows, layer: str) -> set[str]:
    """Indicators and declarations this reviewing layer has no row for."""
    codes = {item.code for item in definition.indicators}
    codes |= declaration_names(definition).keys()
    return codes - rows.answers_of(layer).keys() - rows.declarations_of(layer).keys()


@dataclass(frozen=True)
class DifferenceRow:
    """One line of the 差异表: a column per entered layer, the difference, why and by whom.

    `changed` is the row that made the difference: of the item itself, or of the survey it takes its value from.
    """

    indicator: Indicator
    own: Line
    district: Line | None
    city: Line | None
    effective: Line
    changed: Answer | Declaration | None
    gap: Decimal | None

    @property
    def direction(self) -> str:
        if not self.gap:
            return ""
        return "核增" if self.gap > 0 else "核减"


@dataclass(frozen=True)
class DeclarationDifference:
    code: str
    name: str
    own: str
    effective: str
    changed: Declaration | None


def difference_rows(definition: IndicatorSetDefinition, rows: LayerRows) -> list[DifferenceRow]:
    """Every item in the set's order, marked by each layer that entered it."""
    sheets = {layer: rows.mark(definition, layer).lines for layer in (Layer.SELF, Layer.EFFECTIVE)}
    reviewed = {
        layer: rows.mark(definition, layer).lines if rows.answers_of(layer) else {}
        for layer in REVIEWING_LAYERS
    }
    found: list[DifferenceRow] = []
    for item in definition.indicators:
        entered: dict[str, Answer | None] = {
            layer: rows.answers_of(layer).get(item.code) for layer in REVIEWING_LAYERS
        }
        changed: Answer | Declaration | None = _changed(entered)
        for survey in item.survey_codes:
            changed = changed or _changed_declaration(rows, survey)
        own, effective = sheets[Layer.SELF][item.code], sheets[Layer.EFFECTIVE][item.code]
        found.append(
            DifferenceRow(
                indicator=item,
                own=own,
                district=reviewed[Layer.DISTRICT].get(item.code) if entered[Layer.DISTRICT] else None,
                city=reviewed[Layer.CITY].get(item.code) if entered[Layer.CITY] else None,
                effective=effective,
                changed=changed,
                gap=difference(own.score, effective.score),
            )
        )
    return found


def _changed(entered: Mapping[str, T | None]) -> T | None:
    """The row of the highest layer that changed what stood below."""
    rows = (entered.get(layer) for layer in reversed(REVIEWING_LAYERS))
    return next((row for row in rows if row is not None and row.verdict == Verdict.CHANGED), None)


def _changed_declaration(rows: LayerRows, code: str) -> Declaration | None:
    entered = {str(layer): rows.declarations_of(layer).get(code) for layer in REVIEWING_LAYERS}
    return _changed(entered)


def declaration_differences(
    definition: IndicatorSetDefinition, rows: LayerRows
) -> list[DeclarationDifference]:
    """Declarations whose effective value is not what the subject declared."""
    own, effective = rows.declarations_of(Layer.SELF), rows.effective_declarations()
    found = []
    for code, name in declaration_names(definition).items():
        before = own[code].value if code in own else ""
        row = effective.get(code)
        if row is not None and row.value != before:
            found.append(
                DeclarationDifference(code, name, before, row.value, _changed_declaration(rows, code))
            )
    return found


def waiting_days(assessment: Assessment, now: datetime) -> int:
    """Whole days since it was handed in."""
    return (now - assessment.submitted_at).days if assessment.submitted_at else 0
