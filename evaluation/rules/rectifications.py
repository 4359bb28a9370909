"""Numbers of findings and orders, and the length of a term."""

from __future__ import annotations

# Working days of a term at most.
MAX_TERM = 250
SHORTEST_REASON = 5


def order_prefix(year: int) -> str:
    """文号 of 整改通知书: 枣三方整改〔2026〕1号."""
    return f"枣三方整改〔{year}〕"


def finding_number(year: int, serial: int) -> str:
    return f"FX{year}-{serial:03d}"
