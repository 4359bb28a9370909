"""Ledgers of 行业试点 and industry work outside pilots (notice 二（三）, 三（二）3, 四（二）: C035–C040, C076–C082, C106)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cultivation.enums import GuideState, PartnerKind, PilotProgressKind, SizeClass, SubjectKind
from cultivation.ledgers.base import Column, ColumnKind, Ledger, Paper, Slip, register_ledger
from cultivation.models import (
    FieldStudy,
    IndustryAction,
    IndustryAuthority,
    IndustryGuide,
    PilotMember,
    PilotPartner,
    PilotProgress,
)
from cultivation.rules.industries import division_choices
from cultivation.rules.pilots import STANDARDS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role

FAMILY = "行业试点"
PILOTS = frozenset({SubjectKind.INDUSTRY_PILOT.value})
INDUSTRIES = division_choices()


def _pilot() -> Column:
    return Column(
        "pilot",
        "行业试点",
        ColumnKind.SUBJECT,
        required=True,
        in_list=True,
        width=24,
        subject_kinds=PILOTS,
        example="示例（导入时忽略）",
    )


def _industry(*, required: bool) -> Column:
    return Column(
        "industry_code",
        "所属行业",
        ColumnKind.CHOICE,
        choices=INDUSTRIES,
        required=required,
        in_list=True,
        filterable=True,
        width=22,
    )


def check_member(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """A period that runs forward, and a registered firm rather than a park or township."""
    joined, left = values.get("joined_on"), values.get("left_on")
    if joined and left and left < joined:
        yield Slip("left_on", f"退出日期 {left} 早于加入日期 {joined}，请核对。")
    if not values.get("subject") and not values.get("name"):
        yield Slip("name", "请选择已建档的企业，或填写企业名称。")


def fill_member(actor: Actor | None, record: Any, values: dict[str, Any]) -> None:
    """A registered firm brings its own name; size and staff where they were left empty."""
    firm = values.get("subject")
    if firm is None:
        return
    values["name"] = firm.name
    values["size_class"] = values.get("size_class") or firm.size_class
    if values.get("employee_count") is None:
        values["employee_count"] = firm.employee_count


def check_progress(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """A spread names where to; the summary of the pilots belongs to 2024 and later (C080–C081)."""
    kind = values.get("kind")
    if kind == PilotProgressKind.SPREAD and not values.get("spread_to"):
        yield Slip("spread_to", "推广应用请写明推广到哪里，如“全市纺织行业规上企业”。")
    day = values.get("happened_on")
    if kind == PilotProgressKind.SUMMARY and day is not None and day.year < 2024:
        yield Slip("kind", "通知要求2024年总结试点经验，日期早于2024年，请核对。", warning=True)
    if kind == PilotProgressKind.SPREAD and day is not None and day.year < 2025:
        yield Slip("kind", "通知要求2025—2027年推广试点经验，日期早于2025年，请核对。", warning=True)


def check_guide(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    issued = values.get("state") == GuideState.ISSUED
    if issued and not values.get("issued_on"):
        yield Slip("issued_on", "已印发的指引请填写印发日期。")
    if values.get("issued_on") and not issued:
        yield Slip("state", "填了印发日期，状态应为“已印发”；尚未印发的请清空日期。")


def standards_of(progress: Any) -> str:
    """The standards a progress record claims, in words."""
    return "、".join(standard.name for standard in STANDARDS if getattr(progress, standard.key))


PARTNERS = Ledger(
    slug="pilot-partners",
    standing=True,
    noun="行业协会、商会、行业工会",
    unit="个",
    model=PilotPartner,
    clause="三（二）3（C076）",
    icon="people",
    family=FAMILY,
    order=450,
    inline=("contact_name", "contact_phone"),
    columns=(
        _pilot(),
        Column(
            "kind",
            "类别",
            ColumnKind.CHOICE,
            choices=tuple(PartnerKind.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column("name", "名称", required=True, longest=100, in_list=True, width=30),
        Column("contact_name", "联系人", longest=40, in_list=True),
        Column("contact_phone", "联系电话", ColumnKind.PHONE, longest=30, private=True),
        Column(
            "contribution", "作用发挥", ColumnKind.LONG_TEXT, width=40, help="自律引领、带动中小微企业的做法"
        ),
        Column("note", "备注"),
    ),
    title="name",
    natural_key=("pilot", "name"),
    select_related=("pilot",),
    empty_hint="登记与试点一起推进的行业协会、商会、行业工会，不需要开通账号。",
)

AUTHORITIES = Ledger(
    slug="industry-authorities",
    standing=True,
    noun="行业主管部门",
    unit="个",
    model=IndustryAuthority,
    clause="三（二）3（C082）",
    icon="building",
    family=FAMILY,
    order=451,
    inline=("contact_name", "contact_phone"),
    columns=(
        _pilot(),
        Column("name", "部门名称", required=True, longest=100, in_list=True, width=30),
        Column("contact_name", "联系人", longest=40, in_list=True),
        Column("contact_phone", "联系电话", ColumnKind.PHONE, longest=30, private=True),
        Column("duties", "职责", ColumnKind.LONG_TEXT, width=40),
        Column("note", "备注"),
    ),
    title="name",
    natural_key=("pilot", "name"),
    select_related=("pilot",),
    empty_hint="登记试点行业的相关主管部门。",
)

MEMBERS = Ledger(
    slug="pilot-members",
    standing=True,
    noun="试点行业企业",
    unit="家",
    model=PilotMember,
    clause="三（二）3（C077）",
    icon="buildings",
    family=FAMILY,
    order=452,
    columns=(
        _pilot(),
        Column(
            "subject",
            "已建档企业",
            ColumnKind.SUBJECT,
            subject_kinds=frozenset({SubjectKind.ENTERPRISE.value}),
            width=30,
            help="在登记表中的请选择；不在的填下面的名称",
        ),
        Column("name", "企业名称", longest=120, in_list=True, width=30, help="选了已建档企业的不用填"),
        Column(
            "size_class",
            "企业规模",
            ColumnKind.CHOICE,
            choices=tuple(SizeClass.choices),
            in_list=True,
            filterable=True,
            help="已建档企业按档案",
        ),
        Column("employee_count", "职工人数", ColumnKind.INTEGER, maximum=2_000_000, unit="人", in_list=True),
        Column("joined_on", "加入日期", ColumnKind.DATE, in_list=True, width=13),
        Column("left_on", "退出日期", ColumnKind.DATE, width=13),
        Column("note", "备注"),
    ),
    title="name",
    natural_key=("pilot", "name"),
    select_related=("pilot", "subject"),
    check=check_member,
    check_needs=("subject", "name"),
    prepare=fill_member,
    empty_hint="可在试点页面粘贴企业名称或信用代码，一次加入多家。",
)

PROGRESS = Ledger(
    slug="pilot-progress",
    noun="试点进展与总结",
    unit="条",
    model=PilotProgress,
    clause="二（三）、三（二）3（C035—C038、C078—C081）",
    icon="graph-up",
    family=FAMILY,
    order=453,
    columns=(
        _pilot(),
        Column("happened_on", "日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column(
            "kind",
            "类别",
            ColumnKind.CHOICE,
            choices=tuple(PilotProgressKind.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column("title", "标题", required=True, longest=160, in_list=True, width=34),
        Column("content", "内容", ColumnKind.LONG_TEXT, required=True, width=50, help="达到标准的写明依据"),
        *(
            Column(standard.key, standard.name, ColumnKind.BOOLEAN, width=12, help="达到的勾选，并附佐证材料")
            for standard in STANDARDS
        ),
        Column(
            "standards",
            "达到的标准",
            ColumnKind.DERIVED,
            value_of=standards_of,
            in_list=True,
            in_exchange=False,
        ),
        Column("document_number", "文号", longest=60),
        Column("spread_to", "推广到", longest=160, width=30),
        Column("note", "备注"),
    ),
    groups=(
        ("进展", ("pilot", "happened_on", "kind", "title", "content")),
        ("四项标准（二（三））", tuple(standard.key for standard in STANDARDS)),
        ("其他", ("document_number", "spread_to", "note")),
    ),
    title="title",
    natural_key=("pilot", "happened_on", "title"),
    select_related=("pilot",),
    check=check_progress,
    empty_hint="记录试点进展；2024年登记试点经验总结，2025年起登记推广应用。",
    paper=Paper("行业试点进展登记表"),
)

ACTIONS = Ledger(
    slug="industry-actions",
    noun="行业和谐行动",
    unit="项",
    model=IndustryAction,
    clause="四（二）（C106）",
    icon="list-check",
    family=FAMILY,
    order=454,
    columns=(
        Column("happened_on", "日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        _industry(required=True),
        Column("title", "行动名称", required=True, longest=160, in_list=True, width=34),
        Column("lead", "牵头单位", required=True, longest=100, in_list=True, width=24),
        Column("content", "内容", ColumnKind.LONG_TEXT, required=True, width=50),
        Column(
            "firms_reached",
            "覆盖企业",
            ColumnKind.INTEGER,
            maximum=2_000_000,
            unit="家",
            in_list=True,
            width=12,
        ),
        Column("note", "备注"),
    ),
    title="title",
    natural_key=("happened_on", "industry_code", "title"),
    empty_hint="试点之外，各行业系统根据本行业实际构建和谐劳动关系的行动。",
    paper=Paper("行业和谐行动登记表"),
)

STUDIES = Ledger(
    slug="field-studies",
    noun="调研",
    unit="次",
    model=FieldStudy,
    clause="二（三）（C039）、四（三）（C108）",
    icon="search",
    family=FAMILY,
    order=455,
    columns=(
        Column("happened_on", "日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column("title", "调研课题", required=True, longest=160, in_list=True, width=34),
        _industry(required=False),
        Column("subject", "调研对象", ColumnKind.SUBJECT, width=30, in_list=True),
        Column("places", "调研地点和单位", longest=200, width=30),
        Column("participants", "参加人员", longest=200, width=30),
        Column("findings", "发现和建议", ColumnKind.LONG_TEXT, required=True, width=50),
        Column(
            "guide",
            "形成的行业指引",
            ColumnKind.RECORD,
            ledger="industry-guides",
            width=30,
            help="调研促成指引的，选该指引",
        ),
        Column("note", "备注"),
    ),
    title="title",
    natural_key=("happened_on", "title"),
    select_related=("subject", "guide"),
    keepers=frozenset(
        {
            Role.CITY_OFFICE,
            Role.CITY_MEMBER,
            Role.DISTRICT_OFFICE,
            Role.DISTRICT_MEMBER,
            Role.INSTRUCTOR,
        }
    ),
    empty_hint="登记调研情况；形成行业指引的，与指引相互链接。",
    paper=Paper("调研记录", signatures=("记录人", "调研组负责人", "日期")),
)

GUIDES = Ledger(
    slug="industry-guides",
    standing=True,
    noun="行业指引",
    unit="份",
    model=IndustryGuide,
    clause="二（三）（C040）",
    icon="journal-check",
    family=FAMILY,
    order=456,
    columns=(
        _industry(required=True),
        Column("title", "指引名称", required=True, longest=160, in_list=True, width=36),
        Column(
            "state",
            "状态",
            ColumnKind.CHOICE,
            choices=tuple(GuideState.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column("issued_on", "印发日期", ColumnKind.DATE, in_list=True, width=13),
        Column("document_number", "文号", longest=60, in_list=True),
        Column("content", "主要内容", ColumnKind.LONG_TEXT, width=50),
        Column("note", "备注"),
    ),
    title="title",
    natural_key=("title",),
    check=check_guide,
    empty_hint="探索制定行业和谐劳动关系构建和评价指引。",
    paper=Paper("行业指引登记表"),
)

register_ledger(PARTNERS, AUTHORITIES, MEMBERS, PROGRESS, ACTIONS, STUDIES, GUIDES)
