"""Standards for the eyes of people: the list one may see, what a version changes against the one before."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from evaluation.models import IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_set_diff import Change, diff_indicator_sets
from evaluation.selectors.definitions import definition_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role


def visible_indicator_sets(actor: Actor) -> QuerySet[IndicatorSet]:
    """Published and retired versions for everybody who is signed in; drafts for the city office only."""
    rows = IndicatorSet.objects.all()
    return rows if actor.role == Role.CITY_OFFICE else rows.exclude(state=IndicatorSetState.DRAFT)


def previous_version(code: str, *, before: IndicatorSet | None = None) -> IndicatorSet | None:
    """The published version of a standard that `before` would follow; the newest one for a set not stored yet."""
    rows = IndicatorSet.objects.filter(code=code, state=IndicatorSetState.PUBLISHED)
    if before is not None:
        rows = rows.exclude(pk=before.pk)
        if before.published_at is not None:
            rows = rows.filter(published_at__lte=before.published_at)
    return rows.defer("definition").order_by("-published_at", "-id").first()


def compare_with_previous(
    definition: IndicatorSetDefinition, *, stored: IndicatorSet | None = None
) -> tuple[IndicatorSet | None, Sequence[Change]]:
    """The version before and what changes against it; (None, ()) for the first version of a standard."""
    previous = previous_version(definition.code, before=stored)
    if previous is None:
        return None, ()
    return previous, diff_indicator_sets(definition_of(previous), definition)
