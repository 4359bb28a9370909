"""Find the heading row of a sheet and guess which column is which. Title rows above it are passed over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from cultivation.rules.imports_fields import DISTRICT, DISTRICT_WORDS, IGNORED, KindSpec
from zaozhuang_portal.kernel.parsing import cell_text

SEARCHED_ROWS = 30
_DECORATION = re.compile(r"[\s*:：、,，.。·/\\_\-－—()（）\[\]【】《》<>“”\"']+")
_OPTIONAL = re.compile(r"[（(](?:必填|选填|可空|可不填|示例|单位)[^）)]*[）)]")
_CODE = re.compile(r"(?=.*\d.*\d)[0-9A-HJ-NP-RTUW-Y]{18}")
_PARENTHESIS = re.compile(r"[（(][^（()）]*[）)]")


class Certainty(StrEnum):
    """EXACT: a known spelling. GUESS: contains one, to be confirmed. NONE: not used."""

    EXACT = "EXACT"
    GUESS = "GUESS"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """Column `index` (0 = A) with its heading, the field it is taken for ('' = not used) and how sure that is."""

    index: int
    heading: str
    key: str
    certainty: Certainty


@dataclass(slots=True)
class SheetLayout:
    """Where a sheet's table is: `header_row` counts from 0; `depth` is 2 for a two-row heading."""

    header_row: int
    depth: int
    columns: list[ColumnGuess] = field(default_factory=list)

    @property
    def first_data_row(self) -> int:
        return self.header_row + self.depth

    @property
    def keys(self) -> set[str]:
        return {column.key for column in self.columns if column.key}

    def is_sure(self) -> bool:
        """No column rests on a guess: steps ③–⑤ need no click (ux J2)."""
        return all(column.certainty is not Certainty.GUESS for column in self.columns)


def normalize_heading(text: object) -> str:
    """Half-width, lower-case, without spaces, stars, brackets and 「（必填）」."""
    folded = unicodedata.normalize("NFKC", cell_text(text)).lower()
    return _DECORATION.sub("", _OPTIONAL.sub("", folded))


@cache
def synonyms_of(spec: KindSpec) -> dict[str, str]:
    """Normalized heading → field key, exact spellings only. A column's own name goes before another's synonym."""
    words = {normalize_heading(word): IGNORED for word in spec.understood}
    words |= {normalize_heading(word): DISTRICT for word in DISTRICT_WORDS}
    for field_ in reversed(spec.fields):
        for word in field_.synonyms:
            words[normalize_heading(word)] = IGNORED if field_.read_only else field_.key
    for field_ in reversed(spec.fields):
        words[normalize_heading(field_.header)] = IGNORED if field_.read_only else field_.key
    return words


def guess_key(spec: KindSpec, heading: str) -> tuple[str, Certainty]:
    """The field a heading stands for: exact spelling, spelling without its parenthesis, or longest one inside."""
    words = synonyms_of(spec)
    normal = normalize_heading(heading)
    if not normal:
        return "", Certainty.NONE
    if normal in words:
        return words[normal], Certainty.EXACT
    bare = normalize_heading(_PARENTHESIS.sub("", unicodedata.normalize("NFKC", heading)))
    if bare in words:
        return words[bare], Certainty.EXACT
    inside = [
        word for word in words if len(word) >= 2 and word in normal and words[word] not in (IGNORED, DISTRICT)
    ]
    if inside and len(normal) <= 20:
        return words[max(inside, key=len)], Certainty.GUESS
    return "", Certainty.NONE


def find_layout(
    spec: KindSpec, rows: Sequence[Sequence[object]], mapping: Mapping[str, str] | None = None
) -> SheetLayout | None:
    """The table's heading within the first 30 rows, or None when no row looks like one.

    `mapping` (heading → key, '' = not used) overrides the guesses; it comes from the user's own choice.
    """
    best: tuple[int, int, SheetLayout] | None = None
    for index in range(min(len(rows), SEARCHED_ROWS)):
        if holds_data(rows[index]):
            continue
        for depth in (1, 2):
            headings = _headings(rows, index, depth)
            if headings is None:
                continue
            columns = _columns(spec, headings, mapping or {})
            exact = sum(column.certainty is Certainty.EXACT for column in columns if column.key)
            score = exact * 3 + sum(column.certainty is Certainty.GUESS for column in columns)
            if best is None or (score, -depth) > best[:2]:
                best = (score, -depth, SheetLayout(index, depth, columns))
    if best is None:
        return None
    layout = best[2]
    known = layout.keys - {IGNORED, DISTRICT}
    alone = len(layout.columns) == 1 and bool(known) and known >= set(spec.required)
    return layout if len(known) >= 2 or alone or (mapping and known) else None


def holds_data(row: Sequence[object]) -> bool:
    """Whether a row holds what no heading does: a credit code. Such a row is somebody's data, never a heading."""
    return any(_CODE.fullmatch(unicodedata.normalize("NFKC", cell_text(cell)).strip()) for cell in row)


def _headings(rows: Sequence[Sequence[object]], index: int, depth: int) -> list[str] | None:
    top = [cell_text(cell).strip() for cell in rows[index]]
    if not any(top):
        return None
    if depth == 1:
        return top
    if index + 1 >= len(rows):
        return None
    below = [cell_text(cell).strip() for cell in rows[index + 1]]
    width = max(len(top), len(below))
    top += [""] * (width - len(top))
    below += [""] * (width - len(below))
    # A real second heading row fills gaps under a merged heading and leaves the rest empty.
    if (
        not any(below)
        or any(len(text) > 20 for text in below)
        or all(below[i] for i, text in enumerate(top) if text)
    ):
        return None
    return [lower or upper for upper, lower in zip(top, below, strict=True)]


def _columns(spec: KindSpec, headings: list[str], mapping: Mapping[str, str]) -> list[ColumnGuess]:
    columns = []
    for index, heading in enumerate(headings):
        if not heading:
            continue
        if heading in mapping:
            key = mapping[heading]
            columns.append(ColumnGuess(index, heading, key, Certainty.EXACT if key else Certainty.NONE))
            continue
        key, certainty = guess_key(spec, heading)
        columns.append(ColumnGuess(index, heading, key, certainty))
    taken: dict[str, ColumnGuess] = {}
    for column in sorted(columns, key=lambda item: (item.certainty is not Certainty.EXACT, item.index)):
        if column.key and column.key not in (IGNORED,):
            taken.setdefault(column.key, column)
    return [
        column if not column.key or column.key == IGNORED or taken[column.key] is column
        else ColumnGuess(column.index, column.heading, "", Certainty.NONE)
        for column in columns
    ]  # fmt: skip
