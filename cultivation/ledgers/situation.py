"""Ledgers of 分析研判、宣传报道、特色品牌、认知度、典型经验、先进事迹."""

from __future__ import annotations

from cultivation.enums import MediaKind
from cultivation.ledgers.base import Column, ColumnKind, Ledger, Paper, register_ledger
from cultivation.models import PublicityItem

PUBLICITY = Ledger(
    slug="publicity",
    noun="宣传报道",
    unit="篇",
    model=PublicityItem,
    clause="四（四）",
    icon="megaphone",
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

register_ledger(PUBLICITY)
