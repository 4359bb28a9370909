"""查漏补缺 (C092): a gap of a year as a task, named so that the same gap is given out once."""

from __future__ import annotations

from hashlib import sha256

from zaozhuang_portal.kernel.lengths import shortened

# What marks a task as given out from a gap.
GAP_CLAUSE = "三（四）3（C092）查漏补缺"
MAX_TITLE = 200


def gap_title(what: str, label: str) -> str:
    """「查漏补缺：未报送工作方案的区（市）——滕州市」"""
    return shortened(f"查漏补缺：{what}——{label}", MAX_TITLE)


def gap_key(code: str, year: int, organization_id: int, label: str) -> str:
    """Its word in tick boxes."""
    return sha256(f"{code}\n{year}\n{organization_id}\n{label}".encode()).hexdigest()[:20]
