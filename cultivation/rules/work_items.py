"""责任分解 (notice 四（二）, C102–C104): when an item is overdue, and the items the notice itself sets.

The notice gives most duties no date of their own; those run to the end of the year: 系统设定.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

NOTICE = "枣人社字〔2023〕34号"
CITY = "CITY"
DISTRICT = "DISTRICT"
SYSTEM_DATE = "完成时限为系统设定（通知未定）"
# Kinds of seat (accounts.enums.MemberUnitKind).
HRSS = "HRSS"
UNION = "TRADE_UNION_FEDERATION"
CONFEDERATION = "ENTERPRISE_CONFEDERATION"
COMMERCE = "FEDERATION_OF_INDUSTRY_AND_COMMERCE"
OTHERS = (UNION, CONFEDERATION, COMMERCE)
ALL_SEATS = (HRSS, *OTHERS)
JOINT_LEAD = "市协调劳动关系三方委员会成员单位"


def days_overdue(*, state: str, due_on: date, today: date, backfilled: bool = False) -> int:
    """Whole days past the due day (which itself still belongs to the time); 0 when not overdue.

    Only an open item is overdue, and it stays so until it is done or cancelled. Back-filled items light no alarm.
    """
    if state != "OPEN" or backfilled:
        return 0
    return max((today - due_on).days, 0)


@dataclass(frozen=True)
class SeedItem:
    """One item of one body and year. `lead` is a kind of seat; without it `lead_name` leads jointly."""

    title: str
    clause: str
    due_on: date
    lead: str = ""
    lead_name: str = ""
    participants: tuple[str, ...] = ()
    dated_by_notice: bool = False


@dataclass(frozen=True)
class _Duty:
    """`month_day` None: the end of the year, 系统设定. `years`: the years it falls in."""

    title: str
    clause: str
    lead: str = ""
    participants: tuple[str, ...] = ()
    years: tuple[int, ...] = (2023, 2024, 2025, 2026, 2027)
    month_day: tuple[int, int] | None = None
    levels: frozenset[str] = frozenset({CITY})


_SPREAD = (2025, 2026, 2027)
_BOTH = frozenset({CITY, DISTRICT})
_YEAR_END = (12, 31)
_DUTIES: tuple[_Duty, ...] = (
    _Duty("结合我市实际制定实施方案", "三（一）（C041、C043）", HRSS, OTHERS, (2023,), (5, 31)),
    _Duty("建立健全劳动关系和谐企业培育机制", "三（二）1（C045）"),
    _Duty("面向培育企业负责人、人力资源工作人员开展专题培训", "三（二）1（C046—C050）"),
    _Duty("组织集体协商专职指导员深入培育企业指导服务", "三（二）1（C051）"),
    _Duty("鼓励和支持企业加强企业文化、职工文化建设", "三（二）1（C052—C053）"),
    _Duty("在全市选取1—2个重点行业开展和谐劳动关系行业试点", "三（二）3（C078）", "", (), (2023,), _YEAR_END),
    _Duty(
        "巩固行业试点成效，扩大试点范围，总结试点经验", "三（二）3（C079—C080）", "", (), (2024,), _YEAR_END
    ),
    _Duty("推广和谐劳动关系行业试点经验", "三（二）3（C081）", "", (), _SPREAD, _YEAR_END),
    _Duty("择优推荐创建工作先进集体、先进个人", "三（三）（C083）"),
    _Duty("对省级、市级达标企业落实联合激励", "三（三）（C084—C085）"),
    _Duty("对各区（市）落实情况进行抽查", "三（四）2（C091）", HRSS, OTHERS, month_day=(11, 30)),
    _Duty("中期评估，查漏补缺", "三（四）3（C092）", HRSS, OTHERS, (2025,), _YEAR_END),
    _Duty("总结评估，推广先进经验做法", "三（四）4（C093—C094）", HRSS, OTHERS, (2027,), _YEAR_END),
    _Duty(
        "人社部门牵头做好组织、协调、调研、督导和服务", "四（三）（C107—C108）", HRSS, OTHERS, levels=_BOTH
    ),
    _Duty("加强工会组织建设", "四（三）（C109）", UNION, levels=_BOTH),
    _Duty("加强职工思想政治引领，团结凝聚职工建功立业", "四（三）（C110）", UNION, levels=_BOTH),
    _Duty(
        "企联（企业家协会）团结、服务、引导、教育企业经营者，按企业特点提供服务指导",
        "四（三）（C111—C112）",
        CONFEDERATION,
        levels=_BOTH,
    ),
    _Duty(
        "企联（企业家协会）引导企业经营者主动承担社会责任", "四（三）（C113）", CONFEDERATION, levels=_BOTH
    ),
    _Duty(
        "工商联团结、服务、引导、教育企业经营者，按企业特点提供服务指导",
        "四（三）（C111—C112）",
        COMMERCE,
        levels=_BOTH,
    ),
    _Duty("工商联引导企业经营者主动承担社会责任", "四（三）（C113）", COMMERCE, levels=_BOTH),
)


def seed_items(level: str, year: int) -> list[SeedItem]:
    """The notice's items for the city or a district in one campaign year, in the order of its clauses.

    A duty without lead is led by the member units of the city's committee together, the four seats taking part.
    """
    items = []
    for duty in _DUTIES:
        if level not in duty.levels or year not in duty.years:
            continue
        month, day = duty.month_day or _YEAR_END
        items.append(
            SeedItem(
                duty.title,
                f"{NOTICE}{duty.clause}",
                date(year, month, day),
                duty.lead,
                "" if duty.lead else JOINT_LEAD,
                duty.participants if duty.lead else ALL_SEATS,
                duty.month_day is not None,
            )
        )
    return items


def read_units(words: str) -> list[str]:
    """The names in a line of units, each once, in order: "市总工会、市工商联"."""
    return list(dict.fromkeys(name.strip() for name in re.split(r"[、，,；;\n]", words) if name.strip()))


def units_line(names: Iterable[str]) -> str:
    return "、".join(names)
