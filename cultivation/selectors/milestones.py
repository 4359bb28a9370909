"""Dates of the year the portal keeps no records of (市级抽查, 中期评估, 总结评估): the city says when each was done."""

from __future__ import annotations

from django.db.models import QuerySet

from cultivation.models import Milestone
from cultivation.selectors.rehearsal.base import all_rehearsals


def own_milestones() -> QuerySet[Milestone]:
    """Those nothing else judges."""
    judged = {item.milestone for item in all_rehearsals() if item.milestone}
    return Milestone.objects.exclude(code__in=judged)


def milestones_not_done() -> QuerySet[Milestone]:
    return own_milestones().filter(done_on__isnull=True)
