"""What is missing of the years in use, with the task it was given out as: 查漏补缺 (C092)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from cultivation.models import WorkItem
from cultivation.rules.data_checks import MOST_DOUBTS
from cultivation.rules.gaps import gap_key, gap_title
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.rehearsal.base import all_rehearsals, day_at_hand
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization

# Overdue tasks and promises are tasks already.
_TASKS = frozenset({"WORK_ITEMS", "FOLLOW_UPS"})


@dataclass(frozen=True)
class Gap:
    """One thing missing of `year` at `organization`; `item` is the live task it was given out as."""

    key: str
    title: str
    what: str
    label: str
    detail: str
    year: int
    organization: Organization
    item: WorkItem | None = None


def gaps_on(scope: Scope, *, day: date) -> list[Gap]:
    """Every miss of the day (selectors.rehearsal) that is nobody's own later date. Statements: one per item, and three."""
    at = day_at_hand(day)
    if at is None:
        return []
    places = {one.name: one for one in Organization.objects.filter(level__in=[Level.CITY, Level.DISTRICT])}
    city = next((one for one in places.values() if one.level == Level.CITY), None)
    found: list[Gap] = []
    for item in all_rehearsals():
        if item.code in _TASKS:
            continue
        for miss in islice(item.find(scope, at), MOST_DOUBTS):
            place = places.get(miss.place) or places.get(miss.label) or city
            if miss.later or place is None or (scope.district is not None and place != scope.district):
                continue
            year = miss.year or at.year.pk
            found.append(
                Gap(
                    gap_key(item.code, year, place.pk, miss.label),
                    gap_title(item.title, miss.label),
                    item.title,
                    miss.label,
                    miss.detail,
                    year,
                    place,
                )
            )
    return _with_items(found)


def _with_items(gaps: Sequence[Gap]) -> list[Gap]:
    rows = WorkItem.objects.live().filter(title__in={gap.title for gap in gaps})
    items = {(row.organization_id, row.year_id, row.title): row for row in rows}
    return [
        Gap(
            gap.key,
            gap.title,
            gap.what,
            gap.label,
            gap.detail,
            gap.year,
            gap.organization,
            items.get((gap.organization.pk, gap.year, gap.title)),
        )
        for gap in gaps
    ]
