"""What an open return round unlocks."""

from __future__ import annotations

from evaluation.models import Assessment, ReturnedItem


def returned_codes(assessment: Assessment) -> frozenset[str] | None:
    """Codes of the open return round, or None without one. One statement."""
    codes = ReturnedItem.objects.filter(round__assessment=assessment, round__closed_at__isnull=True)
    return frozenset(codes.values_list("indicator", flat=True)) or None
