"""The dashboard of a round as sheets: what the page says, all rows; the list of checks is read back for planned days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from evaluation.models import SpotCheckRound
from evaluation.rules.spot_checks.dashboards import LIGHT_RULE
from evaluation.selectors.spot_checks.checks import RoundCheck
from evaluation.selectors.spot_checks.dashboard import ClauseRow, RoundDashboard
from evaluation.selectors.spot_checks.disagreements import Disagreements

CHECKS_SHEET = "检查名单"
NUMBER, PLANNED = "编号", "计划检查日期"
_STATUS = {"ON_TRACK": "正常", "BEHIND": "滞后", "CRITICAL": "严重滞后", "NO_DATA": "未填报"}

Table = tuple[str, Sequence[Sequence[Any]]]


def round_tables(
    held: SpotCheckRound,
    checks: Sequence[RoundCheck],
    board: RoundDashboard,
    differences: Disagreements | None,
) -> list[Table]:
    """Names of sheets with their rows, headings first. `differences` None: a district's, which has none."""
    rows = [*board.units, board.total] if len(board.units) > 1 else list(board.units)
    units: list[list[Any]] = [
        ["单位", "进度", "说明", *(label for label, _ in board.columns)],
        *(
            [row.name, _STATUS[row.light.status], row.light.reason, *(number.value for number in row.numbers)]
            for row in rows
        ),
    ]
    tables: list[Table] = [
        ("各区（市）", units),
        ("落实条款", _clauses("条款", board.clauses)),
        ("评价指标", _clauses("指标", board.indicators)),
    ]
    if differences is not None:
        tables.append(("判断差异", _differences(differences)))
    tables.append((CHECKS_SHEET, _checks(checks)))
    notes = [
        ["项目", "内容"],
        ["批次", held.title],
        ["数据截至", board.as_of.isoformat()],
        *([words, day.isoformat()] for words, day, _ in board.deadlines),
        ["进度", LIGHT_RULE],
        *([label, meaning] for label, meaning in board.columns),
        ["可改的列", f"“{CHECKS_SHEET}”的“{PLANNED}”：改好后在“检查名单”页导入，其他列和其他表不读。"],
    ]
    return [*tables, ("说明", notes)]


def _clauses(head: str, rows: Sequence[ClauseRow]) -> list[list[Any]]:
    return [
        [head, "内容", "单位", "发现问题", "已销号", "逾期"],
        *([row.code, row.title, row.units, *(number.value for number in row.numbers)] for row in rows),
    ]


def _differences(found: Disagreements) -> list[list[Any]]:
    return [
        ["指标", "内容", "判断", "与自评不同", "与核验不同", "无法核实", "检查人意见不一致", "差异原因"],
        *(
            [
                row.code,
                row.title,
                row.judged,
                row.from_self,
                row.from_review,
                row.unverifiable,
                row.no_consensus,
                row.reason_words,
            ]
            for row in found.rows
        ),
    ]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _checks(checks: Sequence[RoundCheck]) -> list[list[Any]]:
    head = [NUMBER, "单位", "区（市）", "类别", "抽取方式", "层", "层内次序", "检查组"]
    found: list[list[Any]] = [[*head, PLANNED, "检查日期", "状态", "结论"]]
    for one in checks:
        check = one.check
        found.append(
            [
                check.number,
                check.name,
                check.organization.name,
                check.get_kind_display(),
                check.get_selection_display(),
                check.stratum,
                check.position,
                "、".join(f"{member.name}{'（主检）' if member.lead else ''}" for member in one.team),
                _day(check.planned_on),
                _day(check.visited_on),
                check.get_state_display(),
                check.get_conclusion_display() if check.conclusion else "",
            ]
        )
    return found
