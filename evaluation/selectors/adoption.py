"""The adoption of a self-assessment: its fingerprint as it stands, the print in force, the meeting as corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch

from evaluation.enums import AssessmentState, Layer
from evaluation.models import Adoption, AdoptionCorrection, Assessment
from evaluation.models.assessments import AssessmentQuerySet
from evaluation.rules.self_assessment import NamedFile, StoredDeclaration, content_hash
from evaluation.selectors.layers import LayerRows, load_layers, stored_answer
from evaluation.selectors.self_pages import files_of_self
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.models import Attachment

SCAN = "SCAN"


@dataclass(frozen=True)
class Meeting:
    """What holds of a recorded meeting: as recorded, or as corrected last."""

    held_on: date
    delegates: int
    participants: int
    votes_for: int


def fingerprint_of(
    assessment: Assessment,
    rows: LayerRows,
    files: Mapping[str, Sequence[Attachment]],
    scans: Sequence[Attachment],
) -> str:
    """Of the SELF layer as the print lists it: answers, declarations, words and evidence. No statement."""
    listed = {**files, SCAN: scans}
    return content_hash(
        assessment.indicator_set.content_hash,
        {code: stored_answer(row) for code, row in rows.answers_of(Layer.SELF).items()},
        {
            code: StoredDeclaration(row.value, row.words)
            for code, row in rows.declarations_of(Layer.SELF).items()
        },
        {code: [NamedFile(file.label, file.sha256) for file in found] for code, found in listed.items()},
    )


def load_fingerprint(assessment: Assessment) -> str:
    """The same, read now. Statements: 3."""
    rows = load_layers(assessment, (Layer.SELF,))
    files, scans = files_of_self(assessment, rows)
    return fingerprint_of(assessment, rows, files, scans)


def asked_texts(actor: Actor) -> AssessmentQuerySet:
    """Frozen self-assessments whose text a firm asked the city office to compare; `adoptions__text_asked_at` is when."""
    return Assessment.objects.visible_to(actor).filter(
        state=AssessmentState.AWAITING_ADOPTION,
        adoptions__voided_at__isnull=True,
        adoptions__recorded_at__isnull=True,
        adoptions__text_asked_at__isnull=False,
        adoptions__text_agreed_at__isnull=True,
    )


def current_adoption(assessment: Assessment) -> Adoption | None:
    """The one not voided, with its corrections. Statements: 2."""
    corrections = AdoptionCorrection.objects.select_related("corrected_by").order_by("id")
    rows = Adoption.objects.filter(assessment=assessment, voided_at__isnull=True)
    return rows.prefetch_related(Prefetch("corrections", queryset=corrections)).first()


def meetings_of(adoption: Adoption) -> list[Meeting]:
    """The meeting as recorded, then as each correction left it; empty before it is recorded."""
    if adoption.recorded_at is None:
        return []
    rows: list[Any] = [adoption, *adoption.corrections.all()]
    return [Meeting(row.held_on, row.delegates, row.participants, row.votes_for) for row in rows]


def meeting_of(adoption: Adoption) -> Meeting | None:
    """What holds."""
    found = meetings_of(adoption)
    return found[-1] if found else None
