"""One cell of a ledger to one typed value, by the kind of its column. Readers as in `imports_values`.

References (subject, unit, person, place, another record) are looked up in tables the caller has loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from cultivation.rules.calendar import YEARS
from cultivation.rules.imports_fields import RECORD_NUMBER, ImportField
from cultivation.rules.imports_values import BLANK, MASKED, NEW, NEW_WORD, Reader, Reading, is_masked
from cultivation.rules.record_numbers import RecordNumberError, read_record_number
from zaozhuang_portal.kernel.names import compact_name
from zaozhuang_portal.kernel.parsing import (
    ParseError,
    cell_text,
    clean_text,
    parse_date,
    parse_decimal,
    parse_int,
    parse_month,
    parse_phone,
    quote,
    to_half_width,
)

LARGEST_INTEGER = 2_000_000_000
LARGEST_DECIMAL = Decimal("99999999999999.99")
_SEPARATORS = re.compile(r"[、，,;；\n]+")
_TRUE = frozenset({"是", "有", "√", "✓", "✔", "y", "yes", "true", "1", "1.0", "已", "对"})
_FALSE = frozenset({"否", "无", "×", "✗", "n", "no", "false", "0", "0.0", "未", "没有", "不是"})
_LINE_BREAKS = re.compile(r"\r\n?|_x000D_\n?")


@dataclass(frozen=True)
class Ref:
    """What a cell points to: its id, its word, and the loaded row itself."""

    id: int
    label: str
    target: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Unresolved:
    """A reference that names nothing, or several: an error unless it is the word of what is stored already."""

    text: str
    cause: str
    what: str


Lookup = Callable[[str], "Ref | Unresolved"]


def make_ledger_readers(
    columns: Mapping[str, ImportField], slug: str, lookups: Mapping[str, Lookup]
) -> dict[str, Reader]:
    """One reader per field key; `lookups` serves the references, each word once."""
    return {key: _reader(column, slug, lookups) for key, column in columns.items()}


def _reader(column: ImportField, slug: str, lookups: Mapping[str, Lookup]) -> Reader:
    if column.key == RECORD_NUMBER:
        return lambda cell: _number(column, slug, cell)
    if column.key in lookups:
        return _remembering(lookups[column.key])
    read = _KINDS.get(column.kind, _text)
    if column.maskable:
        return lambda cell: (
            (MASKED, "", "") if type(cell) is str and is_masked(cell) else _safely(read, column, cell)
        )
    return lambda cell: _safely(read, column, cell)


def _safely(read: Callable[[ImportField, Any], Any], column: ImportField, cell: Any) -> Reading:
    try:
        return read(column, cell), "", ""
    except ParseError as error:
        return BLANK, f"{column.header}填写有误", str(error)


def _remembering(lookup: Lookup) -> Reader:
    seen: dict[str, Reading] = {}

    def reader(cell: Any) -> Reading:
        text = clean_text(cell)
        if text not in seen:
            seen[text] = (lookup(text), "", "")
        return seen[text]

    return reader


def _number(column: ImportField, slug: str, cell: Any) -> Reading:
    if clean_text(cell) == NEW_WORD:
        return NEW, "", ""
    try:
        return read_record_number(slug, cell_text(cell)), "", ""
    except RecordNumberError as error:
        return BLANK, f"{column.header}有误", f"{quote(cell)}{error}"


def _text(column: ImportField, cell: Any) -> str:
    return _short_enough(column, clean_text(cell))


def clean_long_text(value: object) -> str:
    """Trimmed, line breaks kept as \\n."""
    return _LINE_BREAKS.sub("\n", cell_text(value)).strip()


def _long_text(column: ImportField, cell: Any) -> str:
    return _short_enough(column, clean_long_text(cell))


def _short_enough(column: ImportField, text: str) -> str:
    if len(text) > column.longest:
        raise ParseError(f"{quote(text)}有 {len(text)} 个字，超过 {column.longest} 个字，请缩短")
    return text


def _integer(column: ImportField, cell: Any) -> int | None:
    maximum = LARGEST_INTEGER if column.maximum is None else column.maximum
    return parse_int(cell, minimum=column.minimum, maximum=maximum, unit=column.unit)


def _decimal(column: ImportField, cell: Any) -> Decimal | None:
    maximum = LARGEST_DECIMAL if column.maximum is None else column.maximum
    return parse_decimal(
        cell, minimum=column.minimum, maximum=maximum, places=column.places, unit=column.unit
    )


def _date(column: ImportField, cell: Any) -> date | None:
    return parse_date(cell)


def _month(column: ImportField, cell: Any) -> date | None:
    return parse_month(cell)


def _year(column: ImportField, cell: Any) -> int:
    text = to_half_width(clean_text(cell)).removesuffix("度").removesuffix("年").strip()
    if not text.isascii() or not text.isdecimal() or int(text) not in YEARS:
        raise ParseError(f"{quote(cell)}不是创建活动的年度，请填 {YEARS[0]} 至 {YEARS[-1]}")
    return int(text)


def _boolean(column: ImportField, cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    word = to_half_width(clean_text(cell)).lower()
    if word in _TRUE or word == column.header:
        return True
    if word in _FALSE:
        return False
    raise ParseError(f"{quote(cell)}看不出是或否，请填“是”或“否”")


def _phone(column: ImportField, cell: Any) -> str:
    return parse_phone(cell)


def _url(column: ImportField, cell: Any) -> str:
    text = "".join(clean_text(cell).split())
    if text and "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or "." not in parts.netloc:
        raise ParseError(
            f"{quote(cell)}不是完整的网址，请从浏览器地址栏复制，如 https://www.zaozhuang.gov.cn/"
        )
    return _short_enough(column, text)


def _choice(column: ImportField, cell: Any) -> str:
    code = _words(column).get(compact_name(cell_text(cell)))
    if code is None:
        raise ParseError(f"{quote(cell)}不在可选范围内，请填{_listed(column)}之一")
    return code


def _choices(column: ImportField, cell: Any) -> list[str]:
    """Words joined by 、; a word that itself holds a 、 is found whole. In the order of the choices."""
    words = _words(column)
    parts = [part for part in _SEPARATORS.split(cell_text(cell)) if part.strip()]
    found: set[str] = set()
    at = 0
    while at < len(parts):
        for end in range(len(parts), at, -1):
            code = words.get(compact_name("".join(parts[at:end])))
            if code is not None:
                found.add(code)
                at = end
                break
        else:
            raise ParseError(f"{quote(parts[at])}不在可选范围内，请填{_listed(column)}，几项之间用“、”隔开")
    return [code for code, _ in column.choices if code in found]


def _words(column: ImportField) -> dict[str, str]:
    table = {compact_name(code): code for code, _ in column.choices}
    return table | {compact_name(word): code for code, word in column.choices}


def _listed(column: ImportField) -> str:
    words = [f"“{word}”" for _, word in column.choices]
    return "".join(words) if len(words) <= 12 else f"{''.join(words[:12])}等"


_KINDS: Mapping[str, Callable[[ImportField, Any], Any]] = {
    "long_text": _long_text,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "month": _month,
    "year": _year,
    "boolean": _boolean,
    "choice": _choice,
    "choices": _choices,
    "phone": _phone,
    "url": _url,
}


def same_value(kind: str, old: Any, new: Any) -> bool:
    """Whether a stored value and one read from a cell say the same; blanks are equal, words compare as cleaned."""
    if kind == "long_text":
        return clean_long_text(old) == clean_long_text(new)
    if isinstance(old, str) and isinstance(new, str):
        return clean_text(old) == clean_text(new)
    blank: tuple[Any, ...] = (None, "", [])
    return bool(old == new) or (old in blank and new in blank)
