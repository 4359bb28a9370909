"""Ledger of 风险等级: class, day and source of each subject; the strata of spot checks follow it (C091)."""

from __future__ import annotations

from cultivation.enums import RiskClass
from cultivation.ledgers.base import Column, ColumnKind, Ledger, register_ledger
from cultivation.ledgers.situation import FAMILY
from cultivation.models import RiskRating

RISK_CLASSES = Ledger(
    slug="risk-classes",
    standing=True,
    noun="风险等级",
    unit="条",
    model=RiskRating,
    clause="三（四）2（C091）",
    icon="exclamation-triangle",
    family=FAMILY,
    order=570,
    contact_reads=True,
    columns=(
        Column("subject", "培育对象", ColumnKind.SUBJECT, required=True, in_list=True, width=34),
        Column(
            "risk_class",
            "风险等级",
            ColumnKind.CHOICE,
            choices=tuple(RiskClass.choices),
            required=True,
            in_list=True,
            filterable=True,
            help="信用风险分类，A级风险最低，D级最高",
            synonyms=("信用风险等级", "信用风险分类", "信用等级"),
        ),
        Column(
            "happened_on",
            "认定日期",
            ColumnKind.DATE,
            required=True,
            in_list=True,
            width=13,
            synonyms=("评定日期", "分类日期"),
        ),
        Column(
            "basis",
            "来源",
            required=True,
            longest=160,
            in_list=True,
            remember=True,
            width=34,
            help="文件、名单或系统的名称，有文号的写文号",
            example="示例（导入时忽略）市企业信用风险分类结果",
            synonyms=("来源文件", "依据", "依据文号"),
        ),
        Column("note", "备注"),
    ),
    natural_key=("subject", "happened_on"),
    title="subject",
    empty_hint="登记主管部门认定的信用风险分类（A至D级）、认定日期和来源；一个对象以日期最近的一条为准，没有的按未分类处理。",
)

register_ledger(RISK_CLASSES)
