"""What views hand to the components of templates/components (docs/front-end.md). No domain words here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Chip:
    """An active filter: 「区（市）：滕州市 ×」. `remove_url` is the same list without it."""

    label: str
    value: str
    remove_url: str


@dataclass(frozen=True)
class Change:
    """One changed field of a timeline entry."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class TimelineEntry:
    """动态: newest first. `at` is a date when no time is known, so that no 00:00 is invented."""

    title: str
    who: str
    at: datetime | date
    href: str = ""
    changes: Sequence[Change | tuple[str, str, str]] = ()
    note: str = ""


@dataclass(frozen=True)
class Step:
    """One step of 办理进度. `state` is done, current or todo."""

    label: str
    state: str = "todo"
    note: str = ""


@dataclass(frozen=True)
class UndoOffer:
    """An act that can be taken back by one POST to `url` with `fields`; shown until the next page."""

    text: str
    url: str
    label: str = "撤销"
    fields: tuple[tuple[str, str], ...] = ()
