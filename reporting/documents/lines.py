"""Text set in lines of GB/T 9704-2012, 28 characters wide: broken as Chinese is broken, every line ending flush.

WeasyPrint stretches blanks only, and Chinese has none: a line with figures, half a character wide each, would end
ragged. So lines are broken here, and what one lacks is spread over all its characters alike. Figures keep the spacing
of the words around them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from reporting.documents.fonts import font_files
from reporting.rules.narrative import split_gaps

SIZE = 16.0  # points; size 3
SPACING = -0.21  # points after each character, as in official.css
CELL = SIZE + SPACING  # 15.79 pt; 156 mm / 28
MEASURE = 156 * 72 / 25.4
INDENT = 2 * CELL
# 禁则: what may not begin a line, and what may not end one.
NO_START = frozenset("，。、；：？！）】》」』”’〕％%…—·,.;:?!)]}")
NO_END = frozenset("（【《「『“‘〔([{")
_DEFAULT_WIDTH = 1.0


class Piece(NamedTuple):
    """A run of text of one line; a marked gap is highlighted."""

    text: str
    is_gap: bool = False


class Line(NamedTuple):
    """A line of a paragraph and the letter-spacing, in points, that makes it end flush."""

    pieces: tuple[Piece, ...]
    spacing: float

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@lru_cache(maxsize=1)
def _advances() -> dict[int, float]:
    """Width of every character of the body face, in em; the fallback's where the face lacks it."""
    from fontTools.ttLib import TTFont

    widths: dict[int, float] = {}
    files = font_files()
    for family in ("GW-Fallback", "GW-Fang"):
        font = TTFont(files[family], lazy=True)
        metrics, units = font["hmtx"].metrics, font["head"].unitsPerEm
        widths |= {code: metrics[name][0] / units for code, name in font.getBestCmap().items()}
    return widths


def width_of(char: str) -> float:
    """Points `char` takes on the line, its spacing included."""
    return _advances().get(ord(char), _DEFAULT_WIDTH) * SIZE + SPACING


def _joined(before: str, after: str) -> bool:
    """May the line not break between these two? Words and numbers stay whole."""
    return after in NO_START or before in NO_END or ("!" <= before <= "~" and "!" <= after <= "~")


def _breaks(text: str) -> list[int]:
    """Where the lines of `text` end, its own end last."""
    ends: list[int] = []
    start, room, width, last = 0, MEASURE - INDENT, 0.0, 0
    at = 0
    while at < len(text):
        if at > start and not _joined(text[at - 1], text[at]):
            last = at
        width += width_of(text[at])
        if width > room + 0.01 and at > start:
            start = last if last > start else at  # a word longer than the line breaks where it must
            ends.append(start)
            at, room, width = start, MEASURE, 0.0
            continue
        at += 1
    return [*ends, len(text)]


def set_lines(text: str) -> list[Line]:
    """The paragraph's lines, the first one indented by two characters; joined again they are `text`."""
    ends = _breaks(text)
    starts = [0, *ends[:-1]]
    pieces = [Piece(part, is_gap) for part, is_gap in split_gaps(text)]
    lines: list[Line] = []
    for start, end in zip(starts, ends, strict=True):
        room = MEASURE - (0 if start else INDENT)
        lack = room - sum(width_of(char) for char in text[start:end])
        spread = lack / max(end - start - 1, 1) if end != len(text) else 0.0
        lines.append(Line(_within(pieces, start, end), round(SPACING + spread, 3)))
    return lines


def _within(pieces: list[Piece], start: int, end: int) -> tuple[Piece, ...]:
    """The parts of `pieces` between two positions of the text they make."""
    found, position = [], 0
    for piece in pieces:
        part = piece.text[max(start - position, 0) : max(end - position, 0)]
        if part:
            found.append(Piece(part, piece.is_gap))
        position += len(piece.text)
    return tuple(found)
