"""Ledger of 指导服务 (notice 三（二）1–2, 四（三）: C051, C073, C108). A visit counts once, whoever took part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
from cultivation.ledgers.instructors import participant_of, serving_instructor
from cultivation.models import GuidanceVisit, Pairing, Subject, VisitParticipant
from cultivation.rules.pairings import not_over
from cultivation.rules.participants import Participant, read_participants
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import MemberUnit
from zaozhuang_portal.kernel.clock import now, shanghai_date
from zaozhuang_portal.kernel.lengths import shortened


@dataclass
class Known:
    """What the rows are judged against: visits by (subject, day), periods of pairings by subject."""

    visits: dict[tuple[int, date], list[tuple[int | None, str, str]]]
    periods: dict[int, list[tuple[date, date | None]]]
    units: dict[int, list[str]]


def known_for(rows: Sequence[Mapping[str, Any]]) -> Known:
    """Statements: 3, whatever the number of rows."""
    subjects = {values["subject"].pk: values["subject"] for values in rows}
    known = Known(defaultdict(list), defaultdict(list), defaultdict(list))
    found = GuidanceVisit.objects.live().filter(
        subject_id__in=list(subjects), happened_on__in={values["happened_on"] for values in rows}
    )
    columns = ("subject_id", "happened_on", "pk", "topic", "participant_words")
    for subject, day, pk, topic, words in found.order_by("id").values_list(*columns):
        known.visits[subject, day].append((pk, topic, words))
    pairings = Pairing.objects.live().filter(subject_id__in=list(subjects))
    for subject, first, last in pairings.order_by().values_list("subject_id", "starts_on", "ends_on"):
        known.periods[subject].append((first, last))
    if any(values.get("participant_words") for values in rows):
        districts = {subject.managing_organization_id for subject in subjects.values()}
        units = MemberUnit.objects.filter(
            Q(organization_id__in=districts) | Q(organization__level=Level.CITY)
        )
        for district, level, name in units.values_list("organization_id", "organization__level", "name"):
            for one in districts if level == Level.CITY else [district]:
                known.units[one].append(name)
    return known


def check_visit(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """Not in the future; a second visit on the same day and a day outside the pairing are asked about."""
    yield from _slips(record, values, known_for([values]))


def check_visits(
    actor: Actor | None, rows: Sequence[tuple[Any, Mapping[str, Any]]]
) -> Sequence[Iterable[Slip]]:
    """An import's rows against what is there and against each other. Statements: 3."""
    known = known_for([values for _, values in rows])
    answers = []
    for record, values in rows:
        answers.append(list(_slips(record, values, known)))
        if record is None:
            entry = (None, values["topic"], values.get("participant_words") or "")
            known.visits[values["subject"].pk, values["happened_on"]].append(entry)
    return answers


def _slips(record: Any, values: Mapping[str, Any], known: Known) -> Iterator[Slip]:
    day, due = values["happened_on"], values.get("follow_up_due")
    future = day > shanghai_date(now())
    if future:
        yield Slip("happened_on", f"服务日期 {day} 还没有到。指导服务在完成后登记，请改为实际日期。")
    if due is not None and due < day:
        yield Slip("follow_up_due", f"跟进时限 {due} 早于服务日期 {day}，请核对。")
    done = values.get("follow_up_done_on")
    if done is not None and done < day:
        yield Slip("follow_up_done_on", f"跟进完成日期 {done} 早于服务日期 {day}，请核对。")
    yield from _people(values, known)
    moved = record is None or (record.subject_id, record.happened_on) != (values["subject"].pk, day)
    if moved and not future:
        yield from _same_day(record, values, known)
        yield from _outside_pairing(values, known)


def _people(values: Mapping[str, Any], known: Known) -> Iterator[Slip]:
    units = known.units[values["subject"].managing_organization_id]
    try:
        read_participants(values.get("participant_words") or "", units)
    except ValueError as error:
        name = shortened(str(error), 13)
        yield Slip("participant_words", f"“{name}”太长，不像一个姓名。多个人员请用顿号隔开，如“张三、李四”。")


def _same_day(record: Any, values: Mapping[str, Any], known: Known) -> Iterator[Slip]:
    mine = record.pk if record is not None else 0
    for pk, topic, words in known.visits[values["subject"].pk, values["happened_on"]]:
        if pk != mine:
            yield Slip(
                "happened_on",
                f"{values['happened_on']} 已登记过对该对象的指导服务“{topic}”（{words or '其他人员'}）。"
                "同一次服务请加入已有记录，只计一次；确为另一次的，请再次保存。",
                warning=True,
            )
            return


def _outside_pairing(values: Mapping[str, Any], known: Known) -> Iterator[Slip]:
    day, periods = values["happened_on"], known.periods[values["subject"].pk]
    if periods and not any(first <= day and not_over(last, day) for first, last in periods):
        yield Slip(
            "happened_on",
            f"{day} 不在该对象任何一段结对期内，请核对日期，或先补登结对；确认无误的，请再次保存。",
            warning=True,
        )


