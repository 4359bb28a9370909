"""Cells pasted without a heading row (ux E12): taken in the order of the template, to be confirmed by the person."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cultivation.rules.imports_fields import RECORD_NUMBER, KindSpec
from cultivation.rules.imports_headers import Certainty, find_layout
from cultivation.rules.imports_rows import Rows
from zaozhuang_portal.kernel.parsing import cell_text
from zaozhuang_portal.kernel.spreadsheets import read_pasted

_MADE = re.compile(r"第\d+列")


def is_made_up(heading: str) -> bool:
    """Whether a heading is one of those put before cells that had none."""
    return _MADE.fullmatch(heading) is not None


def with_heading(spec: KindSpec, data: bytes, *, by_content: bool = False) -> tuple[bytes, dict[str, str]]:
    """The pasted text with a heading row 「第1列」… put before it, and the guess which column is which.

    A first row counts as a heading only when it spells two columns exactly (or the only one): a row of data is never
    taken for one, the person is asked. Text with a heading of its own, or with more columns than the kind has, comes
    back as it was with no guess. Columns are guessed by what they hold, else by the order of the template; `by_content`:
    only where at least one column shows by itself what it is.
    """
    text = data.decode("utf-8")
    rows = read_pasted(text).rows
    width = max(len(row) for row in rows)
    keys = [column.key for column in spec.fields if not column.read_only and column.key != RECORD_NUMBER]
    if _has_heading(spec, rows) or not 2 <= width <= len(keys):
        return data, {}
    headings = [f"第{number}列" for number in range(1, width + 1)]
    separator = "\t" if "\t" in text else ","
    guessed = _by_content(keys, rows, width)
    if by_content and not guessed:
        return data, {}
    rest = iter(key for key in keys if key not in guessed.values())
    mapping = {heading: guessed.get(index) or next(rest, "") for index, heading in enumerate(headings)}
    return (separator.join(headings) + "\n" + text).encode(), mapping


def _has_heading(spec: KindSpec, rows: Rows) -> bool:
    layout = find_layout(spec, rows)
    if layout is None:
        return False
    exact = sum(column.certainty is Certainty.EXACT for column in layout.columns)
    return exact >= min(2, len(layout.columns))


# What every filled cell of a column looks like → the field it stands for.
_LOOKS = (
    ("credit_code", re.compile(r"(?=.*\d.*\d)[0-9A-HJ-NP-RTUW-Y]{18}")),
    ("name", re.compile(r".{2,}(?:公司|厂|店|社|院|所|中心|集团|企业|园区|产业园|工业园)(?:[（(].+[）)])?")),
    ("contact_phone", re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")),
)


def _by_content(keys: Sequence[str], rows: Rows, width: int) -> dict[int, str]:
    """Column index → field, where every filled cell of the column says so."""
    found: dict[int, str] = {}
    for index in range(width):
        cells = [cell_text(row[index]).strip() for row in rows if index < len(row)]
        filled = [cell for cell in cells if cell]
        for key, look in _LOOKS:
            if key in keys and key not in found.values() and filled and all(map(look.fullmatch, filled)):
                found[index] = key
                break
    return found
