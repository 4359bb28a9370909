"""Cells pasted without a heading row (ux E12): taken in the order of the template, to be confirmed by the person."""

from __future__ import annotations

import re

from cultivation.rules.imports_fields import RECORD_NUMBER, KindSpec
from cultivation.rules.imports_headers import find_layout
from zaozhuang_portal.kernel.spreadsheets import read_pasted

_MADE = re.compile(r"第\d+列")


def is_made_up(heading: str) -> bool:
    """Whether a heading is one of those put before cells that had none."""
    return _MADE.fullmatch(heading) is not None


def with_heading(spec: KindSpec, data: bytes) -> tuple[bytes, dict[str, str]]:
    """The pasted text with a heading row 「第1列」… put before it, and the guess which column is which.

    Text that has a heading of its own, or more columns than the kind has, comes back as it was with no guess.
    """
    text = data.decode("utf-8")
    rows = read_pasted(text).rows
    width = max(len(row) for row in rows)
    keys = [column.key for column in spec.fields if not column.read_only and column.key != RECORD_NUMBER]
    if find_layout(spec, rows) is not None or not 2 <= width <= len(keys):
        return data, {}
    headings = [f"第{number}列" for number in range(1, width + 1)]
    separator = "\t" if "\t" in text else ","
    return (separator.join(headings) + "\n" + text).encode(), dict(zip(headings, keys, strict=False))
