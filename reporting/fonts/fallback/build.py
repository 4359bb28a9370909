"""Rebuild GW-Fallback.ttf: the characters of LXGW WenKai Light that the Fandol fonts lack.

    python reporting/fonts/fallback/build.py LXGWWenKai-Light.ttf

The source file comes from Debian's fonts-lxgw-wenkai (1.250). The OFL reserves the names "LXGW" and
"霞鹜" for unmodified fonts, so the subset carries its own family name; the copyright line stays.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent
FANDOL = HERE.parent / "fandol"
FAMILY = "GW-Fallback"
KEPT_RANGES = (
    (0x00A0, 0x024F),  # Latin-1 and extended Latin
    (0x0370, 0x04FF),  # Greek, Cyrillic
    (0x2000, 0x2BFF),  # punctuation, letterlike, numbers, arrows, mathematics, enclosed
    (0x2E80, 0x30FF),  # radicals, CJK symbols
    (0x31C0, 0x4DBF),  # strokes, enclosed, CJK compatibility (㎡), extension A
    (0x4E00, 0x9FFF),  # unified ideographs
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFE10, 0xFFEF),  # vertical, small and full-width forms
    (0x20000, 0x3FFFF),  # extensions B and later, for names
)


def missing_characters(source: TTFont) -> set[int]:
    """Code points that `source` has, that lie in the kept ranges and that at least one Fandol file lacks."""
    common = set.intersection(*(set(TTFont(path, lazy=True).getBestCmap()) for path in FANDOL.glob("*.otf")))
    return {
        code
        for code in source.getBestCmap()
        if code not in common and any(first <= code <= last for first, last in KEPT_RANGES)
    }


def rename(font: TTFont) -> None:
    """Replace every name that presents the font to a user; keep copyright and licence."""
    table = font["name"]
    copyright_line = table.getDebugName(0)
    table.names = []
    for name_id, text in {
        0: copyright_line,
        1: FAMILY,
        2: "Regular",
        3: f"{FAMILY}:1.250 subset",
        4: FAMILY,
        5: "Version 1.250; modified: subset, renamed, line metrics",
        6: FAMILY,
        13: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
        14: "https://scripts.sil.org/OFL",
    }.items():
        table.setName(text, name_id, 3, 1, 0x409)


def align_lines(font: TTFont) -> None:
    """Give the font Fandol's ascent and descent: a line with a rare character is then 0.12 pt taller, not 0.5."""
    font["hhea"].ascent = font["OS/2"].sTypoAscender = 880
    font["hhea"].descent = font["OS/2"].sTypoDescender = -120
    font["hhea"].lineGap = font["OS/2"].sTypoLineGap = 200
    font["OS/2"].usWinAscent, font["OS/2"].usWinDescent = 978, 272


def main(source_path: str) -> None:
    font = TTFont(source_path)
    options = subset.Options(
        layout_features=[],
        hinting=False,
        notdef_outline=True,
        name_IDs=["*"],
        drop_tables=["DSIG", "VORG", "BASE"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=missing_characters(font))
    subsetter.subset(font)
    rename(font)
    align_lines(font)
    font["OS/2"].usWeightClass = 400
    font.recalcTimestamp = False
    font.save(HERE / "GW-Fallback.ttf")


if __name__ == "__main__":
    main(sys.argv[1])
