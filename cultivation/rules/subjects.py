"""Pure rules of a subject: the names derived from its name."""

from __future__ import annotations

from dataclasses import dataclass

from zaozhuang_portal.kernel.names import bigrams, compact_name, normalize_name


@dataclass(frozen=True, slots=True)
class DerivedNames:
    """What is stored beside a name: to find duplicates, to search, and the two-character pieces for the index."""

    normalized_name: str
    search_name: str
    name_bigrams: str


def derive_names(name: str) -> DerivedNames:
    return DerivedNames(normalize_name(name), compact_name(name), " ".join(bigrams(name)))
