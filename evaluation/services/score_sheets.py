"""Writing the derived score sheets. Call inside the transaction of the save, with the assessment locked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from evaluation.enums import Layer
from evaluation.models import Assessment, ScoreSheet
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.losses import completeness
from evaluation.rules.self_assessment import STATE_LETTERS, DraftSheet, hundredths
from evaluation.selectors.layers import LayerRows, stored_answer

_DERIVED = [
    field.name
    for field in ScoreSheet._meta.concrete_fields
    if field.name not in {"id", "assessment", "layer"}
]


def build_sheet(
    assessment: Assessment, layer: str, definition: IndicatorSetDefinition, rows: LayerRows, now: datetime
) -> tuple[ScoreSheet, DraftSheet]:
    """The row a layer's answers give, not yet written, and the marked sheet behind it."""
    sheet = rows.mark(definition, layer)
    result = sheet.result
    if layer == Layer.EFFECTIVE:
        entered = len(rows.answers_of(Layer.DISTRICT).keys() | rows.answers_of(Layer.CITY).keys())
    else:
        entered = sum(not stored_answer(row).is_blank for row in rows.answers_of(layer).values())
    row = ScoreSheet(
        assessment=assessment,
        layer=layer,
        marks=[hundredths(line.score) for line in result.lines],
        states="".join(STATE_LETTERS[line.state] for line in result.lines),
        dimension_scores=[hundredths(line.score) for line in result.dimensions],
        deductions=sum((line.value for line in result.deductions), Decimal(0)),
        total=result.total,
        applicable_max=result.applicable_max,
        scored_max=result.scored_max,
        scaled_total=result.scaled_total,
        qualification=result.qualification,
        reasons=list(result.reasons),
        item_count=len(result.lines),
        answered_count=completeness(result.lines).answered,
        entered_count=entered,
        computed_at=now,
    )
    return row, sheet


def write_sheets(
    *,
    assessment: Assessment,
    layers: Iterable[str],
    definition: IndicatorSetDefinition,
    rows: LayerRows,
    now: datetime,
) -> dict[str, DraftSheet]:
    """Recompute and upsert the sheets of `layers` by one statement; the marked sheets by layer."""
    built = {layer: build_sheet(assessment, layer, definition, rows, now) for layer in layers}
    ScoreSheet.objects.bulk_create(
        [row for row, _ in built.values()],
        update_conflicts=True,
        unique_fields=["assessment", "layer"],
        update_fields=_DERIVED,
    )
    return {layer: sheet for layer, (_, sheet) in built.items()}


def layers_to_write(assessment: Assessment, layer: str) -> list[str]:
    """The saved layer and, once the assessment was handed in, EFFECTIVE."""
    return [layer, Layer.EFFECTIVE] if assessment.first_submitted_at else [layer]
