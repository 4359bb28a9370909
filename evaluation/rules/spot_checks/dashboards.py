"""What a round's dashboard counts, and its lights (ux D4): shape, word, colour and reason; from states and days only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

# A share or a difference told of fewer than this would tell of single units (ux D6b).
SHOWN_FROM = 5
# D4: a milestone at most so many days away and not reached is 滞后; past it is 严重滞后.
NEAR_DAYS = 7
LIGHT_RULE = (
    "● 正常：检查都有结论，或离完成期限超过 7 天；▲ 滞后：离完成期限 7 天以内还有检查没有结论，或已过计划检查日期还未检查；"
    "■ 严重滞后：已过完成期限还有检查没有结论，或有整改逾期；○ 未填报：没有应查的检查。"
    "完成期限取本批次完成期限和 11 月 30 日中较早的一天。"
)

# Codes of CheckState, and of Conclusion below.
UNDER_WAY, CONCLUDED, SKIPPED = "UNDER_WAY", "CONCLUDED", "SKIPPED"
_JUDGED = frozenset({"PROVISIONAL", "ANSWERED", CONCLUDED})
_TOLD = frozenset({"NOTIFIED", UNDER_WAY, *_JUDGED})


@dataclass(frozen=True)
class Standing:
    """What is counted of one check. `visited`: a day of the visit, or why there was none, stands on it."""

    state: str
    conclusion: str = ""
    visited: bool = False

    @property
    def counted(self) -> bool:
        """Replaced or dropped ones are told apart, not counted as 应查."""
        return self.state != SKIPPED

    @property
    def checked(self) -> bool:
        return self.state in _JUDGED or (self.state == UNDER_WAY and self.visited)


@dataclass(frozen=True)
class Cell:
    """A column of the table: `holds` says whether a check counts there."""

    key: str
    label: str
    meaning: str
    holds: Callable[[Standing], bool]


def _concluded(conclusion: str) -> Callable[[Standing], bool]:
    return lambda one: one.state == CONCLUDED and one.conclusion == conclusion


CELLS = (
    Cell("due", "应查", "抽中、递补、必查和指定的检查，不含未检", lambda one: one.counted),
    Cell("told", "已通知", "已发检查通知书，或已经检查", lambda one: one.state in _TOLD),
    Cell("checked", "已查", "已到场检查，或已提出初步结论", lambda one: one.checked),
    Cell("waiting", "待结论", "已查、还没有作出结论", lambda one: one.checked and one.state != CONCLUDED),
    Cell("qualified", "合格", "结论为合格", _concluded("QUALIFIED")),
    Cell("rectify", "限期整改", "结论为限期整改", _concluded("RECTIFY")),
    Cell("unqualified", "不合格", "结论为不合格", _concluded("UNQUALIFIED")),
    Cell("veto", "触发否决", "结论为触发否决", _concluded("VETO")),
    Cell(
        "refused",
        "无法联系或拒绝",
        "结论为无法联系或拒绝配合",
        _concluded("UNREACHABLE_OR_REFUSED"),
    ),
)
# Beside the table: lists with counts of their own.
ASIDE = (
    Cell("skipped", "未检", "改为未检的检查，有理由", lambda one: not one.counted),
    Cell("open", "未作结论", "应查、还没有作出结论", lambda one: one.counted and one.state != CONCLUDED),
)
CELL_BY_KEY = {one.key: one for one in (*CELLS, *ASIDE)}


@dataclass(frozen=True)
class Light:
    """`status` as `{% light %}` takes it; `reason` is the sentence beside it."""

    status: str
    reason: str


def last_day(ends_on: date, year: int) -> date:
    """The earlier of the city's own end and 30 November of the year (C091)."""
    return min(ends_on, date(year, 11, 30))


def unit_light(
    *, due: int, open_checks: int, late_visits: int, overdue: int, until: date, today: date
) -> Light:
    """`due`, `open_checks`: checks, and those without conclusion; `late_visits`: past the planned day and not visited;
    `overdue`: rectifications past their term."""
    if not due:
        return Light("NO_DATA", "没有应查的检查")
    if open_checks and today > until:
        return Light("CRITICAL", f"已过期限 {(today - until).days} 天，{open_checks} 项没有结论")
    if overdue:
        return Light("CRITICAL", f"{overdue} 项整改逾期")
    if late_visits:
        return Light("BEHIND", f"{late_visits} 项已过计划检查日期还未检查")
    if open_checks and (until - today).days <= NEAR_DAYS:
        return Light("BEHIND", f"{days_words(until, today)}，{open_checks} 项没有结论")
    return Light("ON_TRACK", days_words(until, today) if open_checks else "检查都有结论")


def days_words(until: date, today: date) -> str:
    left = (until - today).days
    return f"还有 {left} 天" if left > 0 else "今天截止" if left == 0 else f"已过 {-left} 天"
