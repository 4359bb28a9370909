"""An inspector's looks at scores of a subject he is still to judge blind, on whatever page (design §4a)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import caches
from django.db.models import Q

from evaluation.enums import CheckState
from evaluation.models import Assessment, Inspector, ScoreLook, SpotCheck, TeamMember
from evaluation.selectors.shown import ShownScores

_KEY, _SECONDS = "evaluation.inspecting_users", 60
# Afterwards nothing is judged any more, and what was judged is shown.
BLIND_STATES = (CheckState.ASSIGNED, CheckState.NOTIFIED, CheckState.UNDER_WAY)


def inspecting_users() -> frozenset[int]:
    """Everybody of the register with an account; at most a minute old, one cache per process."""
    found: frozenset[int] | None = caches["local"].get(_KEY)
    if found is None:
        rows = Inspector.objects.filter(user__isnull=False).order_by().values_list("user_id", flat=True)
        found = frozenset(pk for pk in rows if pk is not None)
        caches["local"].set(_KEY, found, _SECONDS)
    return found


def forget_inspecting_users() -> None:
    """After a change of the register; other processes see it within a minute."""
    caches["local"].delete(_KEY)


def blind_checks_of(user_id: int, shown: ShownScores) -> list[SpotCheck]:
    """Checks this person's team is judging blind now, whose subject's scores were shown. One statement."""
    team = TeamMember.objects.filter(inspector__user=user_id, until_at__isnull=True)
    scored = Q(pk__in=shown.assessments)
    for organization, year in sorted(shown.districts):
        scored |= Q(organization=organization, year=year)
    return list(
        SpotCheck.objects.filter(
            pk__in=team.values("check_record_id"),
            state__in=BLIND_STATES,
            round__blind=True,
            subject__in=Assessment.objects.filter(scored).values("subject_id"),
        ).order_by("pk")
    )


@dataclass(frozen=True)
class LookRow:
    """As the record of a check prints it."""

    name: str
    page: str
    looked_at: datetime


def looks_of_check(check: SpotCheck) -> list[LookRow]:
    """In the order of time. One statement."""
    rows: Iterable[ScoreLook] = ScoreLook.objects.filter(check_record=check).select_related("user")
    return [LookRow(row.user.full_name, row.page, row.looked_at) for row in rows]
