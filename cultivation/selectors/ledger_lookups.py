"""Words in a file to the rows they name: subjects, units, people, places and records, in one statement for each column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q

from cultivation.enums import SubjectEvent, SubjectState
from cultivation.ledgers.base import Column, ColumnKind, Ledger, find_ledger
from cultivation.models import Subject, SubjectHistory
from cultivation.rules.imports_cells import Lookup, Ref, Unresolved
from cultivation.rules.record_numbers import RecordNumberError, read_record_number, record_number
from cultivation.selectors.ledgers import choosable_units, choosable_users
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.bulk import text_set
from zaozhuang_portal.kernel.credit_code import normalize_credit_code
from zaozhuang_portal.kernel.names import compact_name, normalize_name
from zaozhuang_portal.kernel.parsing import quote

_CODE_BEHIND = re.compile(r"(.*?)[（(]([0-9A-Z]{18})[）)]$")
_PLACE_ENDINGS = ("街道办事处", "人民政府", "街道", "办事处", "镇", "乡")
_MOST_NAMED = 4
MOST_OFFERED = 500


class Words:
    """Rows by their words: the exact word goes before the compact one; several rows under one word are ambiguous."""

    def __init__(self, header: str, unknown: str) -> None:
        self._header = header
        self._unknown = unknown
        self._exact: dict[str, list[tuple[Ref, str]]] = {}
        self._loose: dict[str, list[tuple[Ref, str]]] = {}

    def add(self, ref: Ref, words: Iterable[str], *, loose: Iterable[str] = (), told: str = "") -> None:
        """`told` is how the row is named among several that match."""
        for word in {word for word in words if word}:
            self._exact.setdefault(word, []).append((ref, told or ref.label))
        for word in {compact_name(word) for word in (*words, *loose) if word} - {""}:
            self._loose.setdefault(word, []).append((ref, told or ref.label))

    def __call__(self, text: str) -> Ref | Unresolved:
        found = self._exact.get(text) or self._loose.get(compact_name(text)) or []
        ids = {ref.id for ref, _ in found}
        if len(ids) == 1:
            return found[0][0]
        if not found:
            return Unresolved(text, f"{self._header}找不到", f"{quote(text)}{self._unknown}")
        named = "、".join(dict.fromkeys(told for _, told in found[:_MOST_NAMED]))
        return Unresolved(
            text,
            f"{self._header}不止一个",
            f"{quote(text)}对应 {len(ids)} 个：{named}，请写明是哪一个（可填信用代码、编号或账号）",
        )


def make_lookups(
    ledger: Ledger,
    organization: Organization,
    words: Mapping[str, Collection[str]],
    *,
    backfilled: bool = False,
) -> dict[str, Lookup]:
    """One lookup for each reference column; `words` are the cells of the file. Statements: at most one a column."""
    lookups: dict[str, Lookup] = {}
    for column in ledger.columns:
        if column.kind not in _MAKERS:
            continue
        texts = words.get(column.key, ())
        if column.kind is ColumnKind.SUBJECT:
            lookups[column.key] = subject_lookup(
                column.header, organization, texts, kinds=column.subject_kinds, past=backfilled
            )
        elif texts:
            lookups[column.key] = _MAKERS[column.kind](column, organization, texts)
        else:
            lookups[column.key] = Words(column.header, "")
    return lookups


def subject_lookup(
    header: str,
    organization: Organization,
    texts: Collection[str],
    *,
    kinds: Collection[str] = (),
    past: bool = False,
) -> Lookup:
    """By credit code, exact name or 名称（代码）, among the subjects the organization manages; the city's: all.

    A merged subject is never named; a deregistered one, and one that has moved away, only in rows of the `past`.
    A former name (曾用名) stands for the subject where nothing else has it. Statements: 1 to 3, or 0 without texts.
    """
    scope = organization.name if organization.level == Level.DISTRICT else "全市"
    found = Words(header, f"不是{scope}在册的培育对象，请核对名称或信用代码，或先建档")
    if not texts:
        return found
    rows = Subject.objects.exclude(state=SubjectState.MERGED).select_related(
        "township", "managing_organization"
    )
    if organization.level == Level.DISTRICT:
        rows = rows.known_to(organization) if past else rows.filter(managing_organization=organization)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    asked = [(*_split(text), text) for text in texts]
    codes = {normalize_credit_code(code or name) for name, code, _ in asked}
    names = {normalize_name(name) for name, _, _ in asked if compact_name(name)}
    meant = Q(credit_code__in=text_set(codes)) | Q(normalized_name__in=text_set(names))
    gone: dict[str, str] = {}
    for subject in rows.filter(meant).order_by("pk"):
        ref = Ref(subject.pk, subject.name, subject)
        code = subject.credit_code or ""
        told = f"{subject.name}（{code or subject.get_kind_display()}）"
        if subject.state != SubjectState.ACTIVE and not past:
            gone |= dict.fromkeys((compact_name(subject.name), compact_name(code)), subject.name)
            continue
        found.add(ref, (subject.name, code, told), told=told)
    former = {name for name, code, _ in asked if name and not code and isinstance(found(name), Unresolved)}
    if former:
        renamed = SubjectHistory.objects.filter(event=SubjectEvent.RENAMED, before__in=text_set(former))
        by_subject = dict(renamed.values_list("subject_id", "before"))
        alive = rows if past else rows.filter(state=SubjectState.ACTIVE)
        for subject in alive.filter(pk__in=by_subject) if by_subject else ():
            found.add(Ref(subject.pk, subject.name, subject), (by_subject[subject.pk],), told=subject.name)

    def lookup(text: str) -> Ref | Unresolved:
        name, code = _split(text)
        answer = found(code or text)
        if isinstance(answer, Unresolved) and compact_name(code or name) in gone:
            known = gone[compact_name(code or name)]
            return Unresolved(
                text, f"{header}已注销", f"{quote(known)}已注销，不能再登记新的记录；以前年度的请按补录导入"
            )
        return answer

    return lookup


def _split(text: str) -> tuple[str, str]:
    matched = _CODE_BEHIND.fullmatch(text)
    return (matched[1], matched[2]) if matched else (text, "")


def _units(column: Column, organization: Organization, texts: Collection[str]) -> Lookup:
    found = Words(column.header, f"不是{organization.name}或市级三方的成员单位，请照系统中的单位名称填写")
    for unit in choosable_units(organization).select_related("organization"):
        short = unit.name.removeprefix(unit.organization.name)
        own = unit.organization_id == organization.pk
        found.add(Ref(unit.pk, unit.name, unit), (unit.name,), loose=(short,) if own else ())
    return found


def _users(column: Column, organization: Organization, texts: Collection[str]) -> Lookup:
    found = Words(column.header, f"不是{organization.name}的人员账号，请照系统中的姓名或用户名填写")
    for user in choosable_users(organization):
        told = f"{user.full_name}（{user.username}）"
        found.add(Ref(user.pk, user.full_name, user), (user.full_name, user.username, told), told=told)
    return found


def _townships(column: Column, organization: Organization, texts: Collection[str]) -> Lookup:
    found = Words(column.header, f"不是{organization.name}的乡镇（街道）、园区，请照系统中的名称填写")
    places = Organization.objects.filter(level__in=[Level.TOWNSHIP, Level.PARK])
    if organization.level == Level.DISTRICT:
        places = places.filter(parent=organization)
    for place in places.select_related("parent").order_by("sort_order", "code"):
        district = place.parent.name if place.parent else ""
        words = (place.name, place.code, f"{district}{place.name}", f"枣庄市{district}{place.name}")
        told = f"{district}{place.name}"
        found.add(Ref(place.pk, place.name, place), words, loose=(_bare(place.name),), told=told)
    return found


def _bare(name: str) -> str:
    for ending in _PLACE_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def _districts(column: Column, organization: Organization, texts: Collection[str]) -> Lookup:
    found = Words(column.header, "不是区（市）或高新区，请照系统中的名称填写")
    for place in Organization.objects.districts():
        bare = place.name[:-1] if len(place.name) > 2 else place.name
        found.add(Ref(place.pk, place.name, place), (place.name, place.short_name, place.code), loose=(bare,))
    return found


def _records(column: Column, organization: Organization, texts: Collection[str]) -> Lookup:
    """Rows of another ledger by 编号, name or title: the organization's own and those of the city."""
    other = find_ledger(column.ledger)
    if other is None:
        raise LookupError(f"column {column.key} names the unknown ledger {column.ledger}")
    found = Words(column.header, f"不在{other.noun}台账中，请照系统中的名称或编号填写")
    manager: Any = other.model._default_manager
    rows = manager.live().select_related(*other.select_related)
    if organization.level == Level.DISTRICT:
        rows = rows.filter(Q(organization=organization) | Q(organization__level=Level.CITY))
    name = name_column(other.model)
    numbers = {number for text in texts if (number := _number(other.slug, text))}
    if name:
        rows = rows.filter(Q(**{f"{name}__in": text_set(texts)}) | Q(pk__in=numbers))
    by_number: dict[int, Ref] = {}
    for row in rows.order_by("pk"):
        ref = Ref(row.pk, str(row), row)
        found.add(ref, (ref.label,), told=f"{told_of(other, row)}（{record_number(other.slug, row.pk)}）")
        if row.pk in numbers:
            by_number[row.pk] = ref

    def lookup(text: str) -> Ref | Unresolved:
        return by_number.get(_number(other.slug, text) or 0) or found(text)

    return lookup


