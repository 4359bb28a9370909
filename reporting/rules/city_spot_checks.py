"""抽查与整改 of the city's year (C091, C092): the chapter of its summary as a paper of its own."""

from __future__ import annotations

from collections.abc import Sequence

from reporting.rules.annual_facts import chinese_date
from reporting.rules.annual_report import CLOSING
from reporting.rules.annual_spot_checks import (
    CONCLUSIONS,
    finding_table,
    round_table,
    spot_check_problems,
    spot_check_sentences,
)
from reporting.rules.figures import SpotCheckFigures
from reporting.rules.phrases import named
from reporting.rules.report_content import Annex, Column, ReportContent, Section, Table

COMMITTEE = "市协调劳动关系三方委员会"
UNIT_COLUMNS = (  # millimetres of the 156 mm of an upright page
    Column("单位", 30),
    Column("应查", 12, "right"),
    Column("已查", 12, "right"),
    Column("待结论", 13, "right"),
    Column("合格", 12, "right"),
    Column("限期整改", 14, "right"),
    Column("不合格", 13, "right"),
    Column("触发否决", 14, "right"),
    Column("无法联系或拒绝", 16, "right"),
    Column("发现问题", 14, "right"),
    Column("已销号", 13, "right"),
    Column("逾期", 11, "right"),
)
_KEYS = ("due", "checked", "waiting", *(key for key, _ in CONCLUSIONS), "found", "closed", "overdue")


def _total(row: SpotCheckFigures, key: str) -> int:
    counts: list[int] = [row[key] for row in row["rounds"]]  # type: ignore[literal-required]  # keys of _KEYS
    return sum(counts)


def unit_table(city: SpotCheckFigures, units: Sequence[tuple[str, SpotCheckFigures]]) -> Table:
    """In the order given (区划), the city's total last."""
    return Table(
        columns=UNIT_COLUMNS,
        rows=tuple(
            (name, *(str(_total(row, key)) for key in _KEYS)) for name, row in [*units, ("合计", city)]
        ),
        dense=True,
    )


def _late_units(units: Sequence[tuple[str, SpotCheckFigures]]) -> tuple[str, ...]:
    late = [name for name, row in units if _total(row, "overdue")]
    return (f"有抽查问题整改逾期的区（市）{len(late)}个：{named(late)}。",) if late else ()


def compose_city_chapter(
    year: int, city: SpotCheckFigures, units: Sequence[tuple[str, SpotCheckFigures]], *, as_of: str
) -> ReportContent:
    """The paper as of `as_of` (ISO), dated the same day. `units`: name and figures of each of the seven, by 区划."""
    problems = (*spot_check_problems(city), *_late_units(units))
    table = unit_table(city, units) if city["rounds"] else None
    return ReportContent(
        title_lines=(f"关于{year}年度市级抽查与", "整改情况的报告"),
        addressee=COMMITTEE,
        sections=(
            Section("city_checks", 1, "一、抽查与整改情况", spot_check_sentences(city, city=True)),
            Section("city_units", 1, "二、各区（市）情况", table=table, drafted=_introduced(table)),
            Section("city_problems", 1, "三、存在问题", problems or ("没有逾期未销号的整改事项。",)),
        ),
        closing=CLOSING,
        annexes=(
            Annex(
                title=f"{year}年度市级抽查与整改情况表",
                tables=(round_table(city["rounds"]), finding_table(city)),
                landscape=True,
                note=f"注：数据截至{chinese_date(as_of)}。",
            ),
        ),
        signatory=f"{COMMITTEE}办公室",
        date_text=chinese_date(as_of),
        as_of_text=f"数据截至{chinese_date(as_of)}",
    )


def _introduced(table: Table | None) -> tuple[str, ...]:
    return ("各区（市）抽查与整改情况如下：",) if table else ("本年度尚未开展市级抽查。",)
