"""The indicators a visit of cultivation may name (registered in wiring; cultivation does not know evaluation)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cultivation.indicator_offers import IndicatorOffer
from evaluation.selectors.definitions import definition_of, published_sets_for


def offered_indicators(subject_kind: str, on: date) -> Sequence[IndicatorOffer]:
    """Per published standard in effect for this kind of subject its items. Statements: 1."""
    return [
        IndicatorOffer(
            title=f"{row.title}（{row.code}）",
            label=row.get_status_display() if row.is_reconstruction else "",
            items=[(item.code, item.name_for(subject_kind)) for item in definition_of(row).indicators],
        )
        for row in published_sets_for(subject_kind, on)
    ]
