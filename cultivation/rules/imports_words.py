"""Values and outcomes in words: 「职工人数 280 → 312」, 「新增」, 「不变」."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cultivation.rules.imports_fields import KindSpec
from cultivation.rules.imports_values import OWNERSHIP_WORDS, SIZE_WORDS, Place
from cultivation.rules.industries import industry_label
from zaozhuang_portal.kernel.parsing import cell_text

BLANK_WORD = "（空）"


def show_value(key: str, value: Any, places: Mapping[int, str]) -> str:
    """A value as a person reads it; `places` names townships by id."""
    if value is None or value == "":
        return BLANK_WORD
    if isinstance(value, Place):
        return value.name
    if key == "township":
        return places.get(value, str(value))
    if key == "ownership":
        return OWNERSHIP_WORDS.get(value, str(value))
    if key == "size_class":
        return SIZE_WORDS.get(value, str(value))
    if key == "industry_code":
        return industry_label(str(value))
    return cell_text(value)


def show_changes(
    spec: KindSpec, changes: Mapping[str, tuple[Any, Any]], places: Mapping[int, str]
) -> list[tuple[str, str, str]]:
    """(label, old, new) of each changed column, in the order of the template."""
    columns = spec.by_key
    return [
        (columns[key].header, show_value(key, pair[0], places), show_value(key, pair[1], places))
        for key, pair in sorted(
            changes.items(), key=lambda item: list(columns).index(item[0]) if item[0] in columns else 99
        )
        if key in columns
    ]
