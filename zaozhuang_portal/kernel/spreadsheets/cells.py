"""One cell written safely: a text from a user is text, whatever it starts with (ux P10, ASVS 1.2.10)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl.cell.cell import Cell

from zaozhuang_portal.kernel.lengths import shortened

TEXT_FORMAT = "@"
DATE_FORMAT = "yyyy-mm-dd"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
MAX_CELL_TEXT = 32_767


def storable_text(value: str) -> str:
    """Text a workbook can hold: control characters and lone surrogates dropped; past 32,767 characters 「…」."""
    return shortened(_ILLEGAL.sub("", value), MAX_CELL_TEXT)


def put(cell: Cell, value: Any) -> None:
    """Write `value`; a string is stored as a string also when it starts with =, + or @."""
    if isinstance(value, str):
        cell.value = storable_text(value)
        if cell.data_type == "f" or cell.data_type == "e":
            cell.data_type = "s"
        if value[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠"):
            cell.quotePrefix = True
    elif isinstance(value, Decimal):
        cell.value = value
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = DATE_FORMAT
