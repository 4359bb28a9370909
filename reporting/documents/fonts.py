"""The bundled fonts: Fandol for the official styles, one fallback for rare characters (fonts/VENDOR.json)."""

from __future__ import annotations

from pathlib import Path

FONTS_DIR = Path(__file__).resolve().parent.parent / "fonts"

# Own family names, so that a font of the machine never leaks in. GB/T 9704-2012: body FangSong, headings Hei
# and Kai, title 小标宋 (Song Bold stands in), page numbers Song (those characters only).
_FILES = {
    "GW-Fang": "fandol/FandolFang-Regular.otf",
    "GW-Hei": "fandol/FandolHei-Regular.otf",
    "GW-Kai": "fandol/FandolKai-Regular.otf",
    "GW-SongBold": "fandol/FandolSong-Bold.otf",
    "GW-Song": "numbers/GW-Song.otf",
    "GW-Fallback": "fallback/GW-Fallback.ttf",
}


def font_files() -> dict[str, Path]:
    """Family name → file of every bundled font."""
    return {family: FONTS_DIR / name for family, name in _FILES.items()}
