"""Reads a PDF back: text without line breaks, and where each line stands on its page."""

from __future__ import annotations

import io
import os
from collections import defaultdict
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from reporting.documents import probe

# Without Pango there is nothing to measure; REQUIRE_PDF (CI, production) turns the skip into a failure.
needs_pango = pytest.mark.skipif(
    not os.environ.get("REQUIRE_PDF")
    and not set(probe.REQUIRED_LIBRARIES).isdisjoint(probe.probe_pdf_libraries()),
    reason=probe.MISSING_MESSAGE,
)


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
