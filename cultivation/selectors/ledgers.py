"""Rows of ledgers: one page by keyset, one record, counts of all ledgers in one statement, what forms may choose from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, IntegerField, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Coalesce

from cultivation.enums import SubjectKind
from cultivation.ledgers.base import ColumnKind, Ledger, find_ledger
from cultivation.ledgers.display import related_names
from cultivation.models import Subject
from cultivation.selectors.subjects import search_condition
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import MemberUnit, Organization, User
from zaozhuang_portal.kernel.credit_code import normalize_credit_code
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.keyset import KeysetPage, SortKey, fetch_page
from zaozhuang_portal.kernel.names import compact_name, normalize_name

_CODE_BEHIND = re.compile(r"[（(]([0-9A-Z]{18})[）)]$")
BIN_DAYS = 30
NEWEST = (SortKey("id", descending=True),)
LATEST = (SortKey("happened_on", descending=True), SortKey("id", descending=True))
EARLIEST = (SortKey("happened_on"), SortKey("id"))
_SEARCHED = frozenset({ColumnKind.TEXT, ColumnKind.LONG_TEXT})


@dataclass(frozen=True)
class LedgerFilters:
    """What a ledger's list is narrowed by. `choices` are (column, code) of filterable columns; `text` a part of the
    title or of the subject's name; `pks` the rows chosen by hand (an export of the chosen ones)."""

    year: int | None = None
    organization: int | None = None
    township: int | None = None
    subject: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    text: str = ""
    pks: tuple[int, ...] = ()
    earliest_first: bool = False


def may_read(actor: Actor, ledger: Ledger) -> bool:
    """Whether the role reads the ledger at all."""
    return actor.role in ledger.readers or (ledger.contact_reads and actor.role == Role.SUBJECT_CONTACT)


def every_record(actor: Actor, ledger: Ledger) -> QuerySet[Any]:
    """The rows the actor may see, the removed ones too."""
    manager: Any = ledger.model._default_manager
    rows: QuerySet[Any] = manager.all() if may_read(actor, ledger) else manager.none()
    return rows.visible_to(actor)  # type: ignore[attr-defined,no-any-return]  # RecordQuerySet


def readable_records(actor: Actor, ledger: Ledger) -> QuerySet[Any]:
    """Rows in force whose page, paper and files the actor may open: also those of a subject from before it came."""
    manager: Any = ledger.model._default_manager
    rows: Any = manager.all() if may_read(actor, ledger) else manager.none()
    return rows.readable_by(actor).live()  # type: ignore[no-any-return]  # RecordQuerySet


def visible_records(actor: Actor, ledger: Ledger) -> QuerySet[Any]:
    """The rows in force the actor may see."""
    return every_record(actor, ledger).live()  # type: ignore[attr-defined,no-any-return]  # RecordQuerySet


def filtered_records(actor: Actor, ledger: Ledger, filters: LedgerFilters) -> QuerySet[Any]:
    """What list and export show under these filters."""
    rows = visible_records(actor, ledger)
    if filters.pks:
        rows = rows.filter(pk__in=filters.pks)
    if filters.year:
        rows = rows.filter(year_id=filters.year)
    if filters.organization:
        rows = rows.filter(organization_id=filters.organization)
    if filters.township:
        rows = rows.filter(township_id=filters.township)
    subject = ledger.subject_column
    if filters.subject and subject is not None:
        rows = rows.filter(**{f"{subject.key}_id": filters.subject})
    for key, code in filters.choices:
        kind = ledger.by_key[key].kind
        if kind is ColumnKind.CHOICES:
            rows = rows.alias(**{f"{key}_words": Cast(key, TextField())})
            rows = rows.filter(**{f"{key}_words__contains": f'"{code}"'})
        else:
            rows = rows.filter(**{key: code == "1" if kind is ColumnKind.BOOLEAN else code})
    return rows.filter(_matches(actor, ledger, filters.text)) if filters.text else rows


