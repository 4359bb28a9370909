"""Canonical JSON and its hash: the same figures always give the same text (design §5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_json(figures: Mapping[str, Any]) -> str:
    """Sorted keys, no spaces, no escapes. Values must be plain JSON; a float raises TypeError."""
    _refuse_floats(figures)
    return json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(text: str) -> str:
    """SHA-256 in hex over the UTF-8 text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("figures hold decimal strings, never floats")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _refuse_floats(item)
