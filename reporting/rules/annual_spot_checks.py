"""抽查与整改 of the report (C091, C092): sentences, facts and annex from the year's figures, of a district or of the city."""

from __future__ import annotations

from collections.abc import Sequence

from reporting.rules.annual_facts import FactRow
from reporting.rules.cutoffs import cutoff_words
from reporting.rules.figures import ReportFigures, SpotCheckFigures, SpotCheckRound
from reporting.rules.phrases import parts_of, share
from reporting.rules.report_content import Annex, Column, Table

CONCLUSIONS = (
    ("qualified", "合格"),
    ("rectify", "限期整改"),
    ("unqualified", "不合格"),
    ("veto", "触发否决"),
    ("refused", "无法联系或拒绝配合"),
)
# Weights are millimetres of the 156 mm of an upright page, and of the 225 mm of one across.
ROUND_COLUMNS = (
    Column("抽查批次", 45),
    Column("应查", 15, "right"),
    Column("已通知", 15, "right"),
    Column("已查", 15, "right"),
    Column("待结论", 15, "right"),
    *(Column(label, 16, "right") for _, label in CONCLUSIONS),
    Column("发现问题", 14, "right"),
    Column("已销号", 14, "right"),
    Column("逾期", 12, "right"),
)
FINDING_COLUMNS = (
    Column("序号", 10, "center"),
    Column("单位", 45),
    Column("来源", 22, "center"),
    Column("条款或指标", 25),
    Column("问题", 50),
    Column("性质", 13, "center"),
    Column("整改情况", 20, "center"),
    Column("整改截止", 22, "center"),
    Column("销号日期", 22, "center"),
)
_KEYS = ("due", "told", "checked", "waiting", *(key for key, _ in CONCLUSIONS), "found", "closed", "overdue")


def _sum(rounds: Sequence[SpotCheckRound], key: str) -> int:
    counts: list[int] = [row[key] for row in rounds]  # type: ignore[literal-required]  # keys of _KEYS
    return sum(counts)


def spot_check_sentences(row: SpotCheckFigures | None, *, city: bool = False) -> tuple[str, ...]:
    """Checks, the district's own conclusion, findings, orders of other sources and of earlier years."""
    if row is None:
        return ()
    rounds = row["rounds"]
    found = [_checked(rounds, city=city)]
    own = [(one["title"], one["own"]) for one in rounds if one["own"]]
    if len(own) == 1:
        found.append(f"对本区（市）落实情况的检查结论为{own[0][1]}。")
    elif own:
        found.append(
            "".join(("对本区（市）落实情况的检查，", "、".join(f"{t}结论为{o}" for t, o in own), "。"))
        )
    if _sum(rounds, "checked"):
        found.append(_findings(rounds))
    if row["other_orders"]:
        words = share(row["other_closed"], row["other_orders"], "已销号", "项", none="尚未销号")
        found.append(
            f"核验、投诉等其他来源的整改{row['other_orders']}项，{words}{_late(row['other_overdue'])}。"
        )
    if row["earlier_open"]:
        found.append(f"以前年度的整改尚有{row['earlier_open']}项未销号{_late(row['earlier_overdue'])}。")
    return tuple(found)


def _late(count: int) -> str:
    return f"，逾期{count}项" if count else ""


def _checked(rounds: Sequence[SpotCheckRound], *, city: bool) -> str:
    if not rounds:
        return "本年度尚未开展市级抽查。" if city else "本年度尚未接受市级抽查。"
    due, checked, waiting = (_sum(rounds, key) for key in ("due", "checked", "waiting"))
    verb = "开展" if city else "接受"
    words = f"{verb}市级抽查{len(rounds)}批次，应查{due}项，"
    words += share(checked, due, "已检查", "项", none="尚未检查") if due else "没有应查的对象"
    concluded = checked - waiting
    if concluded:
        parts = parts_of([(label, _sum(rounds, key)) for key, label in CONCLUSIONS], "项")
        words += f"；已作结论{concluded}项{f'，{parts}' if parts else ''}"
    if waiting:
        words += f"；{waiting}项尚未作出结论"
    return f"{words}。"


