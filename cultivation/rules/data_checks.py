"""Standing data checks: how grave a doubt is, and the limits the notice does not set (系统设定)."""

from __future__ import annotations

from enum import StrEnum

# 系统设定: the notice asks for regular guidance and sets no number of days.
DAYS_WITHOUT_VISIT = 90
# A check lists this many doubts; beyond it says how many it stopped at.
MOST_DOUBTS = 1000


class Severity(StrEnum):
    """MUST makes `manage.py check_data` fail; VERIFY may be right after all; NOTE is a help."""

    MUST = "MUST"
    VERIFY = "VERIFY"
    NOTE = "NOTE"

    @property
    def label(self) -> str:
        return {"MUST": "必须处理", "VERIFY": "应当核实", "NOTE": "提示"}[self.value]

    @property
    def tag(self) -> str:
        """The kind of tag on the screen."""
        return {"MUST": "danger", "VERIFY": "warn", "NOTE": "neutral"}[self.value]

    @property
    def rank(self) -> int:
        return list(Severity).index(self)
