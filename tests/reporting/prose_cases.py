"""Twenty cases of the report's drafted text: none, one and many of everything.

`golden_prose.txt` is read aloud before it is changed: `python -m tests.reporting.prose_cases` writes it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from reporting.rules.annual_report import draft_sentences
from reporting.rules.figures import ReportFigures
from reporting.rules.narrative import SKELETON
from tests.reporting.sample_figures import full_figures, subject

GOLDEN = Path(__file__).with_name("golden_prose.txt")


def firms(number: int, *, new: int, **changes: Any) -> dict[str, Any]:
    rows = [subject(f"滕州市第{'一二三四五六七八九十'[at]}机械有限公司") for at in range(number)]
    kind = {
        "kind": "ENTERPRISE",
        "total": number,
        "new": new,
        "continued": number - new,
        "by_size": [{"label": "小型", "count": number}],
        "by_industry": [{"label": "通用设备制造业", "count": number}],
        "by_township": [],
        "employee_count": 130 * number,
    }
    return {"kinds": [kind | changes] if number else [], "subjects": rows}


def assessed(*, submitted: int, verified: int, passed: int, started: int = 4) -> dict[str, Any]:
    return {
        "assessments": [
            {
                "kind": "ENTERPRISE",
                "started": started,
                "submitted": submitted,
                "verified": verified,
                "passed": passed,
                "average_self_score": "93.50" if submitted else None,
                "average_verified_score": "91.20" if verified else None,
                "indicator_label": "省级劳动关系和谐企业评价标准（DB37/T 4077—2020）",
                "indicator_notice": "重构稿，待官方文本核定",
            }
        ]
    }


def target(actual: int, completion: str, minimum: int | None = 4) -> dict[str, Any]:
    row = full_figures()["targets"][0] | {"target": minimum, "actual": actual, "completion": completion}
    return {"targets": [row]}


def known(**changes: Any) -> dict[str, Any]:
    """The ledgers with parts of them changed."""
    activities: Any = full_figures()["activities"]
    for key, value in changes.items():
        activities[key] = activities[key] | value if isinstance(value, dict) else value
    return {"activities": activities}


def cases(*lines: tuple[str, list[int]]) -> dict[str, Any]:
    return {
        "total": sum(sum(counts) for _, counts in lines),
        "outcomes": ["调解成功", "调解不成", "转仲裁或诉讼", "调解中"],
        "lines": [{"label": label, "counts": counts} for label, counts in lines],
    }


def coverage(numerator: int, denominator: int, *missing: str) -> dict[str, Any]:
    rate = f"{numerator * 100 / denominator:.1f}%" if denominator else ""
    return {
        "label": "",
        "numerator": numerator,
        "denominator": denominator,
        "rate": rate,
        "missing": list(missing),
    }


def pilots(*names: str, **changes: Any) -> dict[str, Any]:
    rows = [subject(name, kind="INDUSTRY_PILOT") for name in names]
    base = {
        "partners": 2,
        "authorities": 1,
        "members": 9,
        "standards": ["创建机制健全"],
        "summaries": 0,
        "spreads": 0,
    }
    lines = [{"name": name} | base | changes for name in names]
    kind = firms(len(names), new=len(names))["kinds"][0] | {"kind": "INDUSTRY_PILOT"}
    return known(industry={"pilots": lines, "actions": 0, "studies": 1, "guides": 0}) | {
        "kinds": [kind],
        "subjects": rows,
    }


def everything() -> dict[str, Any]:
    of_pilots = pilots("锂电行业", "机床行业")
    figures = full_figures()
    return {
        "kinds": [*figures["kinds"], *of_pilots["kinds"]],
        "subjects": [*figures["subjects"], *of_pilots["subjects"]],
    }


def nothing_confirmed() -> dict[str, Any]:
    industry = {"pilots": [], "actions": 0, "studies": 0, "guides": 0}
    return firms(0, new=0) | known(industry=industry) | target(0, "IN_PROGRESS")


def training(*lines: tuple[str, int, int]) -> dict[str, Any]:
    """(holder, 企业负责人, 人力资源工作人员) of each session."""
    held = sum(holder == "滕州市" for holder, _, _ in lines)
    rows = [
        {
            "title": "专题培训",
            "on": "2026-05-05",
            "holder": holder,
            "topics": [],
            "managers": managers,
            "hr": hr,
            "others": 0,
        }
        for holder, managers, hr in lines
    ]
    return known(trainings={"held": held, "joined": len(lines) - held, "lines": rows})


def visits(**changes: Any) -> dict[str, Any]:
    services: Any = full_figures()["services"]
    return {"services": services | changes}


def points(**changes: Any) -> dict[str, Any]:
    return known(points=changes)


def spot_checks(*rounds: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """抽查与整改: rounds by what differs from a round of nothing."""
    columns = ("due", "told", "checked", "waiting", "qualified", "rectify", "unqualified", "veto", "refused")
    nothing = dict.fromkeys((*columns, "found", "closed", "overdue"), 0)
    orders = dict.fromkeys(
        ("other_orders", "other_closed", "other_overdue", "earlier_open", "earlier_overdue"), 0
    )
    rows = [nothing | {"title": f"2026年度第{n}批抽查", "own": ""} | one for n, one in enumerate(rounds, 1)]
    return {"spot_checks": {"rounds": rows, "findings": [], **orders, **changes}}


ALL = " ".join(key for key in SKELETON if key not in ("measures", "plans"))
CASES: list[tuple[str, str, Callable[[], dict[str, Any]]]] = [
    ("一切俱全", ALL, everything),
    (
        "尚未确认任何对象",
        "overview measures_enterprise measures_area measures_pilot",
        nothing_confirmed,
    ),
    (
        "只有一家企业，新增",
        "overview measures_enterprise",
        lambda: firms(1, new=1) | assessed(started=1, submitted=1, verified=1, passed=1),
    ),
    (
        "一家企业，延续培育，职工人数未填",
        "measures_enterprise",
        lambda: (
            firms(1, new=0, employee_count=None, by_size=[{"label": "未填", "count": 1}])
            | assessed(started=1, submitted=1, verified=1, passed=0)
        ),
    ),
    (
        "四家企业均为延续培育",
        "overview measures_enterprise",
        lambda: firms(4, new=0) | assessed(submitted=4, verified=0, passed=0),
    ),
    (
        "十家企业，名单从略",
        "measures_enterprise",
        lambda: (
            firms(10, new=4, by_size=[{"label": "小型", "count": 7}, {"label": "未填", "count": 3}])
            | assessed(submitted=3, verified=2, passed=0)
        ),
    ),
    (
        "自评已开展尚未提交",
        "measures_enterprise",
        lambda: firms(4, new=4) | assessed(submitted=0, verified=0, passed=0),
    ),
    (
        "自评全部达到标准",
        "measures_enterprise",
        lambda: firms(4, new=4) | assessed(submitted=4, verified=4, passed=4),
    ),
    ("尚未接受市级抽查", "measures_spot_checks", lambda: spot_checks()),
    (
        "抽查已通知尚未检查",
        "measures_spot_checks",
        lambda: spot_checks({"due": 3, "told": 3}),
    ),
    (
        "抽查一项，合格，没有问题",
        "measures_spot_checks",
        lambda: spot_checks({"due": 1, "told": 1, "checked": 1, "qualified": 1, "own": "合格"}),
    ),
    (
        "两批抽查，有问题，有逾期，往年和其他来源也有整改",
        "measures_spot_checks problems",
        lambda: spot_checks(
            {
                "due": 5,
                "told": 5,
                "checked": 4,
                "waiting": 1,
                "qualified": 1,
                "rectify": 2,
                "found": 5,
                "closed": 2,
                "overdue": 1,
                "own": "限期整改",
            },
            {"due": 1, "told": 1, "checked": 1, "rectify": 1, "found": 1, "closed": 1, "own": "合格"},
            other_orders=2,
            other_closed=1,
            other_overdue=1,
            earlier_open=1,
            earlier_overdue=1,
        ),
    ),
    ("目标超额完成", "overview problems", lambda: target(6, "MET")),
    ("目标截止未完成", "overview problems", lambda: target(0, "NOT_MET")),
    (
        "无人参与创建，机构全覆盖",
        "overview",
        lambda: (
            known(
                mechanism={
                    "vacant_seats": [],
                    "bodies": coverage(21, 21),
                    "coordinated": coverage(0, 21),
                    "coordinators": 0,
                    "instructors": 1,
                    "liaised": 0,
                }
            )
            | {"participation": {"participating": 0, "expected": 30, "rate": "0.0%"}}
        ),
    ),
    (
        "机构一个未建，方案在拟，事项均在办理",
        "overview",
        lambda: known(
            mechanism={
                "established": False,
                "bodies": coverage(0, 21, "龙阳镇", "东郭镇"),
                "coordinators": 0,
                "instructors": 0,
            },
            work={
                "plan_state": "拟订中",
                "plan_number": "",
                "plan_issued_on": None,
                "done": 0,
                "open": 7,
                "overdue": 7,
                "cancelled": 0,
                "items": 7,
            },
        ),
    ),
    (
        "一个试点，尚无进展",
        "measures_pilot",
        lambda: pilots("锂电行业", partners=0, authorities=0, members=0, standards=[]),
    ),
    (
        "两个试点",
        "measures_pilot",
        lambda: pilots(
            "锂电行业", "机床行业试点", standards=["创建机制健全", "协商协调成效明显"], summaries=1
        ),
    ),
    ("只参加市级培训", "measures_guidance", lambda: training(("枣庄市", 1, 7))),
    (
        "本区（市）办了两场，尚无企业人员",
        "measures_guidance",
        lambda: training(("滕州市", 0, 0), ("滕州市", 0, 0)),
    ),
    (
        "一次服务，均已结对",
        "measures_guidance",
        lambda: visits(
            to_pair=6,
            paired=6,
            pairings=6,
            visited=1,
            visits=1,
            on_site=1,
            phone=0,
            online=0,
            guidance=1,
            supervision=0,
            research=0,
            with_instructor=0,
            follow_ups=1,
            follow_ups_done=1,
        ),
    ),
    (
        "调解一件，站点未报",
        "measures_mediation",
        lambda: known(
            mediations=cases(("劳动报酬", [1, 0, 0, 0])),
            advisories={"total": 0},
            points={"visitors": 0, "advisories": 0, "mediations": 0, "others": 0},
        ),
    ),
    (
        "调解多件一类，站点一个",
        "measures_mediation",
        lambda: known(
            mediations=cases(("其他", [9, 0, 0, 0])),
            points={"total": 1, "one_stop": 1, "smart": 1, "standardized": 0, "others": 3},
        ),
    ),
    (
        "一个品牌，宣传均见于新媒体",
        "measures_publicity",
        lambda: known(
            publicity={
                "total": 5,
                "by_kind": [{"label": "新媒体", "count": 5}],
                "brands": ["“和谐滕州”"],
                "stories": 0,
            }
        ),
    ),
]


def said(keys: str, figures: ReportFigures) -> str:
    wanted = keys.split()
    return "\n".join(
        f"{section.heading}\n" + "\n".join(f"　　{text}" for text in section.drafted)
        for section in draft_sentences(figures)
        if section.key in wanted and section.drafted
    )


def golden() -> str:
    return "\n".join(
        f"【{number}. {name}】\n{said(keys, full_figures(**changes()))}\n"
        for number, (name, keys, changes) in enumerate(CASES, start=1)
    )


if __name__ == "__main__":
    GOLDEN.write_text(golden(), encoding="utf-8")
