"""An entry grid on a page: cells typed as text, what was shown when the page was made, errors cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.http import QueryDict

from zaozhuang_portal.kernel.parsing import ParseError, parse_int

Value = TypeVar("Value")
_UNIT = re.compile(r"(?:人次|人|件|户|家|个)$")
PREFIX = "g-"
SHOWN = "shown"


def count_cell(text: str) -> int | None:
    """A number of cases or people, 0 to 100,000; 0 and blank are the same: nothing. A unit behind it is dropped."""
    return parse_int(_UNIT.sub("", text.strip()), minimum=0, maximum=100_000) or None


def reported_cell(text: str) -> int | None:
    """As count_cell, but a typed 0 says: nothing happened, and is kept."""
    return parse_int(_UNIT.sub("", text.strip()), minimum=0, maximum=1_000_000)


@dataclass(frozen=True)
class GridCell:
    name: str
    text: str
    error: str = ""
    other: str = ""


@dataclass
class EntryGrid(Generic[Value]):
    """`stored`: cell key → value now. With `data` (a POST) the typed texts are read, otherwise the stored are shown.

    Only keys of `stored` are taken, so that nobody can post a cell the page did not have.
    """

    stored: Mapping[str, Value | None]
    parse: Callable[[str], Value | None]
    show: Callable[[Value], str] = str
    data: QueryDict | None = None
    typed: dict[str, Value | None] = field(init=False, default_factory=dict)
    errors: dict[str, str] = field(init=False, default_factory=dict)
    others: dict[str, str] = field(init=False, default_factory=dict)
    _texts: dict[str, str] = field(init=False, default_factory=dict)
    _shown: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.data is None:
            return
        self._shown = _read_shown(self.data.get(SHOWN, ""))
        for key in self.stored:
            text = self.data.get(PREFIX + key)
            if text is None:
                continue
            self._texts[key] = text
            try:
                self.typed[key] = self.parse(text)
            except ParseError as error:
                self.errors[key] = str(error)

    @property
    def is_valid(self) -> bool:
        return not self.errors

    @property
    def shown(self) -> dict[str, Value | None]:
        """What the page showed before; a cell it did not show was empty."""
        found: dict[str, Value | None] = {}
        for key, text in self._shown.items():
            try:
                found[key] = self.parse(text)
            except ParseError:
                found[key] = None
        return found

    @property
    def shown_json(self) -> str:
        """For the hidden field: what is stored now, so that a second attempt is judged against what the page shows."""
        texts = {key: self._text(value) for key, value in self.stored.items() if value is not None}
        return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))

    def _text(self, value: Value | None) -> str:
        return "" if value is None else self.show(value)

    def put(self, key: str, value: Value | None) -> None:
        """Put a value into a cell as if it had been typed (pasted)."""
        self._texts[key] = self._text(value)
        self.typed[key] = value

    def mark(self, name: str, message: str) -> None:
        """Show the message at the cell of that name, or at the first of the line with that name."""
        at = next((key for key in self.stored if key == name or key.partition(":")[0] == name), None)
        if at is not None:
            self.errors.setdefault(at, message)

    def mark_conflicts(self, conflicts: Mapping[str, Any]) -> None:
        """Show beside these cells what is stored now."""
        self.others = {key: self._text(value) or "空" for key, value in conflicts.items()}

    def mark_stale(self) -> None:
        """Mark every cell that was typed and is stored otherwise than the page had shown."""
        shown = self.shown
        self.mark_conflicts(
            {
                key: self.stored[key]
                for key, value in self.typed.items()
                if value not in (shown.get(key), self.stored[key]) and self.stored[key] != shown.get(key)
            }
        )

    def total(self, keys: Iterable[str]) -> int:
        """The sum of these cells as the page shows them; what is blank or no number adds nothing."""
        found = 0
        for key in keys:
            if key in self.errors:
                continue
            value = self.typed[key] if key in self.typed else self.stored.get(key)
            found += value if isinstance(value, int) else 0
        return found

    def cell(self, key: str) -> GridCell:
        text = self._texts.get(key, self._text(self.stored.get(key)))
        return GridCell(PREFIX + key, text, self.errors.get(key, ""), self.others.get(key, ""))


def _read_shown(text: str) -> dict[str, str]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key): str(value) for key, value in found.items()}
