"""整改提升: which points of an assessment were lost, and what was taken up of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import QuerySet

from evaluation.enums import ENTERED_LAYERS, AssessmentState, ImprovementState, Layer
from evaluation.models import Assessment, Improvement
from evaluation.permissions.improvements import may_improve
from evaluation.rules.losses import Loss, explain_losses
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers
from evaluation.selectors.scores import REVIEWED_STATES
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.access import register_attachment_access
from zaozhuang_portal.operations.models import Attachment

IMPROVEMENT_FILES = "Improvement"
PROOF_PER_IMPROVEMENT = 20


@dataclass(frozen=True)
class LostItem:
    """All that one item lost, `lost` in hundredths of a point (rounded up: what was lost is never nothing)."""

    code: str
    name: str
    lost: int


def lost_items(losses: Iterable[Loss]) -> dict[str, LostItem]:
    """By code; an item may lose points in several parts."""
    found: dict[str, tuple[str, Fraction]] = {}
    for loss in losses:
        _, before = found.get(loss.code, ("", Fraction(0)))
        found[loss.code] = (loss.name, before + loss.points_lost)
    return {code: LostItem(code, name, -int(-points * 100 // 1)) for code, (name, points) in found.items()}


def lost_items_of(assessment: Assessment) -> dict[str, LostItem]:
    """Of what holds now: the verified sheet once the district has finished, else the subject's own. Statements: 2."""
    layer = Layer.EFFECTIVE if AssessmentState(assessment.state) in REVIEWED_STATES else Layer.SELF
    rows = load_layers(assessment, ENTERED_LAYERS if layer == Layer.EFFECTIVE else (Layer.SELF,))
    return lost_items(explain_losses(rows.mark(definition_of(assessment.indicator_set), layer).result))


def improvements_of(assessment: Assessment) -> dict[str, Improvement]:
    """By code of the item. Statements: 1."""
    return {row.indicator: row for row in Improvement.objects.filter(assessment=assessment)}


@dataclass(frozen=True)
class LostPoint:
    """One row of 失分清单 with what was taken up of it; `offered`: this person may take it up with one press."""

    loss: Loss
    taken: Improvement | None
    offered: bool


def lost_points(actor: Actor, assessment: Assessment, losses: Iterable[Loss]) -> list[LostPoint]:
    """Statements: 1. The act is offered once per item, at its first row."""
    taken = improvements_of(assessment)
    may, seen = may_improve(actor, assessment), set[str]()
    found = []
    for loss in losses:
        row = taken.get(loss.code)
        free = row is None or row.state == ImprovementState.DROPPED
        found.append(LostPoint(loss, row, may and free and loss.code not in seen))
        seen.add(loss.code)
    return found


def improvement_rows(actor: Actor, *, state: str = "", year: int | None = None) -> QuerySet[Improvement]:
    """For the list, with the assessment and its subject."""
    rows = Improvement.objects.visible_to(actor)
    if state:
        rows = rows.filter(state=state)
    if year:
        rows = rows.filter(assessment__year_id=year)
    return rows.select_related("assessment__subject", "assessment__organization")


# --- files ------------------------------------------------------------------------------------------------------------


def _may_read(actor: Actor, attachment: Attachment) -> bool:
    return Improvement.objects.visible_to(actor).filter(pk=attachment.owner_id).exists()


def _may_write(actor: Actor, owner_id: int) -> bool:
    row = Improvement.objects.open().select_related("assessment").filter(pk=owner_id).first()
    return row is not None and may_improve(actor, row.assessment)


def register() -> None:
    register_attachment_access(IMPROVEMENT_FILES, _may_read, _may_write, max_files=PROOF_PER_IMPROVEMENT)
