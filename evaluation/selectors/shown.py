"""Whose scores a request or a job has read, for whoever must know of it afterwards (looks of blind inspectors).

Every reader of scores says so here (selectors.scores, selectors.layers, the figures of a report); nothing is kept unless
somebody listens, and that costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class ShownScores:
    """`districts`: (organization, year) of figures that list every subject of theirs."""

    assessments: set[int] = field(default_factory=set)
    districts: set[tuple[int, int]] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.assessments or self.districts)


_listening: ContextVar[ShownScores | None] = ContextVar("shown_scores", default=None)


@contextmanager
def scores_shown() -> Iterator[ShownScores]:
    """What is read inside, in this thread."""
    shown = ShownScores()
    token = _listening.set(shown)
    try:
        yield shown
    finally:
        _listening.reset(token)


@contextmanager
def read_but_not_shown() -> Iterator[None]:
    """For a reader that takes something else out of figures with scores."""
    token = _listening.set(None)
    try:
        yield
    finally:
        _listening.reset(token)


def note_scores(assessments: Iterable[int]) -> None:
    if (shown := _listening.get()) is not None:
        shown.assessments.update(assessments)


def note_district(organization: int, year: int) -> None:
    if (shown := _listening.get()) is not None:
        shown.districts.add((organization, year))
