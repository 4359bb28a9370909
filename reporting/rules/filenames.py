"""Names of the files that leave the portal (ux P12)."""

from __future__ import annotations

import re
from datetime import date

_FORBIDDEN = re.compile(r'[\s\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+')


def document_filename(
    *, year: int, district: str, label: str, day: date, extension: str, sequence: int = 1
) -> str:
    """2026年度_滕州市_培育对象台账_20261120.xlsx; the second of the same day ends in _2.

    Spaces, path characters and invisible controls are dropped; each part is cut to 60 characters.
    """
    parts = [f"{year}年度", district, label, day.strftime("%Y%m%d")]
    stem = "_".join(_FORBIDDEN.sub("", part)[:60] for part in parts)
    suffix = f"_{sequence}" if sequence > 1 else ""
    return f"{stem}{suffix}.{extension.lstrip('.')}"
