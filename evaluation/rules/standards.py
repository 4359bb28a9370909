"""How a standard is named on paper and in sentences."""

from __future__ import annotations

import re

_YEAR = re.compile(r"\d{4}(?!\d)")


def standard_number(code: str, version: str) -> str:
    """「DB37/T 4077」 in the portal's edition 「2020-r1」 → 「DB37/T 4077—2020」; the code alone where no year is known."""
    year = _YEAR.match(version)
    return f"{code}—{year.group()}" if year else code
