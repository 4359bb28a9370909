"""Ledgers of 协调员、指导员, 定点联系, 基层公共服务站点 and their monthly numbers (C032, C051, C059–C061)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from cultivation.ledgers.base import TALLY_KEEPERS, Column, ColumnKind, Ledger, Slip, register_ledger
from cultivation.models import (
    BargainingInstructor,
    Coordinator,
    LiaisonAssignment,
    PublicServicePoint,
    ServicePointTally,
)
from cultivation.models.staff import ServingPerson
from cultivation.rules.sameness import same_person
from zaozhuang_portal.accounts.actors import Actor

FAMILY = "队伍和服务站点"


def period_slip(values: Mapping[str, Any], start: str, end: str, words: str) -> Iterable[Slip]:
    """The end before the start."""
    first, last = values.get(start), values.get(end)
    if first and last and last < first:
        yield Slip(end, f"{words} {last} 早于开始的日期 {first}，请核对。")


def check_person(
    actor: Actor | None, record: ServingPerson | None, values: Mapping[str, Any]
) -> Iterable[Slip]:
    """Nobody leaves while still looking after a firm: hand over or end the liaisons first."""
    yield from period_slip(values, "appointed_on", "left_on", "离任日期")
    left_on = values.get("left_on")
    if record is None or record.pk is None or left_on is None or left_on == record.left_on:
        return
    liaisons: Any = record.liaisons  # type: ignore[attr-defined]  # related name of LiaisonAssignment on both models
    names = list(liaisons.live().filter(ends_on__isnull=True).values_list("subject__name", flat=True)[:50])
    if names:
        shown = "、".join(names[:3]) + (" 等" if len(names) > 3 else "")
        yield Slip(
            "left_on",
            f"{record.name}还在定点联系 {len(names)} 户企业（{shown}）。"
            "请回到其登记页，点“办理离任”，把企业移交给接任人或结束联系，离任日期随之登记。",
        )


def _person_columns(*own: Column) -> tuple[Column, ...]:
    return (
        Column(
            "name", "姓名", required=True, longest=40, in_list=True, width=12, example="示例（导入时忽略）"
        ),
        Column("phone", "联系电话", ColumnKind.PHONE, longest=30, private=True, in_list=True),
        *own,
        Column("staff_number", "工号", longest=30, help="同一单位有同名人员的，填工号或联系电话以便区分"),
        Column("employer", "所在单位", longest=100, in_list=True, width=26),
        Column("certificate", "资格（等级）证书", longest=80, help="如劳动关系协调员三级"),
        Column("appointed_on", "聘任日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column(
            "left_on",
            "离任日期",
            ColumnKind.DATE,
            in_list=True,
            width=13,
            help="联系着企业的，请用“办理离任”",
        ),
        Column("user", "账号", ColumnKind.USER, help="有账号才能统计其参加的指导服务"),
        Column("note", "备注"),
    )


_PERSON_GROUPS = (
    ("聘任", ("employer", "staff_number", "certificate", "appointed_on", "left_on", "user", "note")),
)

COORDINATORS = Ledger(
    slug="coordinators",
    standing=True,
    noun="劳动关系协调员",
    unit="人",
    model=Coordinator,
    clause="三（二）2（C059–C060）",
    icon="person-badge",
    family=FAMILY,
    order=430,
    pages=(("联系负荷", "cultivation:staff_load"),),
    inline=("phone", "note"),
    columns=_person_columns(
        Column(
            "township",
            "乡镇（街道）、园区",
            ColumnKind.TOWNSHIP,
            in_list=True,
            filterable=True,
            width=18,
            help="区（市）本级的协调员不填",
        )
    ),
    groups=(("协调员", ("name", "phone", "township")), *_PERSON_GROUPS),
    natural_key=("name", "employer"),
    compared=("staff_number", "phone", "appointed_on", "left_on"),
    is_same=same_person,
    title="name",
    empty_hint="登记各园区、乡镇（街道）的协调员，再为其分配定点联系的企业。",
    check=check_person,
)

INSTRUCTORS = Ledger(
    slug="instructors",
    standing=True,
    noun="集体协商专职指导员",
    unit="人",
    model=BargainingInstructor,
    clause="三（二）1（C051）",
    icon="person-gear",
    family=FAMILY,
    order=431,
    pages=(("联系负荷", "cultivation:staff_load"),),
    inline=("phone", "note"),
    columns=_person_columns(Column("specialty", "专长", longest=100, in_list=True)),
    groups=(("指导员", ("name", "phone", "specialty")), *_PERSON_GROUPS),
    natural_key=("name", "employer"),
    compared=("staff_number", "phone", "appointed_on", "left_on"),
    is_same=same_person,
    title="name",
    empty_hint="登记专职指导员，再为其分配定点联系的企业。",
    check=check_person,
)


def check_liaison(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """One person, of the firm's district, in service; an end has its reason; not twice at once."""
    yield from _liaison_slips(values, open_liaisons([values]) - {_open_liaison(record)})


