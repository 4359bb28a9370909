"""A definition laid out as the tables of the authoring workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_set_json import to_canonical_json
from evaluation.rules.numbers import read_number
from evaluation.rules.workbook_form import (
    COVER,
    COVER_HEADINGS,
    COVER_ROWS,
    FORM_OF_KEY,
    PROVENANCE,
    WORDS,
    SheetForm,
)

Raw = Mapping[str, object]
Cell = str | int | Decimal | None
NUMBER_KEYS = frozenset(
    {
        "total_score",
        "pass_score",
        "veto_lookback_months",
        "max_score",
        "points",
        "target",
        "per_point",
        "step",
        "minimum",
    }
)


def to_tables(definition: IndicatorSetDefinition) -> list[tuple[str, list[list[Cell]]]]:
    """(sheet name, rows) for every sheet; the first row of each holds the headings."""
    raw = to_canonical_json(definition)
    dimensions = _lines(raw, "dimensions")
    items = [{"dimension": d["code"], **item} for d in dimensions for item in _lines(d, "indicators")]
    rules = [{"indicator": item["code"], **part} for item in items for part in _lines(item, "rule")]
    sources = [
        {"code": code, **line} for code, line in cast(Mapping[str, Raw], raw.get("sources", {})).items()
    ]
    tables: dict[str, Sequence[Raw]] = {
        "dimensions": dimensions,
        "indicators": items,
        "rule": rules,
        "vetoes": _lines(raw, "vetoes"),
        "deductions": _lines(raw, "deductions"),
        "surveys": _lines(raw, "surveys"),
        "sources": sources,
    }
    return [
        (COVER, _cover(raw)),
        *((FORM_OF_KEY[key].name, _rows(FORM_OF_KEY[key], lines)) for key, lines in tables.items()),
    ]


def _cover(raw: Raw) -> list[list[Cell]]:
    rows: list[list[Cell]] = [list(COVER_HEADINGS)]
    for label, (section, key) in COVER_ROWS.items():
        found = cast(Raw, raw[section])
        notes = cast(Mapping[str, Raw], found.get("notes", {})).get(key, {})
        rows.append([label, _cell(found, key), *(_cell(notes, name) for name in PROVENANCE.values())])
    return rows


def _rows(form: SheetForm, lines: Sequence[Raw]) -> list[list[Cell]]:
    return [list(form.columns), *([_cell(line, key) for key in form.columns.values()] for line in lines)]


def _cell(line: Raw, key: str) -> Cell:
    value = line.get(key)
    if value is None:
        return None
    if isinstance(value, list):
        if key == "bands":
            return "；".join("=".join(row) for row in value)
        words = [_word(key, item) for item in value]
        if not any(mark in word for word in words for mark in "、，,；;"):
            return "、".join(words)
        return "\n".join(words) + ("\n" if len(words) == 1 else "")  # a line break: one value per line
    if key in NUMBER_KEYS:
        return read_number(value, text_allowed=True)
    return _word(key, value)


def _word(key: str, value: object) -> str:
    """The Chinese word for a stored code, where there is one."""
    return next((word for word, code in WORDS.get(key, {}).items() if code == value), str(value))


def _lines(parent: Raw, key: str) -> list[Raw]:
    return cast(list[Raw], parent.get(key, []))
