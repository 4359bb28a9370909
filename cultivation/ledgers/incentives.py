"""Ledger of 创建激励措施: notice 一 (C012) wants them 更加完善 by 2027."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cultivation.enums import IncentiveKind, IncentiveLevel
from cultivation.ledgers.base import Column, ColumnKind, Ledger, Slip, register_ledger
from cultivation.ledgers.situation import FAMILY
from cultivation.models import Incentive
from zaozhuang_portal.accounts.actors import Actor


def check_span(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """The last day is not before the first."""
    first, last = values.get("effective_from"), values.get("effective_until")
    if first and last and last < first:
        yield Slip("effective_until", f"有效期至 {last} 早于施行日期 {first}，请核对。")


INCENTIVES = Ledger(
    slug="incentives",
    standing=True,
    noun="激励措施",
    unit="项",
    model=Incentive,
    clause="一、三（三）（C012、C084、C085）",
    icon="trophy",
    family=FAMILY,
    order=560,
    columns=(
        Column(
            "name",
            "激励措施",
            required=True,
            longest=120,
            in_list=True,
            width=36,
            example="示例（导入时忽略）优先推荐五一劳动奖",
        ),
        Column(
            "level",
            "适用对象",
            ColumnKind.CHOICE,
            choices=tuple(IncentiveLevel.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column(
            "kind",
            "类别",
            ColumnKind.CHOICE,
            choices=tuple(IncentiveKind.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column("granted_by", "兑现部门", required=True, longest=160, in_list=True, remember=True, width=24),
        Column(
            "document_number", "依据文号", required=True, longest=60, in_list=True, remember=True, width=20
        ),
        Column("effective_from", "施行日期", ColumnKind.DATE, width=13),
        Column("effective_until", "有效期至", ColumnKind.DATE, width=13, help="长期有效的不填"),
        Column("description", "内容和条件", ColumnKind.LONG_TEXT, width=40),
        Column("note", "备注"),
    ),
    groups=(
        ("措施", ("name", "level", "kind", "description")),
        ("依据和兑现", ("granted_by", "document_number", "effective_from", "effective_until", "note")),
    ),
    natural_key=("name", "document_number"),
    title="name",
    empty_hint="登记本区（市）对参与创建和达标企业的激励措施、依据文号和兑现部门；市里登记的各区（市）都看得到。",
    check=check_span,
)

register_ledger(INCENTIVES)
