"""What a noun adds to its record page and its paper: a context beside templates/cultivation/ledgers/<slug>/detail.html,
and the lines of a sheet to be signed that the record knows already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zaozhuang_portal.accounts.actors import Actor

DetailContext = Callable[[Actor, Any], Mapping[str, Any]]
# What stands under each head of a line; a head that is left out stays empty.
PaperLines = Callable[[Actor, Any], Sequence[Mapping[str, str]]]
_paper_lines: dict[str, PaperLines] = {}
_contexts: dict[str, list[DetailContext]] = {}


def register_detail_context(slug: str, context: DetailContext) -> None:
    """`context(actor, record)` is merged into the record page's context; several may be registered."""
    known = _contexts.setdefault(slug, [])
    if context not in known:
        known.append(context)


def detail_context(slug: str, actor: Actor, record: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for context in _contexts.get(slug, ()):
        merged.update(context(actor, record))
    return merged


def register_paper_lines(slug: str, lines: PaperLines) -> None:
    """`lines(actor, record)` fills the sheet of the record's paper, blank lines included."""
    _paper_lines[slug] = lines


def known_paper_lines(slug: str, actor: Actor, record: Any) -> Sequence[Mapping[str, str]] | None:
    """None: nothing is known of such papers, the sheet is blank."""
    found = _paper_lines.get(slug)
    return found(actor, record) if found is not None else None
