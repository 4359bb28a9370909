"""Scores for whoever shows, lists, counts or prints them: read here and nowhere else (tests/evaluation/test_scores.py)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Count, OuterRef, Subquery, Value, When

from evaluation.enums import AssessmentState, Layer
from evaluation.models import Assessment, Declaration, ScoreSheet
from evaluation.models.assessments import AssessmentQuerySet
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.displayed_scores import AssessmentScores, DisplayedScore, displayed, scaled_working
from evaluation.rules.reviews import declaration_names
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import LayerRows
from evaluation.selectors.shown import note_scores

# The district has finished: EFFECTIVE holds what reviewers said, and nothing of the firm's own.
REVIEWED_STATES = frozenset({AssessmentState.VERIFIED, AssessmentState.CONFIRMED, AssessmentState.ARCHIVED})


def verified_layer(state: str) -> str:
    """The sheet behind 核实得分: what reviewing layers said alone."""
    return Layer.EFFECTIVE if state in REVIEWED_STATES else Layer.DISTRICT


def load_scores(assessments: Iterable[Assessment]) -> dict[int, AssessmentScores]:
    """Scores by primary key, of rows that carry their `indicator_set`. Statements: 2."""
    rows = list(assessments)
    note_scores(row.pk for row in rows)
    sheets: dict[tuple[int, str], ScoreSheet] = {
        (sheet.assessment_id, sheet.layer): sheet
        for sheet in ScoreSheet.objects.filter(assessment_id__in=[row.pk for row in rows])
    }
    declared = dict(
        Declaration.objects.filter(assessment_id__in=[row.pk for row in rows], layer=Layer.DISTRICT)
        .order_by()
        .values_list("assessment_id")
        .annotate(number=Count("id"))
    )
    found = {}
    for row in rows:
        own, effective = sheets.get((row.pk, Layer.SELF)), sheets.get((row.pk, Layer.EFFECTIVE))
        verified = sheets.get((row.pk, verified_layer(row.state)))
        found[row.pk] = _scores(
            row,
            own=_of_sheet(row, own),
            verified=_of_sheet(row, verified),
            judged=effective.entered_count if effective else 0,
            declared=declared.get(row.pk, 0),
        )
    return found


def _of_sheet(row: Assessment, sheet: ScoreSheet | None) -> DisplayedScore | None:
    if sheet is None:
        return None
    out_of = definition_of(row.indicator_set).total_score
    working = scaled_working(sheet.total, sheet.applicable_max, out_of, sheet.scaled_total)
    return DisplayedScore(sheet.scaled_total, out_of, sheet.qualification, working)


def _scores(
    row: Assessment,
    *,
    own: DisplayedScore | None,
    verified: DisplayedScore | None,
    judged: int,
    declared: int,
) -> AssessmentScores:
    definition = definition_of(row.indicator_set)
    return AssessmentScores(
        own=own if row.submitted_at is not None else None,
        verified=verified if judged else None,
        judged=judged,
        items=len(definition.indicators),
        declared=declared,
        declarations=len(declaration_names(definition)),
        provisional=row.state not in REVIEWED_STATES,
    )


def with_scores(rows: AssessmentQuerySet) -> AssessmentQuerySet:
    """Lists that may not take a statement more: what `listed_scores` reads comes along. Needs `indicator_set`."""
    sheets = ScoreSheet.objects.filter(assessment=OuterRef("pk"))
    own, effective = sheets.filter(layer=Layer.SELF), sheets.filter(layer=Layer.EFFECTIVE)
    rows = rows.annotate(
        verified_layer=Case(
            When(state__in=REVIEWED_STATES, then=Value(Layer.EFFECTIVE)), default=Value(Layer.DISTRICT)
        )
    )
    verified = sheets.filter(layer=OuterRef("verified_layer"))
    declared = Declaration.objects.filter(assessment=OuterRef("pk"), layer=Layer.DISTRICT).order_by()
    return rows.annotate(
        own_score=Subquery(own.values("scaled_total")[:1]),
        own_outcome=Subquery(own.values("qualification")[:1]),
        verified_score=Subquery(verified.values("scaled_total")[:1]),
        verified_outcome=Subquery(verified.values("qualification")[:1]),
        judged_items=Subquery(effective.values("entered_count")[:1]),
        judged_declarations=Subquery(declared.values("assessment").annotate(n=Count("id")).values("n")),
    )


def listed_scores(row: Assessment) -> AssessmentScores:
    """Of one row of `with_scores`. No statement."""
    note_scores([row.pk])
    annotated: Any = row
    out_of = definition_of(row.indicator_set).total_score

    def score(name: str) -> DisplayedScore | None:
        value = getattr(annotated, f"{name}_score")
        return None if value is None else DisplayedScore(value, out_of, getattr(annotated, f"{name}_outcome"))

    return _scores(
        row,
        own=score("own"),
        verified=score("verified"),
        judged=annotated.judged_items or 0,
        declared=annotated.judged_declarations or 0,
    )


def marked_scores(
    assessment: Assessment, definition: IndicatorSetDefinition, rows: LayerRows
) -> AssessmentScores:
    """Of loaded answers, marked anew: equal to what `load_scores` reads. No statement."""
    items = {item.code for item in definition.indicators}
    judged = rows.answers_of(Layer.DISTRICT).keys() | rows.answers_of(Layer.CITY).keys()
    verified = rows.mark(definition, verified_layer(assessment.state)).result
    return _scores(
        assessment,
        own=displayed(rows.mark(definition, Layer.SELF).result, definition.total_score),
        verified=displayed(verified, definition.total_score),
        judged=len(judged & items),
        declared=len(rows.declarations_of(Layer.DISTRICT)),
    )
