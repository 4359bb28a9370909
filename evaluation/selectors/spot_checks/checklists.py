"""Versions of the 落实情况检查表 as pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from evaluation.enums import ChecklistState
from evaluation.models import InspectionChecklist
from evaluation.permissions.roles import ROUND_KEEPERS
from evaluation.rules.spot_checks.checklists import LineChange, checklist_changes
from zaozhuang_portal.accounts.actors import Actor


@dataclass(frozen=True)
class Compared:
    """Against the version in force; of the version in force itself, and the first one, against nothing."""

    previous: InspectionChecklist | None
    changes: list[LineChange]


def visible_checklists(actor: Actor) -> QuerySet[InspectionChecklist]:
    """Published and retired ones for whoever reads rounds; drafts for who keeps them. The newest first."""
    rows = InspectionChecklist.objects.order_by("-pk")
    return rows if actor.role in ROUND_KEEPERS else rows.exclude(state=ChecklistState.DRAFT)


def compared_with_the_one_in_force(checklist: InspectionChecklist) -> Compared:
    previous = (
        InspectionChecklist.objects.filter(state=ChecklistState.PUBLISHED)
        .exclude(pk=checklist.pk)
        .order_by("-pk")
        .first()
        if checklist.state == ChecklistState.DRAFT
        else None
    )
    return Compared(previous, checklist_changes(previous.lines, checklist.lines) if previous else [])
