"""通知 (letters of the city office): what one consists of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# 系统设定: working days within which 签收 is asked for when the letter names no day.
SIGN_DAYS = 3
# Characters.
MAX_TITLE = 120
MAX_HEADING = 40
MAX_SECTION = 4000
MAX_NAME = 40
MAX_REASON = 200
MAX_NOTE = 500
SHORTEST_REASON = 5

Section = tuple[str, str]


def letter_number(kind_label: str, year: int, serial: int) -> str:
    """工作通知〔2026〕3号: counted per kind and year, from 1."""
    return f"{kind_label}〔{year}〕{serial}号"


def filled_sections(sections: Iterable[Sequence[str]]) -> list[Section]:
    """Heading and words with white space around them gone; sections without words are left out."""
    cleaned = [(heading.strip(), words.replace("\r\n", "\n").strip()) for heading, words in sections]
    return [(heading, words) for heading, words in cleaned if words]
