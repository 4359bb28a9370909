"""What a report says, independent of paper: the one content that PDF and Word both render."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Column:
    """A table column; `weight` is its share of the width relative to the other columns."""

    title: str
    weight: int = 1
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """A table of finished text; a blank cell means unknown, 「0」 means zero (ux P9). `dense`: small type, many lines."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    empty_text: str = "无"
    dense: bool = False


@dataclass(frozen=True)
class Section:
    """One heading. `drafted` comes from the figures and is regenerated, `narrative` is the office's own."""

    key: str
    level: Literal[1, 2]
    heading: str
    drafted: tuple[str, ...] = ()
    table: Table | None = None
    narrative: str = ""

    @property
    def narrative_paragraphs(self) -> tuple[str, ...]:
        """The office's text, one entry per paragraph, blank lines dropped."""
        lines = (line.strip() for line in self.narrative.splitlines())
        return tuple(line for line in lines if line)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Everything under the heading but the table: drafted sentences, then the narrative."""
        return (*self.drafted, *self.narrative_paragraphs)


@dataclass(frozen=True)
class Annex:
    """An annex on its own pages; a wide one lies across the page."""

    title: str
    tables: tuple[Table, ...]
    landscape: bool = False
    note: str = ""


@dataclass(frozen=True)
class ReportContent:
    """A 代拟稿: no red head, number, seal or 签发人 line; the office's own system adds them (P3)."""

    title_lines: tuple[str, ...]
    addressee: str
    sections: tuple[Section, ...]
    closing: str
    annexes: tuple[Annex, ...]
    signatory: str
    date_text: str
    as_of_text: str
    # Printed above the title: of a back-filled paper, and of one whose year was corrected since; "" otherwise.
    provenance: str = ""

    @property
    def title(self) -> str:
        """The title on one line: for lists, file properties and headings."""
        return "".join(self.title_lines)
