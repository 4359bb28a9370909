"""Rebuild GW-Song.otf: the page number's characters of FandolSong-Regular, the only text set in Song (GB/T 9704 7.5).

    python reporting/fonts/numbers/build.py FandolSong-Regular.otf

The source file comes from Debian's texlive-lang-chinese (Fandol 0.3); licence: ../fandol/COPYING.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

CHARACTERS = "0123456789 —"
FAMILY = "GW-Song"


def main(source_path: str) -> None:
    font = TTFont(source_path)
    subsetter = subset.Subsetter(subset.Options(layout_features=[], hinting=False, name_IDs=[0, 13, 14]))
    subsetter.populate(text=CHARACTERS)
    subsetter.subset(font)
    for name_id, text in {
        1: FAMILY,
        2: "Regular",
        3: f"{FAMILY}:0.3 subset",
        4: FAMILY,
        5: "Version 0.3; modified: digits, space and dash only, renamed",
        6: FAMILY,
    }.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font.recalcTimestamp = False
    font.save(Path(__file__).resolve().parent / "GW-Song.otf")


if __name__ == "__main__":
    main(sys.argv[1])
