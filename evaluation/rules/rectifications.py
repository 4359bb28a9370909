"""Numbers of findings and orders, and the length of a term."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta

# Working days of a term at most.
MAX_TERM = 250
SHORTEST_REASON = 5
# 系统设定: what a new order begins with (practice of finance offices: 15 working days; evaluation-facts §3.3).
USUAL_TERM = 15
USUAL_CONSEQUENCE = "逾期未完成整改的，予以通报，并在年度总结和抽查结果中列出。"
USUAL_WAY = "在本系统登记整改措施、上传佐证材料，完成后报送复查"


def order_prefix(year: int) -> str:
    """文号 of 整改通知书: 枣三方整改〔2026〕1号."""
    return f"枣三方整改〔{year}〕"


def finding_prefix(year: int) -> str:
    return f"FX{year}-"


def finding_number(year: int, serial: int) -> str:
    return f"{finding_prefix(year)}{serial:03d}"


def past_finding_number(year: int, serial: int) -> str:
    """Of a finding entered afterwards from an earlier ledger: a series of its own."""
    return f"BL{year}-{serial:03d}"


def past_order_number(year: int, serial: int) -> str:
    """Of an order entered afterwards whose number nobody knows."""
    return f"补录〔{year}〕{serial}号"


def next_free(taken: Collection[str | None], number: Callable[[int], str]) -> str:
    """The first number of a series, from 1, that is not taken."""
    return next(found for serial in range(1, len(taken) + 2) if (found := number(serial)) not in taken)


# Percent of a term at which the unit is told how much is left; OVERDUE is the day after its last one.
MARKS = (50, 75, 90)
OVERDUE = 100


def mark_day(issued_on: date, due_on: date, percent: int) -> date:
    """The first day by which so much of the days from issue to the last day has passed."""
    days = (due_on - issued_on).days
    return issued_on + timedelta(days=-(-days * percent // 100))


def marks_reached(issued_on: date, due_on: date, today: date) -> list[int]:
    """Marks of the term that have passed on `today`, in order; OVERDUE from the day after the last one."""
    found = [percent for percent in MARKS if mark_day(issued_on, due_on, percent) <= today]
    return [*found, OVERDUE] if today > due_on else found
