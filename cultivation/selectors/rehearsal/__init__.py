"""时限预演 (N14): pick a "today" and see who would miss what; upper apps register their own items."""

from cultivation.selectors.rehearsal import items
from cultivation.selectors.rehearsal.base import (
    OFFICES,
    DayAtHand,
    Miss,
    Rehearsal,
    RehearsalItem,
    day_at_hand,
    judge_milestones,
    register_rehearsal,
    rehearse,
)

__all__ = [
    "OFFICES",
    "DayAtHand",
    "Miss",
    "Rehearsal",
    "RehearsalItem",
    "day_at_hand",
    "items",
    "judge_milestones",
    "register_rehearsal",
    "rehearse",
]
