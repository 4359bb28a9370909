"""往年整改: what the columns of the ledger are called, how each is typed, and what a row must agree with itself in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from cultivation.rules.imports_fields import EXAMPLE_MARK, UNDERSTOOD, ImportField, KindSpec
from evaluation.enums import FindingSource, RectificationState, Severity
from evaluation.rules.lengths import MAX_COMMENT

KEY = "rectifications"
# What an order of an earlier year may have come to; one that is open goes on by the usual acts.
STATES = (RectificationState.CLOSED, RectificationState.IN_PROGRESS)

SPEC = KindSpec(
    KEY,
    "往年整改",
    "件",
    (
        ImportField(
            "year",
            "年度",
            "往年的年度，如 2024",
            ("年份",),
            kind="year",
            required=True,
            example=2024,
            width=8,
        ),
        ImportField(
            "subject",
            "培育对象",
            "系统中的全称或统一社会信用代码；整改单位是区（市）本身的留空",
            ("整改单位", "单位名称", "企业名称", "被整改单位"),
            longest=140,
            width=34,
        ),
        ImportField(
            "title",
            "问题",
            "一句话",
            ("存在问题", "发现问题", "问题名称"),
            required=True,
            longest=200,
            example=f"{EXAMPLE_MARK}集体合同到期未续签",
            width=34,
        ),
        ImportField(
            "facts",
            "事实",
            "何时、何地、看到什么",
            ("问题描述", "具体情况", "事实描述"),
            kind="long_text",
            required=True,
            longest=MAX_COMMENT,
            width=48,
        ),
        ImportField(
            "clause", "条款或指标", "如 D02-01", ("条款", "指标", "依据"), required=True, longest=60, width=14
        ),
        ImportField(
            "source",
            "来源",
            "问题从哪里来",
            ("问题来源", "发现方式"),
            kind="choice",
            choices=tuple(FindingSource.choices),
            required=True,
            width=12,
        ),
        ImportField(
            "severity",
            "性质",
            "",
            ("问题性质", "严重程度"),
            kind="choice",
            choices=tuple(Severity.choices),
            required=True,
            width=10,
        ),
        ImportField(
            "found_on",
            "发现日期",
            "",
            ("检查日期",),
            kind="date",
            required=True,
            example="2024-10-21",
            width=13,
        ),
        ImportField("number", "文号", "整改通知书文号，没有的留空", ("通知书文号",), longest=60, width=24),
        ImportField(
            "issued_on",
            "下达日期",
            "",
            ("通知日期",),
            kind="date",
            required=True,
            example="2024-10-28",
            width=13,
        ),
        ImportField(
            "due_on",
            "整改截止",
            "",
            ("整改期限", "截止日期"),
            kind="date",
            required=True,
            example="2024-11-18",
            width=13,
        ),
        ImportField(
            "requirement",
            "整改要求",
            "可空",
            ("要求", "整改措施"),
            kind="long_text",
            longest=MAX_COMMENT,
            width=40,
        ),
        ImportField(
            "state",
            "状态",
            "填“已销号”或“整改中”",
            ("整改状态", "办理情况"),
            kind="choice",
            choices=tuple((state.value, str(state.label)) for state in STATES),
            required=True,
            width=10,
        ),
        ImportField(
            "closed_on",
            "销号日期",
            "已销号的必填",
            ("完成日期",),
            kind="date",
            example="2024-11-15",
            width=13,
        ),
        ImportField(
            "document",
            "来源文件",
            "台账或文件的名称，不填用本批的来源",
            ("补录来源", "依据文件"),
            longest=160,
            width=24,
        ),
    ),
    understood=UNDERSTOOD,
)


def faults_of(values: Mapping[str, Any], today: date) -> Iterator[tuple[str, str, str]]:
    """(column, cause, words) of what does not agree within one row."""
    closed = values["state"] == RectificationState.CLOSED
    if closed and values.get("closed_on") is None:
        yield "closed_on", "没有销号日期", "已销号的请填写销号日期"
    if not closed and values.get("closed_on") is not None:
        yield "closed_on", "状态与日期不一致", "有销号日期的，状态应为“已销号”"
    order = [("found_on", "发现日期"), ("issued_on", "下达日期"), ("closed_on", "销号日期")]
    dated = [(key, header, values[key]) for key, header in order if values.get(key) is not None]
    for (_, before, first), (key, header, second) in itertools.pairwise(dated):
        if second < first:
            yield key, "日期先后不对", f"{header}早于{before} {first}"
    if values["due_on"] < values["issued_on"]:
        yield "due_on", "日期先后不对", f"整改截止早于下达日期 {values['issued_on']}"
    for key, header, day in dated:
        if day > today:
            yield key, "日期晚于今天", f"{header}晚于今天"
