"""Ledgers of 用工咨询, 矛盾纠纷调解 and 企业文化活动 (C052–C053, C061). No column holds a worker's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cultivation.enums import AdvisoryOutcome, AdvisoryTopic, CultureKind, MediationOutcome, MediationTopic
from cultivation.ledgers.base import (
    FIELD_KEEPERS,
    TALLY_KEEPERS,
    CheckMany,
    Column,
    ColumnKind,
    Ledger,
    Paper,
    Slip,
    register_ledger,
)
from cultivation.models import CultureActivity, EmploymentAdvisory, Mediation
from cultivation.rules.personal_data import question_of, refusal_of
from cultivation.rules.sameness import single_case
from cultivation.rules.tallies import first_of_month, next_month
from zaozhuang_portal.accounts.actors import Actor

FAMILY = "用工服务"
NO_NAMES = "不写劳动者姓名、身份证号码、手机号码"
_FREE_TEXTS = frozenset({ColumnKind.TEXT, ColumnKind.LONG_TEXT})

Cases = type[EmploymentAdvisory] | type[Mediation]


def refuse_personal_data(columns: Iterable[Column], values: Mapping[str, Any]) -> Iterable[Slip]:
    """A slip for every free text with an identity or mobile number in it."""
    for column in columns:
        text = values.get(column.key)
        sentence = refusal_of(column.header, text) if isinstance(text, str) else ""
        if sentence and column.kind in _FREE_TEXTS:
            yield Slip(column.key, sentence)


def ask_about_names(columns: Iterable[Column], values: Mapping[str, Any]) -> Iterable[Slip]:
    """A question for every free text in which a worker seems to be named; the same again means it is no name."""
    for column in columns:
        text = values.get(column.key)
        if (
            isinstance(text, str)
            and column.kind in _FREE_TEXTS
            and (question := question_of(column.header, text))
        ):
            yield Slip(column.key, question, warning=True)


def _organization_of(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> int | None:
    subject = values.get("subject")
    if record is not None and record.pk is not None:
        return int(record.organization_id)
    if subject is not None:
        return int(subject.managing_organization_id)
    district = actor.district if actor is not None else None
    return district.pk if district is not None else None


# (organization, month, topic, outcome, tally) → {row: number of cases}
Reported = Mapping[tuple[Any, ...], Mapping[int, int]]


def reported_cases(
    model: Cases, actor: Actor | None, rows: Sequence[tuple[Any, Mapping[str, Any]]]
) -> Reported:
    """What is reported in the months of these rows, by organization, kind and way. Statements: at most 1."""
    places = {_organization_of(actor, record, values) for record, values in rows} - {None}
    months = {first_of_month(values["happened_on"]) for _, values in rows if values.get("happened_on")}
    found: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
    if not places or not months:
        return found
    known = model.objects.live().filter(
        organization_id__in=places, happened_on__gte=min(months), happened_on__lt=next_month(max(months))
    )
    for pk, place, day, topic, outcome, tally, count in known.values_list(
        "pk", "organization_id", "happened_on", "topic", "outcome", "tally", "count"
    ):
        found[place, first_of_month(day), topic, outcome, tally][pk] = count
    return found


def find_double_entry(
    actor: Actor | None, record: Any, values: Mapping[str, Any], reported: Reported
) -> Iterable[Slip]:
    """A warning when the month, topic and outcome are already reported the other way."""
    day, organization = values.get("happened_on"), _organization_of(actor, record, values)
    if day is None or organization is None:
        return
    month, tally = first_of_month(day), bool(values.get("tally"))
    others = reported.get((organization, month, values.get("topic"), values.get("outcome"), not tally), {})
    number = sum(count for pk, count in others.items() if record is None or pk != record.pk)
    if not number:
        return
    words = f"{month:%Y年%m月}同一类别、同一结果已有{'逐件登记' if tally else '按月汇总'} {number} 件"
    yield Slip("", f"{words}，两种方式都保留会重复计数。确实是另外的案件，请再次保存。", warning=True)


def checker(model: Cases, columns: tuple[Column, ...]) -> Callable[..., Iterable[Slip]]:
    """The check of advisories or mediations."""

    def check(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
        yield from _case_slips(columns, values)
        yield from find_double_entry(actor, record, values, reported_cases(model, actor, [(record, values)]))

    return check


def checker_of_many(model: Cases, columns: tuple[Column, ...]) -> CheckMany:
    """The same for all rows of an import. Statements: 1."""

    def check_many(
        actor: Actor | None, rows: Sequence[tuple[Any, Mapping[str, Any]]]
    ) -> Sequence[Iterable[Slip]]:
        reported = reported_cases(model, actor, rows)
        return [
            [*_case_slips(columns, values), *find_double_entry(actor, record, values, reported)]
            for record, values in rows
        ]

    return check_many


def _case_slips(columns: tuple[Column, ...], values: Mapping[str, Any]) -> Iterable[Slip]:
    yield from refuse_personal_data(columns, values)
    yield from ask_about_names(columns, values)
    tally, count = bool(values.get("tally")), values.get("count") or 1
    if not tally and count != 1:
        yield Slip("count", f"逐件登记时一条就是 1 件；要登记 {count} 件的月度数，请勾选“按月汇总”。")
    if tally and values.get("subject"):
        yield Slip("subject", "按月汇总不对应单个企业，请清空企业，或改为逐件登记。")
    closed_on, opened_on = values.get("closed_on"), values.get("happened_on")
    if closed_on and opened_on and closed_on < opened_on:
        yield Slip("closed_on", f"结案日期 {closed_on} 早于日期 {opened_on}，请核对。")
    if closed_on and values.get("outcome") == MediationOutcome.OPEN:
        yield Slip("outcome", "填了结案日期，请选择调解结果；还在调解的，请清空结案日期。")


def prepare_case(actor: Actor | None, record: Any, values: dict[str, Any]) -> None:
    """A tally stands on the first day of its month; a single case counts one."""
    if values.get("tally"):
        values["happened_on"] = first_of_month(values["happened_on"])
    values["count"] = values.get("count") or 1


_TALLY = (
    Column(
        "tally",
        "按月汇总",
        ColumnKind.BOOLEAN,
        in_list=True,
        filterable=True,
        help="一条代表一个月同类多件时选“是”；也可在“月度汇总”页一次填完",
    ),
    Column("count", "件数", ColumnKind.INTEGER, minimum=1, maximum=100_000, unit="件", in_list=True),
)
_PLACE = Column("township", "乡镇（街道）、园区", ColumnKind.TOWNSHIP, filterable=True, width=18)

_ADVISORY_COLUMNS = (
    Column("happened_on", "咨询日期", ColumnKind.DATE, required=True, in_list=True, width=13),
    Column("subject", "企业", ColumnKind.SUBJECT, in_list=True, width=30),
    _PLACE,
    Column(
        "topic",
        "咨询类别",
        ColumnKind.CHOICE,
        choices=tuple(AdvisoryTopic.choices),
        required=True,
        in_list=True,
        filterable=True,
    ),
    Column(
        "outcome",
        "办理结果",
        ColumnKind.CHOICE,
        choices=tuple(AdvisoryOutcome.choices),
        required=True,
        in_list=True,
        filterable=True,
    ),
    *_TALLY,
    Column("provider", "服务单位", ColumnKind.MEMBER_UNIT, remember=True, width=26),
    Column("summary", "内容摘要", ColumnKind.LONG_TEXT, help=NO_NAMES, width=40),
    Column("note", "备注"),
)
ADVISORIES = Ledger(
    slug="advisories",
    noun="用工咨询",
    unit="条",
    counted_by="count",
    counted_unit="件",
    model=EmploymentAdvisory,
    clause="三（二）2（C061）",
    icon="question-circle",
    family=FAMILY,
    order=450,
    pages=(
        ("月度汇总", "cultivation:advisory_month", TALLY_KEEPERS),
        ("分类统计", "cultivation:advisory_counts"),
    ),
    keepers=FIELD_KEEPERS,
    contact_reads=True,
    columns=_ADVISORY_COLUMNS,
    groups=(
        ("咨询", ("happened_on", "topic", "outcome", "summary")),
        ("对象", ("subject", "township", "provider")),
        ("汇总", ("tally", "count", "note")),
    ),
    asks_about=("happened_on", "subject", "township", "topic", "summary"),
    compared=("tally",),
    is_same=single_case,
    title="topic",
    empty_hint="可逐件登记；件数多的，在“月度汇总”页按类别和结果一次填完。",
    check=checker(EmploymentAdvisory, _ADVISORY_COLUMNS),
    check_many=checker_of_many(EmploymentAdvisory, _ADVISORY_COLUMNS),
    prepare=prepare_case,
)

_MEDIATION_COLUMNS = (
    Column("happened_on", "受理日期", ColumnKind.DATE, required=True, in_list=True, width=13),
    Column("subject", "企业", ColumnKind.SUBJECT, in_list=True, width=30),
    _PLACE,
    Column(
        "topic",
        "纠纷类别",
        ColumnKind.CHOICE,
        choices=tuple(MediationTopic.choices),
        required=True,
        in_list=True,
        filterable=True,
    ),
    Column(
        "outcome",
        "调解结果",
        ColumnKind.CHOICE,
        choices=tuple(MediationOutcome.choices),
        required=True,
        in_list=True,
        filterable=True,
    ),
    *_TALLY,
    Column("people_count", "涉及人数", ColumnKind.INTEGER, maximum=1_000_000, unit="人"),
    Column("amount", "涉及金额", ColumnKind.DECIMAL, maximum=10_000_000_000, unit="元"),
    Column("mediator_body", "调解组织", longest=100, remember=True),
    Column("closed_on", "结案日期", ColumnKind.DATE, width=13),
    Column("summary", "情况摘要", ColumnKind.LONG_TEXT, help=NO_NAMES, width=40),
    Column("note", "备注"),
)
MEDIATIONS = Ledger(
    slug="mediations",
    open_row=lambda row: row.outcome == MediationOutcome.OPEN,
    finishing=frozenset({"outcome", "closed_on", "summary", "amount"}),
    noun="矛盾纠纷调解",
    unit="条",
    counted_by="count",
    counted_unit="件",
    model=Mediation,
    clause="三（二）2（C061）",
    icon="chat-square-text",
    family=FAMILY,
    order=451,
    pages=(
        ("月度汇总", "cultivation:mediation_month", TALLY_KEEPERS),
        ("分类统计", "cultivation:mediation_counts"),
    ),
    keepers=FIELD_KEEPERS,
    contact_reads=True,
    columns=_MEDIATION_COLUMNS,
    groups=(
        ("纠纷", ("happened_on", "topic", "outcome", "closed_on", "summary")),
        ("对象", ("subject", "township", "people_count", "amount", "mediator_body")),
        ("汇总", ("tally", "count", "note")),
    ),
    asks_about=("happened_on", "subject", "township", "topic", "people_count", "summary"),
    compared=("tally",),
    is_same=single_case,
    title="topic",
    empty_hint="可逐件登记；件数多的，在“月度汇总”页按类别和结果一次填完。",
    paper=Paper("矛盾纠纷调解登记表", signatures=("调解员", "调解组织（盖章）", "日期")),
    check=checker(Mediation, _MEDIATION_COLUMNS),
    check_many=checker_of_many(Mediation, _MEDIATION_COLUMNS),
    prepare=prepare_case,
)

_CULTURE_COLUMNS = (
    Column("happened_on", "活动日期", ColumnKind.DATE, required=True, in_list=True, width=13),
    Column("subject", "企业", ColumnKind.SUBJECT, required=True, in_list=True, width=30),
    Column(
        "kind",
        "类别",
        ColumnKind.CHOICE,
        choices=tuple(CultureKind.choices),
        required=True,
        in_list=True,
        filterable=True,
    ),
    Column(
        "title",
        "活动名称",
        required=True,
        longest=120,
        in_list=True,
        width=36,
        example="示例（导入时忽略）职工运动会",
    ),
    Column("participants", "参加人数", ColumnKind.INTEGER, maximum=1_000_000, unit="人", in_list=True),
    Column("summary", "活动情况", ColumnKind.LONG_TEXT, width=40),
    Column("note", "备注"),
)
CULTURE = Ledger(
    slug="culture",
    noun="企业文化活动",
    unit="场",
    model=CultureActivity,
    clause="三（二）1（C052–C053）",
    icon="people",
    family=FAMILY,
    order=452,
    keepers=FIELD_KEEPERS,
    contact_reads=True,
    columns=_CULTURE_COLUMNS,
    natural_key=("happened_on", "subject", "title"),
    empty_hint="登记企业文化、职工文化建设和关心关爱职工的活动。",
    check=lambda actor, record, values: refuse_personal_data(_CULTURE_COLUMNS, values),
)

register_ledger(ADVISORIES, MEDIATIONS, CULTURE)
