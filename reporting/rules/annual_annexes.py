"""Annexes of the November report: the ledger of enrolled subjects and the numbers every sentence quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, zip_longest

from reporting.rules.annual_activity_tables import activity_facts
from reporting.rules.annual_facts import FactRow, completion_label, fact_rows, paper_words, shortfall
from reporting.rules.annual_sentences import standard_words
from reporting.rules.annual_spot_checks import spot_check_facts
from reporting.rules.contradictions import point_facts
from reporting.rules.cutoffs import cutoff_words
from reporting.rules.figures import KIND_LABELS, ReportFigures, SubjectRow
from reporting.rules.report_content import Annex, Column, Table

ENTRY_LABELS = {"NEW": "新增", "CONTINUED": "延续"}

# Weights are millimetres of the 225 mm a landscape page offers: with names and codes in full this ledger is wider
# than an upright page.
SUBJECT_COLUMNS = (
    Column("序号", 9, "center"),
    Column("名称", 30),
    Column("统一社会信用代码", 46),
    Column("类别", 19, "center"),
    Column("乡镇（街道）", 18),
    Column("所属行业", 19),
    Column("规模", 11, "center"),
    Column("职工人数", 13, "right"),
    Column("新增/延续", 13, "center"),
    Column("自评得分", 16, "right"),
    Column("核验得分", 16, "right"),
    Column("评价结果", 15, "center"),
)
TARGET_COLUMNS = (  # millimetres of the 156 mm of an upright page
    Column("目标任务", 25),
    Column("目标数", 12, "right"),
    Column("完成数", 12, "right"),
    Column("差额", 10, "right"),
    Column("单位", 10, "center"),
    Column("完成情况", 14, "center"),
    Column("计数口径", 51),
    Column("依据", 22),
)
# Two facts to a line, both of the line's group.
FACT_COLUMNS = (
    Column("类别", 22),
    *(Column("项目", 40), Column("数值", 16, "right"), Column("单位", 11, "center")) * 2,
)

# The portal's own numbering of the notice's clauses (docs/clauses.md) means nothing to the reader of the paper.
_CLAUSE_NUMBER = re.compile(r"（C\d{3}）$")


def _optional(value: int | str | None) -> str:
    return "" if value is None else str(value)


def subject_cells(number: int, row: SubjectRow) -> tuple[str, ...]:
    """One line of annex 1. Contacts stay out of it: the report travels further than the ledger."""
    name = f"{row['name']}（补录）" if row["backfilled"] else row["name"]
    return (
        str(number),
        name,
        row["credit_code"],
        KIND_LABELS[row["kind"]],
        row["township"],
        row["industry"],
        row["size_class"],
        _optional(row["employee_count"]),
        ENTRY_LABELS[row["entry"]],
        _optional(row["self_score"]),
        _optional(row["verified_score"]),
        row["qualification"],
    )


def indicator_note(figures: ReportFigures) -> str:
    """Names every reconstructed set whose scores appear, with its notice; blank when there is none."""
    sets = dict.fromkeys(standard_words(row) for row in figures["assessments"] if row["indicator_notice"])
    return f"得分依据{'、'.join(sets)}。" if sets else ""


def subject_annex(figures: ReportFigures) -> Annex:
    """附件 培育对象台账, landscape."""
    rows = tuple(subject_cells(number, row) for number, row in enumerate(figures["subjects"], start=1))
    return Annex(
        title=f"{figures['district_name']}{figures['year']}年度重点培育对象台账",
        tables=(Table(columns=SUBJECT_COLUMNS, rows=rows, empty_text="本年度尚未确认重点培育对象"),),
        landscape=True,
        note=f"注：{cutoff_words(figures)}。空白为未填报。{indicator_note(figures)}",
    )


def paired_facts(facts: Sequence[FactRow]) -> tuple[tuple[str, ...], ...]:
    """Group, then two facts to a line; a group of an odd number ends with three blank cells."""
    rows: list[tuple[str, ...]] = []
    for group, members in groupby(facts, key=lambda fact: fact[0]):
        cells = [fact[1:] for fact in members]
        for left, right in zip_longest(cells[::2], cells[1::2], fillvalue=("", "", "")):
            rows.append((group, *left, *right))
    return tuple(rows)


def target_annex(figures: ReportFigures) -> Annex:
    """附件 目标完成情况表: the targets, then every number the text quotes."""
    targets = Table(
        caption="一、目标任务",
        columns=TARGET_COLUMNS,
        rows=tuple(
            (
                row["name"],
                _optional(row["target"]),
                str(row["actual"]),
                _optional(shortfall(row)),
                row["unit"],
                completion_label(row),
                paper_words(row["sentence"]),
                _CLAUSE_NUMBER.sub("", row["clause"]),
            )
            for row in figures["targets"]
        ),
        empty_text="本年度未设定目标任务",
        dense=True,
    )
    facts = Table(
        caption="二、主要数据",
        columns=FACT_COLUMNS,
        rows=paired_facts(
            [
                *fact_rows(figures),
                *activity_facts(figures),
                *spot_check_facts(figures.get("spot_checks")),
                *point_facts(figures),
            ]
        ),
        dense=True,
    )
    return Annex(
        title=f"{figures['district_name']}{figures['year']}年度目标完成情况表",
        tables=(targets, facts),
        note=f"注：{cutoff_words(figures)}。空白为未填报。{indicator_note(figures)}",
    )
