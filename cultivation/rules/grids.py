"""Entry grids: many numbers typed on one page. Three versions of a cell meet: shown before, typed now, stored now."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True)
class GridMerge(Generic[Key, Value]):
    """`changes`: cell → (stored, typed), to be written. `conflicts`: cell → (typed, stored), changed by two people."""

    changes: dict[Key, tuple[Value | None, Value | None]] = field(default_factory=dict)
    conflicts: dict[Key, tuple[Value | None, Value | None]] = field(default_factory=dict)


def merge_grid(
    shown: Mapping[Key, Value | None], typed: Mapping[Key, Value | None], stored: Mapping[Key, Value | None]
) -> GridMerge[Key, Value]:
    """What the page changed, laid over what is stored now. None is an empty cell; cells not typed are left alone.

    A cell the person did not touch keeps the stored value; a touched one that somebody else changed to something
    else meanwhile is a conflict; both having typed the same is none.
    """
    merged: GridMerge[Key, Value] = GridMerge()
    for key, value in typed.items():
        before, now = shown.get(key), stored.get(key)
        if value in (before, now):
            continue
        if now != before:
            merged.conflicts[key] = (value, now)
        else:
            merged.changes[key] = (now, value)
    return merged
