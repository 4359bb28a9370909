"""All self-assessments of one subject with their results, for the tab 自评 of its page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from cultivation.models import Subject
from cultivation.selectors.subject_pages import moved_away
from evaluation.enums import Layer
from evaluation.models import Assessment, ScoreSheet
from zaozhuang_portal.accounts.actors import Actor


@dataclass(frozen=True)
class AssessmentRow:
    """One year's assessment; a sheet is None while nothing was entered on that layer."""

    assessment: Assessment
    own: ScoreSheet | None
    effective: ScoreSheet | None


def assessment_rows(actor: Actor, subject: Subject) -> list[AssessmentRow]:
    """Newest year first, those from before a move as far as handed in. `opens`: the actor may open it. Statements: 2."""
    visible = Assessment.objects.visible_to(actor).order_by()
    rows = Assessment.objects.filter(subject=subject).annotate(
        opens=Exists(visible.filter(pk=OuterRef("pk")))
    )
    earlier = Q(pk__isnull=True) if moved_away(actor, subject) else Q(submitted_at__isnull=False)
    rows = rows.filter(Q(opens=True) | earlier).with_subject()
    assessments = list(rows.defer("indicator_set__definition").order_by("-year", "-id"))
    sheets = {
        (sheet.assessment_id, sheet.layer): sheet
        for sheet in ScoreSheet.objects.filter(
            assessment__in=assessments, layer__in=[Layer.SELF, Layer.EFFECTIVE]
        )
    }
    return [
        AssessmentRow(row, sheets.get((row.pk, Layer.SELF)), sheets.get((row.pk, Layer.EFFECTIVE)))
        for row in assessments
    ]
