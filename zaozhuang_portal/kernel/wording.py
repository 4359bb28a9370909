"""Values in the words of a page; the templates have them as filters (`portal_ui`)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

_CLAUSE_IDS = re.compile(r"（C\d{3}[^）]*）")


def notice_place(clause: str) -> str:
    """The place in the notice without the ids of docs/clauses.md, which mean nothing to a reader."""
    return _CLAUSE_IDS.sub("", clause)


def filesize_zh(size: int) -> str:
    """Bytes as a person reads them: 980 B, 12 KB, 2.3 MB (binary units)."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + " MB"


def points(value: Decimal | float | None) -> str:
    """A mark without needless zeros: 12.50 → 12.5; none → —."""
    if value is None or value == "":
        return "—"
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def or_blank(value: Any) -> Any:
    """未填 for nothing at all; 0 stays 0."""
    return SafeString('<span class="muted">未填</span>') if value is None or value == "" else value


def yes_no(value: Any) -> str:
    return "—" if value is None else "是" if value else "否"
