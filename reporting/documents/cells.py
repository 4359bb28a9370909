"""Numbers in the character grid of GB/T 9704-2012: each fills whole cells, so that lines end flush.

A digit is half a character wide. Twenty-eight characters fill a line only if every number takes a whole number of cells;
what a number lacks is put on both its sides, as a typesetter would.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from reporting.rules.narrative import split_gaps

CELL = 15.79  # points; 156 mm / 28
SIZE = 16.0  # points; size 3
SPACING = -0.21  # points after each character, as in official.css
# A number of at most eight digits and signs that is no part of a word, or an unbroken run that may outgrow its line.
_RUN = re.compile(r"(?P<long>[!-~]{20,})|(?<![!-~])(?P<number>\d[\d.,]{0,7}%?)(?![!-~])", re.ASCII)
_WIDTHS = {".": 0.278, ",": 0.278, "%": 0.833}  # of FandolFang, in em; its digits are 0.5


class Piece(NamedTuple):
    """A run of text: a marked gap, a number with `pad` points on each side, an overlong word, or none of these."""

    text: str
    is_gap: bool = False
    pad: float | None = None
    is_long: bool = False


def number_pad(number: str) -> float:
    """Points to put on each side of `number` so that it fills whole cells."""
    width = sum(_WIDTHS.get(char, 0.5) * SIZE + SPACING for char in number)
    return round((math.ceil(width / CELL) * CELL - width) / 2, 3)


def cell_pieces(text: str) -> list[Piece]:
    """`text` cut into gaps, numbers, overlong words and the rest; joined again it is `text`."""
    pieces: list[Piece] = []
    for part, is_gap in split_gaps(text):
        if is_gap:
            pieces.append(Piece(part, is_gap=True))
            continue
        position = 0
        for match in _RUN.finditer(part):
            if match.start() > position:
                pieces.append(Piece(part[position : match.start()]))
            number = match["number"]
            pieces.append(
                Piece(number, pad=number_pad(number)) if number else Piece(match["long"], is_long=True)
            )
            position = match.end()
        if position < len(part):
            pieces.append(Piece(part[position:]))
    return pieces