def _findings(rounds: Sequence[SpotCheckRound]) -> str:
    found, closed, overdue = (_sum(rounds, key) for key in ("found", "closed", "overdue"))
    if not found:
        return "抽查未发现问题。"
    return f"抽查发现问题{found}个，{share(closed, found, '已销号', '个', none='尚未销号')}{_late_findings(overdue)}。"


def _late_findings(count: int) -> str:
    return f"，整改逾期{count}个" if count else ""


def spot_check_problems(row: SpotCheckFigures | None) -> tuple[str, ...]:
    """For 四、存在问题: what is overdue stands there until it is closed."""
    if row is None:
        return ()
    late = _sum(row["rounds"], "overdue") + row["other_overdue"] + row["earlier_overdue"]
    return (f"整改事项有{late}项逾期未销号。",) if late else ()


def spot_check_facts(row: SpotCheckFigures | None) -> list[FactRow]:
    """Every number the sentences quote."""
    if row is None:
        return []
    group, rounds = "抽查与整改", row["rounds"]
    facts: list[FactRow] = [(group, "市级抽查", str(len(rounds)), "批次")]
    if rounds:
        concluded = _sum(rounds, "checked") - _sum(rounds, "waiting")
        facts += [
            (group, "应查", str(_sum(rounds, "due")), "项"),
            (group, "已检查", str(_sum(rounds, "checked")), "项"),
            (group, "已作结论", str(concluded), "项"),
            (group, "待结论", str(_sum(rounds, "waiting")), "项"),
            *((group, f"其中：{label}", str(_sum(rounds, key)), "项") for key, label in CONCLUSIONS),
            (group, "抽查发现问题", str(_sum(rounds, "found")), "个"),
            (group, "其中：已销号", str(_sum(rounds, "closed")), "个"),
            (group, "其中：逾期", str(_sum(rounds, "overdue")), "个"),
        ]
    late = _sum(rounds, "overdue") + row["other_overdue"] + row["earlier_overdue"]
    return [
        *facts,
        (group, "其他来源的整改", str(row["other_orders"]), "项"),
        (group, "其中：已销号", str(row["other_closed"]), "项"),
        (group, "其中：逾期", str(row["other_overdue"]), "项"),
        (group, "以前年度未销号", str(row["earlier_open"]), "项"),
        (group, "其中：逾期", str(row["earlier_overdue"]), "项"),
        (group, "整改逾期合计", str(late), "项"),
    ]


def round_table(rounds: Sequence[SpotCheckRound], caption: str = "一、检查和结论") -> Table:
    return Table(
        caption=caption,
        columns=ROUND_COLUMNS,
        rows=tuple(
            (one["title"], *(str(one[key]) for key in _KEYS))  # type: ignore[literal-required]  # keys of _KEYS
            for one in rounds
        ),
        empty_text="本年度没有市级抽查",
        dense=True,
    )


def finding_table(row: SpotCheckFigures, caption: str = "二、发现问题和整改") -> Table:
    return Table(
        caption=caption,
        columns=FINDING_COLUMNS,
        rows=tuple(
            (
                str(number),
                line["unit"],
                line["source"],
                line["clause"],
                line["title"],
                line["severity"],
                line["state"],
                line["due_on"] or "",
                line["closed_on"] or "",
            )
            for number, line in enumerate(row["findings"], start=1)
        ),
        empty_text="没有发现问题",
        dense=True,
    )


def spot_check_annexes(figures: ReportFigures) -> tuple[Annex, ...]:
    """附件 抽查与整改情况表; none without a round and without an order, or where the snapshot is older than these figures."""
    row = figures.get("spot_checks")
    if row is None or not (row["rounds"] or row["findings"]):
        return ()
    return (
        Annex(
            title=f"{figures['district_name']}{figures['year']}年度抽查与整改情况表",
            tables=(round_table(row["rounds"]), finding_table(row)),
            landscape=True,
            note=f"注：{cutoff_words(figures)}。列出本年度市级抽查和本年度发现的问题。",
        ),
    )
