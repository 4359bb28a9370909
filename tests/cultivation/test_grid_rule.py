"""Entry grids: what is written, what is left alone, what two people changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cultivation.rules.grids import merge_grid

CELLS = st.dictionaries(st.sampled_from("abcdef"), st.one_of(st.none(), st.integers(0, 5)))


def test_the_four_cases_by_hand() -> None:
    shown = {"same": 1, "mine": 1, "theirs": 1, "both": 1, "clash": 1, "gone": 1}
    typed = {"same": 1, "mine": 2, "theirs": 1, "both": 3, "clash": 2, "gone": None, "new": 4}
    stored = {"same": 1, "mine": 1, "theirs": 9, "both": 3, "clash": 9, "gone": 1}
    merged = merge_grid(shown, typed, stored)
    assert merged.changes == {"mine": (1, 2), "gone": (1, None), "new": (None, 4)}
    assert merged.conflicts == {"clash": (2, 9)}


@given(shown=CELLS, typed=CELLS, stored=CELLS)
def test_nobody_elses_number_is_overwritten_and_every_own_change_is_kept_or_told(
    shown, typed, stored
) -> None:
    merged = merge_grid(shown, typed, stored)
    assert not set(merged.changes) & set(merged.conflicts)
    for key, (old, new) in merged.changes.items():
        assert old == stored.get(key) == shown.get(key) and new == typed[key] != old
    for key, value in typed.items():
        touched = value != shown.get(key)
        done = key in merged.changes or key in merged.conflicts or value == stored.get(key)
        assert done or not touched


@given(shown=CELLS, typed=CELLS)
def test_alone_everything_typed_stands(shown, typed) -> None:
    merged = merge_grid(shown, typed, shown)
    assert not merged.conflicts
    after = shown | {key: new for key, (_, new) in merged.changes.items()}
    assert all(after.get(key) == value for key, value in typed.items())
