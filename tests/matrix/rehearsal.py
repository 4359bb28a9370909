"""时限预演: everyone who works with records, over what they see."""

from __future__ import annotations

from cultivation.selectors.rehearsal import OFFICES
from tests.matrix.cultivation import READERS
from tests.matrix.matrix import Entry

ENTRIES = [
    Entry("cultivation:rehearsal", READERS, query="?day=2026-12-30", shows="confirmed_roster"),
    Entry("cultivation:milestone_states", {role: READERS[role] for role in READERS if role in OFFICES}),
]
