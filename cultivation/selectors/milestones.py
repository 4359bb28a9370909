"""Dates of the year the portal keeps no records of (中期评估, 总结评估), or not all (市级抽查): the city says when each was
done."""

from __future__ import annotations

from django.db.models import QuerySet

from cultivation.models import Milestone
from cultivation.selectors.rehearsal.base import all_rehearsals


def own_milestones() -> QuerySet[Milestone]:
    """Those nothing else judges, and those the city may also register as held on paper."""
    judged = {item.milestone for item in all_rehearsals() if item.milestone and not item.or_registered}
    return Milestone.objects.exclude(code__in=judged)


def milestones_not_done() -> QuerySet[Milestone]:
    return own_milestones().filter(done_on__isnull=True)