def _matches(actor: Actor, ledger: Ledger, text: str) -> Q:
    """The title holds the text, or the subject's name does."""
    title, subject = ledger.title_column, ledger.subject_column
    found = Q(pk__isnull=True)
    if title.kind in _SEARCHED:
        found |= Q(**{f"{title.key}__icontains": text})
    elif title.kind is ColumnKind.CHOICE:
        found |= Q(**{f"{title.key}__in": [code for code, label in title.choices if text in label]})
    elif title.kind is ColumnKind.RECORD and (other := find_ledger(title.ledger)) is not None:
        named = visible_records(actor, other).filter(_matches(actor, other, text))
        found |= Q(**{f"{title.key}__in": named.values("pk")})
    if subject is not None:
        subjects = Subject.objects.readable_by(actor).named_like(text)
        found |= Q(**{f"{subject.key}__in": subjects.values("pk")})
    return found


def sort_of(ledger: Ledger, filters: LedgerFilters) -> tuple[SortKey, ...]:
    """Latest (or earliest) day first where rows are dated, else newest entry first.

    Only what the indexes of Record.Meta hold, read in either direction.
    """
    if not ledger.dated:
        return NEWEST
    return EARLIEST if filters.earliest_first else LATEST


class _Summed(Subquery):
    """The sum of the one column of a queryset, as a scalar beside the rows of the same statement."""

    template = "(SELECT SUM(ledger_value) FROM (%(subquery)s) ledger_summed)"
    output_field = IntegerField()


def counted_in(page: KeysetPage[Any]) -> int | None:
    """What the rows of all pages stand for (Ledger.counted_by); None where rows are what is counted, or are too many."""
    if page.capped or not page.rows:
        return None
    total: int | None = getattr(page.rows[0], "ledger_sum", None)
    return total


def list_records(
    actor: Actor, ledger: Ledger, filters: LedgerFilters, *, cursor: Mapping[str, str], size: int = 50
) -> KeysetPage[Any]:
    """One page of rows with the names their cells show, and the sum of what they count. Statements: 1."""
    rows = filtered_records(actor, ledger, filters).select_related(*related_names(ledger))
    if ledger.counted_by:
        counted = rows.select_related(None).order_by().values(ledger_value=F(ledger.counted_by))
        rows = rows.annotate(ledger_sum=_Summed(counted))
    key = "" if filters.text else _count_key(actor, ledger, filters)
    return fetch_page(
        rows, sort_of(ledger, filters), cursor=cursor, size=size, count_in_rows=True, count_key=key
    )


def _count_key(actor: Actor, ledger: Ledger, filters: LedgerFilters) -> str:
    organization = actor.organization.pk if actor.organization else None
    person = actor.user.pk if actor.role == Role.INSTRUCTOR else None  # each sees its own subjects
    scope = () if actor.sees_whole_city else (actor.role, organization, actor.subject_id, person)
    return f"ledger {ledger.slug} {scope} {filters}"


def get_record(actor: Actor, ledger: Ledger, pk: int, *, removed: bool = False, to_read: bool = False) -> Any:
    """One row with every name it shows, or None when the actor may not see it. Statements: 1.

    `to_read`: what may be opened though it may not be changed or counted (`readable_records`).
    """
    names = (*related_names(ledger, ledger.columns), "organization", "township", "created_by", "updated_by")
    rows = every_record(actor, ledger) if removed else visible_records(actor, ledger)
    if to_read:
        rows = readable_records(actor, ledger)
    return rows.select_related(*dict.fromkeys(names)).filter(pk=pk).first()


def removed_records(actor: Actor, ledger: Ledger, now: datetime, limit: int = 200) -> list[Any]:
    """回收站: what was removed in the last BIN_DAYS days, the latest first. Statements: 1."""
    rows = every_record(actor, ledger).filter(removed_at__gt=now - timedelta(days=BIN_DAYS))
    names = dict.fromkeys((*related_names(ledger), "removed_by"))
    return list(rows.select_related(*names).order_by("-removed_at", "-id")[:limit])


def count_ledgers(actor: Actor, ledgers: Iterable[Ledger], year: int) -> dict[str, int]:
    """What the year's rows in the actor's scope count, by slug; ledgers without any are left out. Statements: 1."""
    parts = [
        visible_records(actor, ledger)
        .order_by()
        .filter(year_id=year)
        .values(slug=Value(ledger.slug, output_field=CharField()))
        .annotate(rows=Coalesce(Sum(ledger.counted_by), 0) if ledger.counted_by else Count("pk"))
        .values_list("slug", "rows")
        for ledger in ledgers
    ]
    if not parts:
        return {}
    return dict(parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0])


