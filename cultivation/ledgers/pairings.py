"""Ledger of 结对 (notice 三（二）2, C072–C073): one 主结对 at a time, the same partner never twice at once.

The overlap is judged under a lock on the subject, so two clerks cannot both pass; PostgreSQL's exclusion constraint
would need the extension btree_gist, which a city's managed database may not grant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from cultivation.enums import PairingRole
from cultivation.ledgers.base import Column, ColumnKind, Ledger, Paper, Slip, register_ledger
from cultivation.models import Pairing, Subject
from cultivation.rules.pairings import Clash, Tie, find_clash
from zaozhuang_portal.accounts.actors import Actor


def person_of(values: Mapping[str, Any]) -> str:
    """The person in words: the name entered, else that of the account."""
    account = values.get("person")
    return values.get("person_name") or (account.full_name if account is not None else "")


def tie_of(values: Mapping[str, Any]) -> Tie:
    unit = values.get("unit")
    return Tie(
        values["starts_on"],
        values.get("ends_on"),
        values.get("role") == PairingRole.LEAD,
        (unit.pk if unit is not None else None, person_of(values)),
    )


@dataclass(frozen=True)
class Held:
    """A pairing that is there already (or stands above in the same import)."""

    pk: int | None
    tie: Tie
    partner: str

    @property
    def period(self) -> str:
        until = f"至 {self.tie.ends_on}" if self.tie.ends_on else "起，尚未结束"
        return f"{self.tie.starts_on} {until}"


def held_by(subjects: Iterable[Subject]) -> dict[int, list[Held]]:
    """The pairings in force of each subject. Inside a transaction the subjects stay locked until its end."""
    pks = sorted({subject.pk for subject in subjects})
    if connection.in_atomic_block:
        locked = Subject.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
        list(locked.values_list("pk"))
    held: dict[int, list[Held]] = defaultdict(list)
    rows = Pairing.objects.live().filter(subject_id__in=pks).select_related("unit")
    for row in rows.order_by("starts_on", "id"):
        tie = Tie(row.starts_on, row.ends_on, row.role == PairingRole.LEAD, (row.unit_id, row.person_name))
        held[row.subject_id].append(Held(row.pk, tie, row.partner))
    return held


def _slips(record: Any, values: Mapping[str, Any], held: Sequence[Held]) -> Iterator[Slip]:
    subject, starts, ends = values["subject"], values["starts_on"], values.get("ends_on")
    if values.get("unit") is None and not person_of(values):
        yield Slip("unit", "请选择结对单位，或填写结对人。")
        return
    if ends is not None and ends < starts:
        yield Slip("ends_on", f"结束日期 {ends} 早于开始日期 {starts}，请核对。")
        return
    others = [one for one in held if record is None or one.pk != record.pk]
    clash = find_clash(tie_of(values), [one.tie for one in others])
    if clash is None:
        return
    kind, tie = clash
    other = next(one for one in others if one.tie == tie)
    if kind is Clash.SECOND_LEAD:
        yield Slip(
            "role",
            f"“{subject}”已由“{other.partner}”主结对（{other.period}）。"
            "请先结束原结对，或改为协同结对、调整起止日期。",
        )
    else:
        yield Slip(
            "starts_on",
            f"“{other.partner}”与“{subject}”已有结对（{other.period}），时间重叠，请调整起止日期。",
        )


def check_pairing(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    yield from _slips(record, values, held_by([values["subject"]])[values["subject"].pk])


def check_pairings(
    actor: Actor | None, rows: Sequence[tuple[Any, Mapping[str, Any]]]
) -> Sequence[Iterable[Slip]]:
    """An import's rows against what is there and against each other. Statements: 1, in a transaction 2."""
    held = held_by(values["subject"] for _, values in rows)
    answers: list[list[Slip]] = []
    for record, values in rows:
        ties = held[values["subject"].pk]
        slips = list(_slips(record, values, ties))
        answers.append(slips)
        if not slips:
            if record is not None:
                ties[:] = [one for one in ties if one.pk != record.pk]
            unit = values.get("unit")
            partner = " ".join(part for part in (unit.name if unit else "", person_of(values)) if part)
            ties.append(Held(record.pk if record is not None else None, tie_of(values), partner))
    return answers


def fill_person(actor: Actor | None, record: Any, values: dict[str, Any]) -> None:
    values["person_name"] = person_of(values)


PAIRINGS = Ledger(
    slug="pairings",
    standing=True,
    noun="结对",
    unit="对",
    model=Pairing,
    clause="三（二）2（C072）",
    icon="link-45deg",
    family="结对和指导服务",
    order=400,
    columns=(
        Column(
            "subject",
            "培育对象",
            ColumnKind.SUBJECT,
            required=True,
            in_list=True,
            width=34,
            example="示例（导入时忽略）",
        ),
        Column(
            "role",
            "方式",
            ColumnKind.CHOICE,
            choices=tuple(PairingRole.choices),
            required=True,
            in_list=True,
            filterable=True,
            help="同一时间只能有一个主结对",
        ),
        Column("unit", "结对单位", ColumnKind.MEMBER_UNIT, in_list=True, width=26),
        Column("person_name", "结对人", longest=40, in_list=True, width=12),
        Column(
            "person", "结对人账号", ColumnKind.USER, help="选了账号，本人登录后能看到该对象并登记指导服务"
        ),
        Column("phone", "联系电话", ColumnKind.PHONE, longest=30, private=True),
        Column("starts_on", "开始日期", ColumnKind.DATE, required=True, in_list=True, width=13),
        Column("ends_on", "结束日期", ColumnKind.DATE, in_list=True, width=13, help="未定的不填"),
        Column("end_reason", "结束原因", longest=160),
        Column("commitments", "帮扶内容", ColumnKind.LONG_TEXT, width=40),
        Column("note", "备注"),
    ),
    groups=(
        ("结对双方", ("subject", "role", "unit", "person_name", "person", "phone")),
        ("期限", ("starts_on", "ends_on", "end_reason")),
        ("内容", ("commitments", "note")),
    ),
    natural_key=("subject", "unit", "person_name", "starts_on"),
    title="subject",
    year_from="starts_on",
    contact_reads=True,
    empty_hint="到“结对一览”按名单逐个结对，或从 Excel 导入现有的结对表。",
    paper=Paper(
        "结对书",
        columns=("subject", "role", "unit", "person_name", "phone", "starts_on", "ends_on", "commitments"),
        signatures=("结对单位（盖章）", "培育对象（盖章）", "签订日期"),
    ),
    check=check_pairing,
    check_needs=("subject", "starts_on", "role", "unit"),
    check_many=check_pairings,
    prepare=fill_person,
)

register_ledger(PAIRINGS)
