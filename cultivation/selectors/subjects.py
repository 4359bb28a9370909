"""The register: one page by keyset, one record, duplicates. Statements of a list page: rows and capped count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from cultivation.enums import SubjectKind, SubjectState
from cultivation.models import Subject
from cultivation.models.subjects import SubjectQuerySet
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import now, shanghai_date
from zaozhuang_portal.kernel.credit_code import normalize_credit_code
from zaozhuang_portal.kernel.keyset import KeysetPage, SortKey, fetch_known_page, fetch_page
from zaozhuang_portal.kernel.names import compact_name, normalize_name

NEWEST = "-id"
SORTS: dict[str, tuple[SortKey, ...]] = {
    NEWEST: (SortKey("id", descending=True),),
    "name": (SortKey("normalized_name"), SortKey("id")),
    "-employee_count": (SortKey("employee_rank", descending=True), SortKey("id", descending=True)),
}
# Permitted filter × sort pairs; each has its index on Subject (design §7). Anything else falls back to newest first.
PERMITTED: dict[frozenset[str], frozenset[str]] = {
    frozenset(): frozenset(SORTS),
    frozenset({"organization"}): frozenset(SORTS),
    frozenset({"township"}): frozenset({NEWEST, "name"}),
    frozenset({"size"}): frozenset({NEWEST}),
    frozenset({"industry"}): frozenset({NEWEST}),
    frozenset({"organization", "size"}): frozenset({NEWEST}),
    frozenset({"organization", "industry"}): frozenset({NEWEST}),
}
# What a list shows of a subject; the columns of the sort come with them.
LIST_COLUMNS = (
    "id",
    "name",
    "credit_code",
    "managing_organization_id",
    "township_id",
    "industry_code",
    "size_class",
    "employee_count",
    "state",
    "pilot_year",
    "contact_name",
    "backfilled",
)


@dataclass(frozen=True)
class SubjectFilters:
    """What the list is narrowed by. `text` is a name part (two characters or more) or the start of a credit code."""

    kind: str = SubjectKind.ENTERPRISE
    organization: int | None = None
    township: int | None = None
    size: str = ""
    industry: str = ""
    state: str = SubjectState.ACTIVE
    text: str = ""
    sort: str = NEWEST
    # Rows chosen by hand (an export of the chosen ones); lists have none.
    pks: tuple[int, ...] = ()
    used: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        used = {name for name in ("organization", "township", "size", "industry") if getattr(self, name)}
        if "township" in used:
            used -= {"organization"}
        object.__setattr__(self, "used", frozenset(used))
        if self.sort not in PERMITTED.get(self.used, frozenset({NEWEST})):
            object.__setattr__(self, "sort", NEWEST)

    @property
    def sorts(self) -> frozenset[str]:
        """The sorts the list offers with these filters."""
        return PERMITTED.get(self.used, frozenset({NEWEST}))


def search_condition(queryset: SubjectQuerySet, text: str) -> SubjectQuerySet:
    """Name part or credit-code prefix. A code prefix is a range, so that it needs no pattern index."""
    code = normalize_credit_code(text)
    if len(code) >= 4 and code.isascii() and code.isalnum() and any(c.isdigit() for c in code):
        return queryset.filter(credit_code__gte=code, credit_code__lt=code + "~")
    return queryset.named_like(text)


def filtered_subjects(actor: Actor, filters: SubjectFilters) -> SubjectQuerySet:
    subjects = Subject.objects.visible_to(actor).of_kind(filters.kind)
    if filters.organization:
        subjects = subjects.filter(managing_organization_id=filters.organization)
    if filters.township:
        subjects = subjects.filter(township_id=filters.township)
    if filters.size:
        subjects = subjects.filter(size_class=filters.size)
    if filters.industry:
        subjects = subjects.filter(industry_code=filters.industry)
    if filters.state:
        subjects = subjects.filter(state=filters.state)
    if filters.pks:
        subjects = subjects.filter(pk__in=filters.pks)
    if filters.text:
        subjects = search_condition(subjects, filters.text)
    return subjects


def list_subjects(
    actor: Actor, filters: SubjectFilters, *, cursor: Mapping[str, str], size: int = 50
) -> KeysetPage[dict[str, Any]]:
    """One page of the register as plain rows (dicts of LIST_COLUMNS and the sort's columns). Statements: 1."""
    sort = SORTS[filters.sort]
    columns = dict.fromkeys((*LIST_COLUMNS, *(key.column for key in sort)))

    def build() -> QuerySet[Any, Any]:
        rows: QuerySet[Any, Any] = filtered_subjects(actor, filters).values(*columns)
        return rows

    if filters.text:
        return fetch_page(build(), sort, cursor=cursor, size=size, count_in_rows=True)
    return fetch_known_page(_list_key(actor, filters), build, sort, cursor=cursor, size=size)


def _list_key(actor: Actor, filters: SubjectFilters) -> str:
    """Everything filtered_subjects() depends on but a text: the person, the capacity, the day, and the filters."""
    organization = actor.organization.pk if actor.organization else None
    who = (actor.user.pk, actor.capacity.key, actor.role, organization, shanghai_date(now()))
    parts = (
        filters.kind,
        filters.organization,
        filters.township,
        filters.size,
        filters.industry,
        filters.state,
    )
    return f"subjects {who} {parts}"


def get_subject(actor: Actor, pk: int, *, to_read: bool = False) -> Subject | None:
    """One record with its profile and organizations, or None when the actor may not see it. Statements: 1.

    `to_read`: also one that moved away from the actor's district or counts for it (`readable_by`).
    """
    rows = Subject.objects.readable_by(actor) if to_read else Subject.objects.visible_to(actor)
    return (
        rows.select_related(
            "profile", "managing_organization", "township", "created_by", "updated_by", "merged_into"
        )
        .filter(pk=pk)
        .first()
    )


@dataclass(frozen=True)
class Duplicate:
    """A subject that may be the same. `visible` None: kept by another district, nothing more may be said."""

    visible: Subject | None
    exact: bool

    @property
    def message(self) -> str:
        if self.visible is None:
            return "已由其他区（市）建档。如确需由本区（市）管理，请申请划转。"
        place = self.visible.managing_organization.name
        return f"“{self.visible.name}”已在{place}建档。"


def find_duplicates(
    actor: Actor,
    *,
    kind: str,
    name: str,
    credit_code: str = "",
    organization_id: int | None = None,
    pilot_year: int | None = None,
    exclude: int | None = None,
) -> list[Duplicate]:
    """Subjects that clash (same credit code; same park in the district; same pilot in the year) or look alike by name.

    Exact clashes are refused by the database; a likeness is only a warning. A stranger's row shows nothing of itself.
    """
    alike = Q(kind=kind, normalized_name=normalize_name(name)) if compact_name(name) else Q(pk__isnull=True)
    if credit_code:
        alike |= Q(credit_code=credit_code)
    rows = (
        Subject.objects.exclude(state=SubjectState.MERGED)
        .filter(alike)
        .exclude(pk__in=[exclude] if exclude else [])
        .select_related("managing_organization")[:10]
    )
    visible = set(
        Subject.objects.visible_to(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    found = []
    for row in rows:
        if credit_code and row.credit_code == credit_code:
            exact = True
        elif kind == SubjectKind.INDUSTRIAL_PARK:
            exact = row.managing_organization_id == organization_id
        elif kind == SubjectKind.INDUSTRY_PILOT:
            exact = row.pilot_year == pilot_year
        else:
            exact = False
        if row.pk in visible:
            found.append(Duplicate(row, exact))
        elif exact:
            found.append(Duplicate(None, True))
    return found


def namesake_of(subject: Subject, name: str) -> Subject | None:
    """Another active record of the same district and kind whose name is the same but for form and brackets."""
    others = Subject.objects.active().filter(
        managing_organization_id=subject.managing_organization_id,
        kind=subject.kind,
        normalized_name=normalize_name(name),
    )
    return others.exclude(pk=subject.pk).order_by("pk").first()
