"""Text that any paper can carry: normalized, without characters that break XML or mislead the eye."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from reporting.documents.fonts import font_files
from reporting.rules.report_content import Annex, ReportContent, Section, Table

_REPLACED = {"\u2011": "-", "\u00a0": " ", "\u2028": "\n", "\u2029": "\n", "\t": " "}
_DROPPED_CATEGORIES = {"Cc", "Cf", "Cs"}  # control, format (bidi, zero width), lone surrogate
_NOT_XML = "\ufffe\uffff"


def clean_text(text: str) -> str:
    """NFC, U+2011 as a plain hyphen, no control, bidirectional or zero-width characters; newlines stay."""
    for old, new in _REPLACED.items():
        text = text.replace(old, new)
    kept = (
        char
        for char in text
        if char == "\n" or (unicodedata.category(char) not in _DROPPED_CATEGORIES and char not in _NOT_XML)
    )
    return unicodedata.normalize("NFC", "".join(kept))


@lru_cache(maxsize=1)
def covered_code_points() -> frozenset[int]:
    """Code points the stack shows in every style of text: common to all Fandol files, or in the fallback."""
    from fontTools.ttLib import TTFont

    maps = {family: set(TTFont(path, lazy=True).getBestCmap()) for family, path in font_files().items()}
    fallback = maps.pop("GW-Fallback")
    del maps["GW-Song"]  # page numbers only
    return frozenset(set.intersection(*maps.values()) | fallback)


def uncovered_characters(text: str) -> list[str]:
    """Characters of `text` that no bundled font has, each once, in order: they would print as boxes."""
    covered = covered_code_points()
    seen = dict.fromkeys(char for char in clean_text(text) if char != "\n")
    return [char for char in seen if ord(char) not in covered]


def _clean_table(table: Table, clean: Callable[[str], str]) -> Table:
    return replace(
        table,
        caption=clean(table.caption),
        rows=tuple(tuple(clean(cell) for cell in row) for row in table.rows),
        empty_text=clean(table.empty_text),
    )


def _clean_section(section: Section, clean: Callable[[str], str]) -> Section:
    return replace(
        section,
        heading=clean(section.heading),
        drafted=tuple(clean(text) for text in section.drafted),
        table=section.table and _clean_table(section.table, clean),
        narrative=clean(section.narrative),
    )


def _clean_annex(annex: Annex, clean: Callable[[str], str]) -> Annex:
    return replace(
        annex,
        title=clean(annex.title),
        tables=tuple(_clean_table(table, clean) for table in annex.tables),
        note=clean(annex.note),
    )


def clean_content(content: ReportContent) -> ReportContent:
    """The same report with every text cleaned; the doorway of both renderers."""
    return replace(
        content,
        title_lines=tuple(clean_text(line) for line in content.title_lines),
        addressee=clean_text(content.addressee),
        sections=tuple(_clean_section(section, clean_text) for section in content.sections),
        closing=clean_text(content.closing),
        annexes=tuple(_clean_annex(annex, clean_text) for annex in content.annexes),
        signatory=clean_text(content.signatory),
        date_text=clean_text(content.date_text),
        as_of_text=clean_text(content.as_of_text),
        provenance=clean_text(content.provenance),
    )


def places_without_glyph(content: ReportContent) -> list[tuple[str, str]]:
    """(character, where it stands) of everything that would print as a box, each character once, in reading order."""
    found: dict[str, str] = {}

    def look(place: str, *texts: str) -> None:
        for char in uncovered_characters("".join(texts)):
            found.setdefault(char, place)

    look("标题和主送", content.title, content.addressee)
    for section in content.sections:
        look(f"“{section.heading}”", section.heading, *section.paragraphs, *_table_texts(section.table))
    for number, annex in enumerate(content.annexes, start=1):
        place = f"附件{number}《{annex.title}》"
        look(place, annex.title, annex.note)
        for table in annex.tables:
            for row in table.rows:
                look(f"{place}“{row[0] if len(row) < 2 else row[1]}”一行", *row)
            look(place, *_table_texts(table))
    look("落款", content.closing, content.signatory, content.date_text, content.provenance)
    return list(found.items())


def _table_texts(table: Table | None) -> list[str]:
    if table is None:
        return []
    return [
        table.caption,
        table.empty_text,
        *(column.title for column in table.columns),
        *(cell for row in table.rows for cell in row),
    ]


def content_text(content: ReportContent) -> str:
    """All text of the report, one line per paragraph or cell; for coverage checks and tests."""
    lines = [content.title, content.addressee]
    tables: list[Table] = []
    for section in content.sections:
        lines += [section.heading, *section.paragraphs]
        if section.table:
            tables.append(section.table)
    lines += [content.closing, content.signatory, content.date_text, content.as_of_text, content.provenance]
    for annex in content.annexes:
        lines += [annex.title, annex.note]
        tables += annex.tables
    for table in tables:
        lines += [table.caption, *(column.title for column in table.columns)]
        lines += [cell for row in table.rows for cell in row] or [table.empty_text]
    return "\n".join(line for line in lines if line)