def keep_participants(actor: Actor | None, record: GuidanceVisit) -> None:
    """Make the participant rows say what the line says; a row that is already there keeps its account.

    Who writes the own name with the own unit is that participant.
    """
    keep_all_participants([record])
    if actor is None or actor.user.full_name not in record.participant_words:
        return
    if not record.participants.filter(user=actor.user).exists():
        unit, name = participant_of(actor, serving_instructor(actor, shanghai_date(now())))
        record.participants.filter(user=None, unit=unit, name=name).update(user=actor.user)


def instructor_defaults(actor: Actor, today: date) -> dict[str, Any]:
    """A visit an instructor writes down is one an instructor took part in: the writer, for the own unit."""
    serving = serving_instructor(actor, today)
    if serving is None:
        return {}
    unit, name = participant_of(actor, serving)
    return {"by_instructor": True, "participant_words": str(Participant(unit.name if unit else "", name))}


def keep_all_participants(visits: Sequence[GuidanceVisit]) -> None:
    """The same for many visits. Statements: 5 and one per 1,000 rows written."""
    moved = dict(
        Subject.objects.filter(pk__in={visit.subject_id for visit in visits}).values_list(
            "pk", "managing_organization_id"
        )
    )
    places = {visit.organization_id for visit in visits} | set(moved.values())
    known = MemberUnit.objects.filter(Q(organization_id__in=places) | Q(organization__level=Level.CITY))
    units = {(unit.organization_id, unit.name): unit for unit in known.select_related("organization")}
    by_place: dict[int | None, dict[str, MemberUnit]] = defaultdict(dict)
    for (place, name), unit in units.items():
        by_place[None if unit.organization.level == Level.CITY else place][name] = unit
    present: dict[int, dict[Participant, int]] = defaultdict(dict)
    rows = VisitParticipant.objects.filter(visit__in=visits).order_by("id")
    for visit_id, unit_name, name, pk in rows.values_list("visit_id", "unit__name", "name", "pk"):
        present[visit_id][Participant(unit_name or "", name)] = pk
    gone: list[int] = []
    new: list[VisitParticipant] = []
    for visit in visits:
        near = by_place[None] | by_place[visit.organization_id] | by_place[moved[visit.subject_id]]
        wanted = read_participants(visit.participant_words, list(near))
        gone += [pk for person, pk in present[visit.pk].items() if person not in wanted]
        new += [
            VisitParticipant(visit=visit, unit=near.get(person.unit), name=person.name)
            for person in wanted
            if person not in present[visit.pk]
        ]
    VisitParticipant.objects.filter(pk__in=gone).delete()
    VisitParticipant.objects.bulk_create(new, batch_size=1_000)


def follow_up_words(visit: GuidanceVisit) -> str:
    if visit.follow_up_done_on is not None:
        return "已办结"
    return f"待跟进（{visit.follow_up_due:%Y-%m-%d}前）" if visit.follow_up_due is not None else ""


VISITS = Ledger(
    slug="visits",
    open_row=lambda row: row.follow_up_due is not None and row.follow_up_done_on is None,
    finishing=frozenset({"follow_up_due", "follow_up_done_on", "follow_up_note"}),
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
            choices=(("True", "是"), ("False", "否")),
            filterable=True,
            width=12,
        ),
        Column(
            "indicators",
            "涉及指标（编号）",
            ColumnKind.DERIVED,
            value_of=lambda visit: "、".join(visit.indicator_codes),
            value_from=("indicator_codes",),
            help="指标编号；重构稿，待官方文本核定",
        ),
        Column("findings", "发现的问题", ColumnKind.LONG_TEXT, width=40),
        Column("advice", "指导意见", ColumnKind.LONG_TEXT, width=40),
        Column("follow_up_due", "跟进时限", ColumnKind.DATE, width=13),
        Column("follow_up_done_on", "跟进完成日期", ColumnKind.DATE, width=13),
        Column("follow_up_note", "跟进情况", longest=300, width=30),
        Column(
            "follow_up", "跟进", ColumnKind.DERIVED, value_of=follow_up_words, in_list=True, in_exchange=False
        ),
        Column("note", "备注"),
    ),
    groups=(
        (
            "服务",
            ("subject", "happened_on", "mode", "purpose", "topic", "participant_words", "by_instructor"),
        ),
        ("内容", ("findings", "advice")),
        ("跟进", ("follow_up_due", "follow_up_done_on", "follow_up_note", "note")),
    ),
    natural_key=("happened_on", "subject", "topic"),
    asks_about=None,  # every second visit of a day is asked about
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
    check_needs=("subject", "happened_on"),
    check_many=check_visits,
    finish=keep_participants,
    defaults=instructor_defaults,
    after_import=keep_all_participants,
    list_url_name="cultivation:visit_list",
    create_url_name="cultivation:visit_choose",
)

register_ledger(VISITS)
