"""Every spot check of one subject, for its page: the past stays readable for ever (design §4a)."""

from __future__ import annotations

from dataclasses import dataclass

from cultivation.models import Subject
from evaluation.models import SpotCheck
from evaluation.selectors.spot_checks.results import result_words
from zaozhuang_portal.accounts.actors import Actor


@dataclass(frozen=True)
class SubjectCheck:
    """`result` as its page and every notice tell it."""

    check: SpotCheck
    result: str


def subject_checks(actor: Actor, subject: Subject) -> list[SubjectCheck]:
    """What the actor may see of them, the newest round first. One statement."""
    rows = (
        SpotCheck.objects.visible_to(actor)
        .filter(subject=subject)
        .select_related("round__year")
        .order_by("-round__year_id", "-round__batch", "-pk")
    )
    return [SubjectCheck(row, result_words(row)) for row in rows]