def check_liaisons(
    actor: Actor | None, rows: Sequence[tuple[Any, Mapping[str, Any]]]
) -> Sequence[Iterable[Slip]]:
    """An import's rows against what is there and against each other. Statements: 1."""
    taken = open_liaisons([values for _, values in rows])
    answers = []
    for record, values in rows:
        answers.append(list(_liaison_slips(values, taken - {_open_liaison(record)})))
        if values.get("ends_on") is None and values.get("subject"):
            taken = taken | {_tie_of(values)}
    return answers


Tie = tuple[int | None, int | None, int | None]


def open_liaisons(rows: Iterable[Mapping[str, Any]]) -> set[Tie | None]:
    """(subject, coordinator, instructor) of the liaisons in force of these rows' subjects. Statements: 1."""
    subjects = {values["subject"].pk for values in rows if values.get("subject")}
    open_ones = LiaisonAssignment.objects.live().filter(subject_id__in=subjects, ends_on__isnull=True)
    return set(open_ones.values_list("subject_id", "coordinator_id", "instructor_id"))


def _open_liaison(record: Any) -> Tie | None:
    if record is None or record.ends_on is not None:
        return None
    return record.subject_id, record.coordinator_id, record.instructor_id


def _tie_of(values: Mapping[str, Any]) -> Tie:
    coordinator, instructor = values.get("coordinator"), values.get("instructor")
    return (
        values["subject"].pk,
        coordinator.pk if coordinator else None,
        instructor.pk if instructor else None,
    )


def _liaison_slips(values: Mapping[str, Any], taken: Collection[Tie | None]) -> Iterable[Slip]:
    yield from period_slip(values, "starts_on", "ends_on", "结束日期")
    coordinator, instructor = values.get("coordinator"), values.get("instructor")
    person = coordinator or instructor
    if bool(coordinator) == bool(instructor):
        yield Slip("coordinator", "协调员、指导员须且只能填一人；两人联系同一企业的，请分别登记。")
        return
    subject, starts_on, ends_on = values.get("subject"), values.get("starts_on"), values.get("ends_on")
    if ends_on and not (values.get("end_reason") or "").strip():
        yield Slip("end_reason", "结束联系请写明原因，如“轮换”“企业注销”。")
    field = "coordinator" if coordinator else "instructor"
    if subject and person.organization_id != subject.managing_organization_id:
        yield Slip(field, f"{person.name}不属于“{subject.name}”所在的区（市），请改选本区（市）的人员。")
    if starts_on and person.left_on and person.left_on < starts_on:
        yield Slip(field, f"{person.name}已于 {person.left_on} 离任，请改选在任人员。")
    if subject and ends_on is None and _tie_of(values) in taken:
        yield Slip("subject", f"{person.name}已在联系“{subject.name}”，不必重复登记。")


