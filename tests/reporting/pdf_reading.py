"""Reads a PDF back: text without line breaks, and where each line stands on its page."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import Any

from pypdf import PageObject, PdfReader


def read_pdf(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def squeezed(text: str) -> str:
    """Without white space: a line break may fall anywhere in Chinese."""
    return "".join(text.split())


def all_text(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in read_pdf(pdf).pages))


def lines_of(page: PageObject) -> list[tuple[float, float, str]]:
    """(y, x, text) of every piece of text, top to bottom; points from the lower left corner."""
    pieces: dict[float, list[tuple[float, str]]] = defaultdict(list)

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            pieces[round(y, 1)].append((x, text.strip("\n")))

    page.extract_text(visitor_text=visit)
    return [
        (y, min(x for x, _ in pieces[y]), "".join(text for _, text in sorted(pieces[y])))
        for y in sorted(pieces, reverse=True)
    ]
