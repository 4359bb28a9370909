"""The lines of a printed 签到表: whom the portal knows to have come, else whom to expect, then blank ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MANAGERS, HR = "企业负责人", "人力资源工作人员"
# Fills a page when nobody is known; below the known ones there are always a few for those nobody expected.
PAGE_LINES = 20
SPARE_LINES = 5
# One firm's people get a line each up to here; a crowd signs a list of its own.
MOST_LINES = 20


@dataclass(frozen=True)
class SheetFirm:
    """A firm and how many of its people came, by audience; 0 and 0 when it is only expected."""

    name: str
    managers: int = 0
    hr: int = 0


@dataclass(frozen=True)
class SheetLine:
    """One line to sign. The record holds numbers, so that names are left to those who sign."""

    firm: str = ""
    post: str = ""


def sheet_lines(firms: Sequence[SheetFirm]) -> list[SheetLine]:
    """A line for each person who came, or, before anybody was entered, one for each audience of each firm."""
    came = [firm for firm in firms if firm.managers or firm.hr]
    lines = []
    for firm in came or firms:
        for post, number in ((MANAGERS, firm.managers), (HR, firm.hr)):
            lines += _people(firm.name, post, number if came else 1)
    return lines + [SheetLine()] * max(SPARE_LINES, PAGE_LINES - len(lines))


def _people(firm: str, post: str, number: int) -> list[SheetLine]:
    if number > MOST_LINES:
        return [SheetLine(firm, f"{post} {number} 人次（另附名单）")]
    return [SheetLine(firm, post)] * number