def last_entry(actor: Actor, ledger: Ledger) -> Any:
    """The row this person entered last in the ledger: its place and lecturer are offered again."""
    rows = visible_records(actor, ledger).filter(created_by=actor.user)
    return rows.order_by("-id").first()


# --- what forms choose from -------------------------------------------------------------------------------------------


def choosable_units(organization: Organization) -> QuerySet[MemberUnit]:
    """Units of the record's organization or of the city."""
    own = Q(organization_id=organization.pk) | Q(organization__level=Level.CITY)
    return MemberUnit.objects.filter(own).order_by("organization__level", "organization_id", "id")


def choosable_users(organization: Organization) -> QuerySet[User]:
    """People who work in the organization or in a place it manages."""
    placed = User.objects.filter(
        is_active=True, memberships__organization__path__startswith=organization.path
    )
    if organization.level == Level.CITY:
        placed = User.objects.filter(is_active=True, memberships__organization_id=organization.pk)
    return placed.distinct().order_by("full_name", "pk")


def choosable_organizations(actor: Actor) -> QuerySet[Organization]:
    """Whose rows the actor may enter."""
    if actor.is_city:
        return Organization.objects.filter(level__in=[Level.CITY, Level.DISTRICT]).order_by(
            "-level", "sort_order", "code"
        )
    district = actor.district
    return Organization.objects.filter(pk=district.pk) if district else Organization.objects.none()


def choosable_townships(actor: Actor, organization: Organization | None) -> QuerySet[Organization]:
    """Townships, streets and parks of the district; of all districts where none is given (a city actor)."""
    places = Organization.objects.filter(level__in=[Level.TOWNSHIP, Level.PARK])
    if actor.role == Role.TOWNSHIP_STAFF and actor.organization is not None:
        return places.filter(pk=actor.organization.pk)
    if organization is not None:
        places = places.filter(parent=organization)
    return places.select_related("parent").order_by("parent__sort_order", "code")


def suggest_subjects(actor: Actor, text: str, *, kinds: Iterable[str] = (), limit: int = 12) -> list[Subject]:
    """Active subjects whose name holds the text or whose credit code begins with it. Statements: 1."""
    text = text.strip()
    if len(text) < 2:
        return []
    rows = search_condition(Subject.objects.visible_to(actor).active(), text)
    wanted = [kind for kind in kinds if kind]
    if wanted:
        rows = rows.filter(kind__in=wanted)
    return list(rows.select_related("township").order_by("normalized_name", "id")[:limit])


def find_subject(actor: Actor, text: str, *, kinds: Iterable[str] = ()) -> Subject:
    """The active subject meant by an exact name, a credit code, or 名称（代码）.

    Raises DomainError when there is none or several, saying how to mend it. Statements: 1, or 2 to offer likely ones.
    """
    code = _CODE_BEHIND.search(text)
    # With the kind in the condition the name is an index range.
    wanted = [kind for kind in kinds if kind] or SubjectKind.values
    rows = Subject.objects.visible_to(actor).active().filter(kind__in=wanted)
    meant = Q(credit_code=normalize_credit_code(code[1] if code else text))
    if compact_name(text):
        meant |= Q(normalized_name=normalize_name(text), search_name=compact_name(text))
    found = list(rows.filter(meant)[:3])
    if len(found) == 1:
        return found[0]
    if found:
        codes = "、".join(subject.credit_code or subject.name for subject in found)
        raise DomainError(f"有 {len(found)} 个对象名为“{text}”，请改填信用代码：{codes}。", code="ambiguous")
    likely = suggest_subjects(actor, text, kinds=kinds, limit=3)
    hint = (
        f"是否为：{'、'.join(subject.name for subject in likely)}？"
        if likely
        else "请核对名称，或先在培育对象中建档。"
    )
    raise DomainError(f"没有找到在册的培育对象“{text}”。{hint}", code="unknown_subject")
