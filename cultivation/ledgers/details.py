"""What a noun adds to its record page: a context beside its own templates/cultivation/ledgers/<slug>/detail.html."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zaozhuang_portal.accounts.actors import Actor

DetailContext = Callable[[Actor, Any], Mapping[str, Any]]
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
