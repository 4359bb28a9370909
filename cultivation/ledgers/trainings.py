"""Ledger of 专题培训 (notice 三（二）1, C046–C050). Who came is entered on the training's own page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from cultivation.enums import TrainingTopic
from cultivation.ledgers.base import Column, ColumnKind, Ledger, Paper, Slip, register_ledger
from cultivation.models import Training
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import MemberUnitKind
from zaozhuang_portal.accounts.models import MemberUnit

LONGEST_DAYS = 30


def check_training(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """其他 needs words; the end is not before the start."""
    topics = values.get("topics") or []
    words = (values.get("other_topic") or "").strip()
    if TrainingTopic.OTHER in topics and not words:
        yield Slip("other_topic", "培训内容选了“其他”，请写明其他内容是什么。")
    if words and TrainingTopic.OTHER not in topics:
        yield Slip("topics", "写了其他内容，请在培训内容中勾选“其他”，或删去其他内容。")
    starts, ends = values.get("happened_on"), values.get("ends_on")
    if starts and ends and ends < starts:
        yield Slip("ends_on", f"结束日期 {ends} 早于培训日期 {starts}，请核对。")
    elif starts and ends and ends - starts > timedelta(days=LONGEST_DAYS):
        yield Slip(
            "ends_on", f"培训历时超过 {LONGEST_DAYS} 天，请核对日期；分期举办的请按期登记。", warning=True
        )


def organizer_of(actor: Actor) -> MemberUnit | None:
    """The actor's own unit; an office of the three parties sits in the 人社 department of its organization."""
    if actor.capacity.member_unit is not None or actor.organization is None:
        return actor.capacity.member_unit
    units = MemberUnit.objects.filter(organization_id=actor.organization.pk, kind=MemberUnitKind.HRSS)
    return units.order_by("id").first()


TRAININGS = Ledger(
    slug="trainings",
    noun="专题培训",
    unit="场",
    model=Training,
    clause="三（二）1（C046–C050）",
    icon="mortarboard",
    family="专题培训",
    order=420,
    pages=(("培训覆盖", "cultivation:training_coverage"),),
    columns=(
        Column("happened_on", "培训日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column("ends_on", "结束日期", ColumnKind.DATE, help="一天办完的不填", width=13),
        Column(
            "title",
            "培训名称",
            required=True,
            longest=160,
            in_list=True,
            width=40,
            example="示例（导入时忽略）集体协商和民主管理专题培训班",
            synonyms=("培训班", "培训主题"),
        ),
        Column(
            "topics",
            "培训内容",
            ColumnKind.CHOICES,
            choices=tuple(TrainingTopic.choices),
            required=True,
            in_list=True,
            filterable=True,
            width=40,
            help="通知列举的四组内容，可多选",
        ),
        Column("other_topic", "其他内容", longest=80, help="选了“其他”时写明"),
        Column("place", "地点", longest=100, remember=True),
        Column("lecturer", "授课人", longest=80, remember=True),
        Column("organizer", "主办单位", ColumnKind.MEMBER_UNIT, in_list=True, remember=True, width=26),
        Column(
            "other_attendance",
            "其他参训人次",
            ColumnKind.INTEGER,
            maximum=100_000,
            unit="人次",
            help="不属于在册培育对象的人员",
        ),
        Column("note", "备注"),
    ),
    groups=(
        ("培训", ("title", "happened_on", "ends_on", "topics", "other_topic")),
        ("组织", ("place", "lecturer", "organizer", "other_attendance", "note")),
    ),
    natural_key=("happened_on", "title"),
    sheet="attendance",
    empty_hint="先登记一场培训，再在它的页面上登记各企业参训人次，可以成批粘贴。",
    paper=Paper(
        "专题培训签到表",
        scan="签到表",
        columns=("title", "happened_on", "place", "lecturer", "topics", "organizer"),
        signatures=("主办单位经办人", "日期"),
        blank_rows=20,
        blank_headers=("序号", "单位", "姓名", "职务", "联系电话", "签名"),
    ),
    defaults=lambda actor, today: {"organizer": organizer_of(actor)},
    check=check_training,
    prepare=lambda actor, record, values: values.update(other_attendance=values.get("other_attendance") or 0),
)

register_ledger(TRAININGS)
