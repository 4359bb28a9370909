"""Indicators a visit may have worked on. The app that owns the standards registers where they come from (no arrow upward)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class IndicatorOffer:
    """One standard that applies to a kind of subject: `items` are (code, name); `label` 「重构稿，待官方文本核定」 or ""."""

    title: str
    label: str
    items: Sequence[tuple[str, str]]


IndicatorSource = Callable[[str, date], Sequence[IndicatorOffer]]
_sources: list[IndicatorSource] = []


def register_indicator_source(source: IndicatorSource) -> None:
    """Called in AppConfig.ready(); the same source again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def indicator_offers(subject_kind: str, on: date) -> list[IndicatorOffer]:
    """The standards that apply to this kind of subject on the day."""
    return [offer for source in _sources for offer in source(subject_kind, on)]


def indicator_names(subject_kind: str, on: date) -> dict[str, str]:
    """code → name over all standards that apply."""
    return {code: name for offer in indicator_offers(subject_kind, on) for code, name in offer.items}