def told_of(ledger: Ledger, row: Any) -> str:
    """A record among several of one name: with its day, where it has one."""
    return f"{row}（{row.happened_on:%Y-%m-%d}）" if ledger.dated else str(row)


def _number(slug: str, text: str) -> int | None:
    try:
        return read_record_number(slug, text)
    except RecordNumberError:
        return None


def name_column(model: type[Any]) -> str:
    """The column that holds what a row of the model is called: name or title; "" when its word is composed."""
    names = {field.name for field in model._meta.concrete_fields}
    return next((name for name in ("title", "name") if name in names), "")


_MAKERS: Mapping[ColumnKind, Callable[[Column, Organization, Collection[str]], Lookup]] = {
    ColumnKind.SUBJECT: _units,  # served by subject_lookup
    ColumnKind.MEMBER_UNIT: _units,
    ColumnKind.USER: _users,
    ColumnKind.TOWNSHIP: _townships,
    ColumnKind.ORGANIZATION: _districts,
    ColumnKind.RECORD: _records,
}


def offered_words(ledger: Ledger, organization: Organization | None) -> dict[str, tuple[str, ...]]:
    """The drop-downs of a template: units, people, districts and records by name. Statements: one for each such column."""
    offered: dict[str, tuple[str, ...]] = {}
    for column in ledger.columns:
        names: Iterable[str] = ()
        if column.kind is ColumnKind.ORGANIZATION:
            names = Organization.objects.districts().values_list("name", flat=True)
        elif organization is None:
            continue
        elif column.kind is ColumnKind.MEMBER_UNIT:
            names = choosable_units(organization).values_list("name", flat=True)
        elif column.kind is ColumnKind.USER:
            names = choosable_users(organization).values_list("full_name", flat=True)
        elif column.kind is ColumnKind.RECORD and (other := find_ledger(column.ledger)) is not None:
            manager: Any = other.model._default_manager
            rows = manager.live().filter(organization=organization).select_related(*other.select_related)
            names = [str(row) for row in rows[:MOST_OFFERED]]
        offered[column.key] = tuple(dict.fromkeys(list(names)[:MOST_OFFERED]))
    return {key: words for key, words in offered.items() if words}
