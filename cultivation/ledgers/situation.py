"""Ledgers of 分析研判、宣传报道、特色品牌、认知度、典型经验、先进事迹."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cultivation.enums import AwarenessMetric, MediaKind
from cultivation.ledgers.base import Column, ColumnKind, Ledger, Paper, Slip, register_ledger
from cultivation.models import (
    AwarenessFigure,
    BestPractice,
    CampaignBrand,
    ExemplaryStory,
    PracticeAdoption,
    PublicityItem,
    SituationReview,
)
from cultivation.rules.best_practices import may_cite, read_tags
from cultivation.rules.period_figures import Amounts, ratio_percent
from cultivation.rules.sameness import cannot_tell
from zaozhuang_portal.accounts.actors import Actor

FAMILY = "研判、宣传和经验"

PUBLICITY = Ledger(
    slug="publicity",
    noun="宣传报道",
    unit="篇",
    model=PublicityItem,
    clause="四（四）",
    icon="send",
    family=FAMILY,
    order=510,
    columns=(
        Column("happened_on", "发布日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column(
            "title",
            "标题",
            required=True,
            in_list=True,
            width=40,
            example="示例（导入时忽略）某企业集体协商侧记",
        ),
        Column(
            "media_kind",
            "媒体类别",
            ColumnKind.CHOICE,
            choices=tuple(MediaKind.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column("outlet", "媒体名称", required=True, longest=80, in_list=True, synonyms=("刊发媒体", "媒体")),
        Column("form", "形式", longest=40, help="如消息、视频、专题"),
        Column("url", "链接", ColumnKind.URL, longest=300, width=30),
        Column("reads", "阅读（播放）量", ColumnKind.INTEGER, maximum=2_000_000_000, unit="次"),
        Column("subject", "报道对象", ColumnKind.SUBJECT, in_list=True, width=30),
        Column("note", "备注"),
    ),
    groups=(
        ("报道", ("happened_on", "title", "media_kind", "outlet", "form", "url", "reads")),
        ("其他", ("subject", "note")),
    ),
    natural_key=("happened_on", "outlet", "title"),
    empty_hint="可逐条新增，或把现有的报道清单从 Excel 粘贴进来。",
    paper=Paper("宣传报道登记表"),
)

SITUATION_REVIEWS = Ledger(
    slug="situation-reviews",
    noun="分析研判",
    unit="次",
    model=SituationReview,
    clause="三（二）2（C056）",
    icon="clipboard-check",
    family=FAMILY,
    order=500,
    columns=(
        Column("happened_on", "会议日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column(
            "title",
            "会议名称",
            required=True,
            longest=120,
            in_list=True,
            width=36,
            example="示例（导入时忽略）第三季度劳动关系形势分析会",
        ),
        Column("place", "地点", longest=100, remember=True),
        Column("chair", "主持人", longest=40, in_list=True, remember=True),
        Column("attendees", "参加单位和人员", ColumnKind.LONG_TEXT, remember=True, width=30),
        Column("issues", "研判的问题", ColumnKind.LONG_TEXT, required=True, width=40),
        Column("measures", "措施和分工", ColumnKind.LONG_TEXT, width=40),
        Column("follow_up", "落实情况", ColumnKind.LONG_TEXT, width=30),
        Column("note", "备注"),
    ),
    groups=(
        ("会议", ("title", "happened_on", "place", "chair", "attendees")),
        ("内容", ("issues", "measures", "follow_up", "note")),
    ),
    natural_key=("happened_on", "title"),
    empty_hint="通知要求定期分析研判劳动关系领域重大问题，会后在此登记问题和措施。",
    paper=Paper(
        "劳动关系形势分析研判会议记录",
        columns=("title", "happened_on", "place", "chair", "attendees", "issues", "measures"),
        signatures=("记录人", "主持人", "日期"),
    ),
)

BRANDS = Ledger(
    slug="brands",
    standing=True,
    noun="特色品牌",
    unit="个",
    model=CampaignBrand,
    clause="四（四）（C116）",
    icon="star",
    family=FAMILY,
    order=520,
    columns=(
        Column(
            "name",
            "品牌名称",
            required=True,
            longest=100,
            in_list=True,
            width=30,
            example="示例（导入时忽略）",
        ),
        Column("launched_on", "启用日期", ColumnKind.DATE, in_list=True, width=13),
        Column("description", "内容和做法", ColumnKind.LONG_TEXT, required=True, width=40),
        Column("results", "成效", ColumnKind.LONG_TEXT, width=40),
        Column("subject", "相关培育对象", ColumnKind.SUBJECT, in_list=True, width=30),
        Column("note", "备注"),
    ),
    natural_key=("name", "subject", "launched_on"),
    is_same=cannot_tell,
    title="name",
    empty_hint="登记本区（市）打造的劳动关系特色品牌。",
)


def awareness_words(record: AwarenessFigure) -> str:
    ratio = ratio_percent(Amounts(record.numerator, record.denominator))  # type: ignore[arg-type]  # whole numbers divide alike
    return "" if ratio is None else f"{ratio}%"


def check_awareness(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """Of the valid sample, at least one, so many answered yes."""
    part, whole = values.get("numerator"), values.get("denominator")
    if whole == 0:
        yield Slip("denominator", "有效样本须大于 0；没有调查的不登记。")
    elif part is not None and whole is not None and part > whole:
        yield Slip("numerator", f"肯定回答 {part} 人大于有效样本 {whole} 人，请核对。")


AWARENESS = Ledger(
    slug="awareness",
    noun="认知度、参与度、美誉度",
    unit="项",
    model=AwarenessFigure,
    clause="四（四）（C117）",
    icon="bar-chart",
    family=FAMILY,
    order=530,
    columns=(
        Column("happened_on", "调查日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column(
            "metric",
            "指标",
            ColumnKind.CHOICE,
            choices=tuple(AwarenessMetric.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column(
            "method",
            "调查方式",
            required=True,
            longest=100,
            in_list=True,
            remember=True,
            help="如问卷、入企访问",
        ),
        Column(
            "numerator",
            "肯定回答",
            ColumnKind.INTEGER,
            required=True,
            maximum=10_000_000,
            unit="人",
            in_list=True,
        ),
        Column(
            "denominator",
            "有效样本",
            ColumnKind.INTEGER,
            required=True,
            maximum=10_000_000,
            unit="人",
            in_list=True,
        ),
        Column(
            "ratio", "比率", ColumnKind.DERIVED, in_list=True, value_of=awareness_words, help="由系统计算"
        ),
        Column("note", "备注"),
    ),
    natural_key=("happened_on", "metric", "method"),
    title="metric",
    empty_hint="开展过问卷或访问的，登记有效样本和肯定回答人数，比率由系统计算；没有调查的不必登记。",
    check=check_awareness,
)


def citation_words(record: BestPractice) -> str:
    citation = may_cite(record)
    return "可引用" if citation.allowed else "暂不可引用"


def check_practice(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """Consent entered for the firm (代录) names who gave it and when."""
    day, name = values.get("consented_on"), (values.get("consented_by") or "").strip()
    if day and not name:
        yield Slip("consented_by", "填了同意日期，请写明是企业哪位负责人同意的，并上传书面同意书。")
    if name and not day:
        yield Slip("consented_on", "写了同意人，请填同意日期（以书面同意书为准）。")
    if (day or name) and not values.get("subject"):
        yield Slip("subject", "有企业同意的，请选择经验所属的培育对象。")


def prepare_practice(actor: Actor | None, record: Any, values: dict[str, Any]) -> None:
    """Tags in one writing. A consent given online that is changed by hand becomes 代录."""
    values["tags"] = "、".join(read_tags(values.get("tags") or ""))
    if record is not None and record.consent_online:
        kept = (record.consented_on, record.consented_by, record.subject_id)
        subject = values.get("subject")
        now = (values.get("consented_on"), values.get("consented_by"), subject.pk if subject else None)
        values["consent_online"] = kept == now


BEST_PRACTICES = Ledger(
    slug="best-practices",
    noun="典型经验",
    unit="条",
    model=BestPractice,
    clause="三（四）1（C089）、四（四）（C118）",
    icon="bookmark",
    family=FAMILY,
    order=540,
    pages=(("经验库", "cultivation:practice_library"),),
    columns=(
        Column(
            "title", "标题", required=True, longest=160, in_list=True, width=40, example="示例（导入时忽略）"
        ),
        Column("subject", "培育对象", ColumnKind.SUBJECT, in_list=True, width=30, help="报告引用前必须注明"),
        Column("tags", "标签", longest=120, in_list=True, help="用顿号隔开，如：集体协商、民主管理"),
        Column("summary", "做法", ColumnKind.LONG_TEXT, required=True, width=40),
        Column("results", "成效", ColumnKind.LONG_TEXT, width=40),
        Column("proof", "证明材料", help="材料名称或文号，原件作附件上传", width=26),
        Column(
            "consented_on",
            "企业同意日期",
            ColumnKind.DATE,
            help="凭书面同意书代录并上传扫描件；企业经办人也可在线同意",
            width=13,
        ),
        Column("consented_by", "企业同意人", longest=40),
        Column("citation", "能否引用", ColumnKind.DERIVED, in_list=True, value_of=citation_words),
        Column("note", "备注"),
    ),
    groups=(
        ("经验", ("title", "subject", "tags", "summary", "results")),
        ("证明和同意", ("proof", "consented_on", "consented_by", "note")),
    ),
    natural_key=("title", "subject", "year"),
    is_same=cannot_tell,
    empty_hint="提炼可复制可推广的做法；注明对象、证明材料并取得企业同意后，报告才能引用。",
    paper=Paper(
        "典型经验材料和企业同意书",
        scan="企业同意书",
        columns=("title", "subject", "summary", "results", "proof"),
        signatures=("企业意见（同意公开引用）", "企业负责人（签字盖章）", "日期"),
    ),
    check=check_practice,
    prepare=prepare_practice,
)

PRACTICE_ADOPTIONS = Ledger(
    slug="practice-adoptions",
    noun="经验推广应用",
    unit="处",
    model=PracticeAdoption,
    clause="三（四）1、4（C089、C094）",
    icon="arrow-repeat",
    family=FAMILY,
    order=541,
    columns=(
        Column("happened_on", "应用日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column(
            "practice",
            "典型经验",
            ColumnKind.RECORD,
            ledger="best-practices",
            required=True,
            in_list=True,
            width=36,
        ),
        Column("adopted_by", "推广应用单位", required=True, longest=120, in_list=True, width=30),
        Column("adopting_organization", "所在区（市）", ColumnKind.ORGANIZATION, in_list=True, width=14),
        Column("effect", "应用情况", ColumnKind.LONG_TEXT, width=40),
        Column("note", "备注"),
    ),
    natural_key=("practice", "adopted_by"),
    title="practice",
    empty_hint="哪里学了、用了这条经验，在此登记，经验页上会列出。",
)


def check_story(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """Told to the public only with consent (C118)."""
    if values.get("publicized") and not values.get("consented_on"):
        yield Slip(
            "consented_on", "已宣传的先进事迹须有本人（单位）同意的日期；尚未取得同意的，请先不标“已宣传”。"
        )


STORIES = Ledger(
    slug="stories",
    noun="先进事迹",
    unit="篇",
    model=ExemplaryStory,
    clause="四（四）（C118）",
    icon="trophy",
    family=FAMILY,
    order=550,
    columns=(
        Column(
            "title", "标题", required=True, longest=160, in_list=True, width=40, example="示例（导入时忽略）"
        ),
        Column("person", "先进个人（集体）", required=True, longest=80, in_list=True),
        Column("subject", "所在培育对象", ColumnKind.SUBJECT, in_list=True, width=30),
        Column("story", "事迹", ColumnKind.LONG_TEXT, required=True, width=40),
        Column("consented_on", "本人（单位）同意日期", ColumnKind.DATE, in_list=True, width=13),
        Column("publicized", "已宣传", ColumnKind.BOOLEAN, in_list=True, filterable=True),
        Column("note", "备注"),
    ),
    natural_key=("title", "person", "subject", "year"),
    is_same=cannot_tell,
    empty_hint="登记和谐劳动关系创建中的先进个人和集体；取得同意后再对外宣传。",
    check=check_story,
)

register_ledger(PUBLICITY, SITUATION_REVIEWS, BRANDS, AWARENESS, BEST_PRACTICES, PRACTICE_ADOPTIONS, STORIES)
