"""The milestones of a year as a code table in memory: nobody edits them while the portal runs."""

from __future__ import annotations

from django.core.cache import caches

from cultivation.models import Milestone

_SECONDS = 60


def milestones_of(year: int) -> list[Milestone]:
    """In the order of their days; at most one minute old. Shared by all threads: not to be changed."""
    key = f"cultivation.milestones.{year}"
    found: list[Milestone] | None = caches["local"].get(key)
    if found is None:
        found = list(Milestone.objects.filter(year_id=year).order_by("due_on", "id"))
        caches["local"].set(key, found, _SECONDS)
    return found
