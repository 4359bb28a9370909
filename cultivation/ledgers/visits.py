"""Ledger of 指导服务 (notice 三（二）1–2, 四（三）: C051, C073, C108). A visit counts once, whoever took part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from cultivation.enums import VisitMode, VisitPurpose
from cultivation.ledgers.base import (
    FIELD_KEEPERS,
    Column,
    ColumnKind,
    Ledger,
    Paper,
    Slip,
    register_ledger,
)
from cultivation.models import GuidanceVisit, Pairing, VisitParticipant
from cultivation.rules.participants import Participant, read_participants
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import MemberUnit
from zaozhuang_portal.kernel.clock import now, shanghai_date


def check_visit(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """Not in the future; a second visit on the same day and a day outside the pairing are asked about."""
    day, due = values["happened_on"], values.get("follow_up_due")
    if day > shanghai_date(now()):
        yield Slip("happened_on", f"服务日期 {day} 还没有到。指导服务在完成后登记，请改为实际日期。")
        return
    if due is not None and due < day:
        yield Slip("follow_up_due", f"跟进时限 {due} 早于服务日期 {day}，请核对。")
        return
    yield from check_participants(values)
    done = values.get("follow_up_done_on")
    if done is not None and done < day:
        yield Slip("follow_up_done_on", f"跟进完成日期 {done} 早于服务日期 {day}，请核对。")
        return
    if record is None or (record.subject_id, record.happened_on) != (values["subject"].pk, day):
        yield from _same_day(record, values)
        yield from _outside_pairing(values)


def _same_day(record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    rows = GuidanceVisit.objects.live().filter(subject=values["subject"], happened_on=values["happened_on"])
    other = rows.exclude(pk=record.pk if record is not None else None).order_by("id").first()
    if other is not None:
        who = other.participant_words or "其他人员"
        yield Slip(
            "happened_on",
            f"{other.happened_on} 已登记过对该对象的指导服务“{other.topic}”（{who}）。"
            "同一次服务请加入已有记录，只计一次；确为另一次的，请再次保存。",
            warning=True,
        )


def _outside_pairing(values: Mapping[str, Any]) -> Iterable[Slip]:
    day = values["happened_on"]
    rows = Pairing.objects.live().filter(subject=values["subject"])
    running = Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    if rows.exists() and not rows.filter(running).exists():
        yield Slip(
            "happened_on",
            f"{day} 不在该对象任何一段结对期内，请核对日期，或先补登结对；确认无误的，请再次保存。",
            warning=True,
        )


def units_near(organization_id: int) -> dict[str, MemberUnit]:
    """The member units a visit in this district may name: its own and the city's, by name. Statements: 1."""
    own = Q(organization_id=organization_id) | Q(organization__level=Level.CITY)
    return {unit.name: unit for unit in MemberUnit.objects.filter(own)}


def check_participants(values: Mapping[str, Any]) -> Iterable[Slip]:
    words = values.get("participant_words") or ""
    try:
        read_participants(words, list(units_near(values["subject"].managing_organization_id)) if words else ())
    except ValueError as error:
        yield Slip(
            "participant_words", f"“{str(error)[:12]}…”太长，不像一个姓名。多个人员请用顿号隔开，如“张三、李四”。"
        )


def keep_participants(actor: Actor | None, record: GuidanceVisit) -> None:
    """Make the participant rows say what the line says; a row that is already there keeps its account."""
    units = units_near(record.subject.managing_organization_id) if record.participant_words else {}
    wanted = read_participants(record.participant_words, list(units))
    present = {
        Participant(row.unit.name if row.unit else "", row.name): row
        for row in record.participants.select_related("unit")
    }
    gone = [row.pk for person, row in present.items() if person not in wanted]
    VisitParticipant.objects.filter(pk__in=gone).delete()
    VisitParticipant.objects.bulk_create(
        VisitParticipant(visit=record, unit=units.get(person.unit), name=person.name)
        for person in wanted
        if person not in present
    )


VISITS = Ledger(
    slug="visits",
    noun="指导服务",
    unit="次",
    model=GuidanceVisit,
    clause="三（二）1、2（C051、C073）",
    icon="journal-check",
    family="结对和指导服务",
    order=410,
    keepers=FIELD_KEEPERS,
    contact_reads=True,
    columns=(
        Column("happened_on", "日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column("subject", "培育对象", ColumnKind.SUBJECT, required=True, in_list=True, width=34),
        Column(
            "mode",
            "方式",
            ColumnKind.CHOICE,
            choices=tuple(VisitMode.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column(
            "purpose",
            "类别",
            ColumnKind.CHOICE,
            choices=tuple(VisitPurpose.choices),
            required=True,
            in_list=True,
            filterable=True,
        ),
        Column(
            "topic",
            "主题",
            required=True,
            longest=120,
            in_list=True,
            width=34,
            example="示例（导入时忽略）劳动合同规范指导",
        ),
        Column(
            "participant_words",
            "参加单位和人员",
            longest=300,
            in_list=True,
            width=34,
            help="如“市总工会 张三、李四”，用顿号隔开",
            synonyms=("参加人员", "指导人员"),
        ),
        Column(
            "by_instructor",
            "集体协商专职指导员参加",
            ColumnKind.BOOLEAN,
            filterable=True,
            width=12,
        ),
        Column(
            "indicators",
            "涉及指标",
            ColumnKind.DERIVED,
            value_of=lambda visit: "、".join(visit.indicator_codes),
            help="指标编号；重构稿，待官方文本核定",
        ),
        Column("findings", "发现的问题", ColumnKind.LONG_TEXT, width=40),
        Column("advice", "指导意见", ColumnKind.LONG_TEXT, width=40),
        Column("follow_up_due", "跟进时限", ColumnKind.DATE, in_list=True, width=13),
        Column("follow_up_done_on", "跟进完成日期", ColumnKind.DATE, width=13),
        Column("follow_up_note", "跟进情况", longest=300, width=30),
        Column("note", "备注"),
    ),
    groups=(
        ("服务", ("subject", "happened_on", "mode", "purpose", "topic", "participant_words", "by_instructor")),
        ("内容", ("findings", "advice")),
        ("跟进", ("follow_up_due", "follow_up_done_on", "follow_up_note", "note")),
    ),
    natural_key=("happened_on", "subject", "topic"),
    title="topic",
    empty_hint="到企业、园区指导后用手机登记：选对象、拍照、保存。也可以从 Excel 导入以前的服务记录。",
    paper=Paper(
        "指导服务记录单",
        columns=(
            "subject",
            "happened_on",
            "mode",
            "purpose",
            "topic",
            "participant_words",
            "indicators",
            "findings",
            "advice",
            "follow_up_due",
        ),
        signatures=("服务人员", "培育对象（盖章）", "日期"),
    ),
    check=check_visit,
    finish=keep_participants,
    create_url_name="cultivation:visit_choose",
)

register_ledger(VISITS)