LIAISONS = Ledger(
    slug="liaisons",
    standing=True,
    noun="定点联系",
    unit="户",
    model=LiaisonAssignment,
    clause="三（二）2（C061）",
    icon="link-45deg",
    family=FAMILY,
    order=432,
    pages=(("联系负荷", "cultivation:staff_load"),),
    contact_reads=True,
    columns=(
        Column("subject", "企业", ColumnKind.SUBJECT, required=True, in_list=True, width=30),
        Column("coordinator", "协调员", ColumnKind.RECORD, ledger="coordinators", in_list=True),
        Column("instructor", "指导员", ColumnKind.RECORD, ledger="instructors", in_list=True),
        Column("starts_on", "开始日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column("ends_on", "结束日期", ColumnKind.DATE, in_list=True, width=13),
        Column("end_reason", "结束原因", longest=160),
        Column("note", "备注"),
    ),
    natural_key=("subject", "coordinator", "instructor", "starts_on"),
    title="subject",
    year_from="starts_on",
    empty_hint="在“联系负荷”页可一次为一名协调员或指导员分配多户企业。",
    check=check_liaison,
    check_needs=("subject", "coordinator", "instructor"),
    check_many=check_liaisons,
)

SERVICE_POINTS = Ledger(
    slug="service-points",
    standing=True,
    noun="基层公共服务站点",
    unit="个",
    model=PublicServicePoint,
    clause="二（二）（C032）",
    icon="geo-alt",
    family=FAMILY,
    order=440,
    pages=(("站点月报", "cultivation:point_month", TALLY_KEEPERS), ("全年合计", "cultivation:point_year")),
    inline=("contact_name", "contact_phone", "note"),
    columns=(
        Column(
            "name",
            "站点名称",
            required=True,
            longest=100,
            in_list=True,
            width=30,
            example="示例（导入时忽略）",
        ),
        Column(
            "township", "乡镇（街道）、园区", ColumnKind.TOWNSHIP, in_list=True, filterable=True, width=18
        ),
        Column("address", "地址", width=30),
        Column("opened_on", "启用日期", ColumnKind.DATE, required=True, width=13),
        Column("closed_on", "停用日期", ColumnKind.DATE, width=13),
        Column("one_stop", "一站式", ColumnKind.BOOLEAN, in_list=True, filterable=True),
        Column("smart", "智慧化", ColumnKind.BOOLEAN, in_list=True, filterable=True),
        Column("standardized", "标准化", ColumnKind.BOOLEAN, in_list=True, filterable=True),
        Column("services", "服务事项", ColumnKind.LONG_TEXT, width=40),
        Column("staff_count", "工作人员", ColumnKind.INTEGER, maximum=10_000, unit="人", in_list=True),
        Column("contact_name", "负责人", longest=40),
        Column("contact_phone", "联系电话", ColumnKind.PHONE, longest=30, private=True),
        Column("note", "备注"),
    ),
    groups=(
        ("站点", ("name", "township", "address", "opened_on", "closed_on")),
        ("建设情况", ("one_stop", "smart", "standardized", "services")),
        ("人员", ("staff_count", "contact_name", "contact_phone", "note")),
    ),
    natural_key=("name",),
    title="name",
    empty_hint="登记一站式、智慧化、标准化的基层公共服务站点，再按月填报服务量。",
    check=lambda actor, record, values: period_slip(values, "opened_on", "closed_on", "停用日期"),
    prepare=lambda actor, record, values: values.update(staff_count=values.get("staff_count") or 0),
)

TALLY_NUMBERS = ("visitors", "advisories", "mediations", "other_services")


def check_point_tally(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    """One row per point and month, while the point was open."""
    yield from _tally_slips(record, values, reported_months([values]))


def check_point_tallies(
    actor: Actor | None, rows: Sequence[tuple[Any, Mapping[str, Any]]]
) -> Sequence[Iterable[Slip]]:
    """An import's rows against what is there. Statements: 1; two rows of one month refuse each other by their key."""
    reported = reported_months([values for _, values in rows])
    return [list(_tally_slips(record, values, reported)) for record, values in rows]


def reported_months(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[int, date], int]:
    """The row that already reports a point's month, for the points of these rows. Statements: 1."""
    points = {values["point"].pk for values in rows if values.get("point")}
    known = ServicePointTally.objects.live().filter(point_id__in=points)
    return {(point, month): pk for pk, point, month in known.values_list("pk", "point_id", "happened_on")}


def _tally_slips(
    record: Any, values: Mapping[str, Any], reported: Mapping[tuple[int, date], int]
) -> Iterable[Slip]:
    point, month = values.get("point"), values.get("happened_on")
    if point is None or month is None:
        return
    same = reported.get((point.pk, month.replace(day=1)))
    if same is not None and (record is None or same != record.pk):
        yield Slip("happened_on", f"“{point.name}”{month:%Y年%m月}的服务量已填报，请修改原有的一条。")
    if month.replace(day=1) < point.opened_on.replace(day=1):
        yield Slip("happened_on", f"“{point.name}”{point.opened_on:%Y年%m月}才启用，请核对月份。")
    if point.closed_on and month.replace(day=1) > point.closed_on:
        yield Slip("happened_on", f"“{point.name}”已于 {point.closed_on} 停用，请核对月份。")


def prepare_point_tally(actor: Actor | None, record: Any, values: dict[str, Any]) -> None:
    values["happened_on"] = values["happened_on"].replace(day=1)
    values.update({key: values.get(key) or 0 for key in TALLY_NUMBERS})


POINT_TALLIES = Ledger(
    slug="service-point-tallies",
    noun="站点服务月报",
    unit="条",
    model=ServicePointTally,
    clause="二（二）（C032）",
    icon="table",
    family=FAMILY,
    order=441,
    keepers=TALLY_KEEPERS,
    pages=(("按月填报", "cultivation:point_month", TALLY_KEEPERS), ("全年合计", "cultivation:point_year")),
    columns=(
        Column("happened_on", "月份", ColumnKind.MONTH, required=True, in_list=True, width=13),
        Column(
            "point",
            "服务站点",
            ColumnKind.RECORD,
            ledger="service-points",
            required=True,
            in_list=True,
            width=30,
        ),
        Column("visitors", "接待人次", ColumnKind.INTEGER, maximum=1_000_000, unit="人次", in_list=True),
        Column("advisories", "用工咨询", ColumnKind.INTEGER, maximum=1_000_000, unit="件", in_list=True),
        Column("mediations", "矛盾调解", ColumnKind.INTEGER, maximum=1_000_000, unit="件", in_list=True),
        Column("other_services", "其他服务", ColumnKind.INTEGER, maximum=1_000_000, unit="件", in_list=True),
        Column("note", "备注"),
    ),
    natural_key=("point", "happened_on"),
    title="point",
    empty_hint="在“站点月报”页一次填完本区（市）所有站点一个月的服务量。",
    check=check_point_tally,
    check_many=check_point_tallies,
    prepare=prepare_point_tally,
)

register_ledger(COORDINATORS, INSTRUCTORS, LIAISONS, SERVICE_POINTS, POINT_TALLIES)
