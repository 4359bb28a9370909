"""What is wrong with a cell, in the words of ux E13: where, what was found, how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CellDoubt:
    """One error or warning. `row` counts as Excel does, from 1; `column_index` from 0, -1 for a missing column.

    `cause` is the same for all doubts of one kind, to group them: 「缺少统一社会信用代码」.
    """

    sheet: str
    row: int
    column_index: int
    column: str
    value: str
    cause: str
    what: str

    @property
    def message(self) -> str:
        place = f"{column_letter(self.column_index)} 列" if self.column_index >= 0 else ""
        return f"第 {self.row} 行 {place}“{self.column}”：{self.what}"

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class DoubtGroup:
    """All doubts of one cause, for the preview: the count first, rows below."""

    cause: str
    count: int
    doubts: tuple[CellDoubt, ...]


def group_by_cause(doubts: Iterable[CellDoubt], *, most: int = 50) -> list[DoubtGroup]:
    """Groups by falling count; at most `most` doubts are kept in each."""
    groups: dict[str, list[CellDoubt]] = {}
    for doubt in doubts:
        groups.setdefault(doubt.cause, []).append(doubt)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [DoubtGroup(cause, len(items), tuple(items[:most])) for cause, items in ordered]


def column_letter(index: int) -> str:
    """A for 0, AA for 26."""
    letters = ""
    number = index + 1
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
