"""All self-assessments of one subject with their results, for the tab 自评 of its page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from cultivation.models import Subject
from cultivation.selectors.subject_pages import moved_away
from evaluation.models import Assessment
from evaluation.rules.displayed_scores import AssessmentScores
from evaluation.selectors.scores import load_scores
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role


@dataclass(frozen=True)
class AssessmentRow:
    """One year's assessment. The subject itself learns what was verified once the district has finished."""

    assessment: Assessment
    scores: AssessmentScores
    shows_verified: bool


def assessment_rows(actor: Actor, subject: Subject) -> list[AssessmentRow]:
    """Newest year first, those from before a move as far as handed in. `opens`: the actor may open it. Statements: 3."""
    visible = Assessment.objects.visible_to(actor).order_by()
    rows = Assessment.objects.filter(subject=subject).annotate(
        opens=Exists(visible.filter(pk=OuterRef("pk")))
    )
    earlier = Q(pk__isnull=True) if moved_away(actor, subject) else Q(submitted_at__isnull=False)
    rows = rows.filter(Q(opens=True) | earlier).with_subject()
    assessments = list(rows.defer("indicator_set__definition").order_by("-year", "-id"))
    scores = load_scores(assessments)
    return [
        AssessmentRow(
            row,
            scores[row.pk],
            not (scores[row.pk].provisional and actor.role == Role.SUBJECT_CONTACT),
        )
        for row in assessments
    ]
