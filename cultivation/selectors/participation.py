"""参与创建 of a year: who takes part, who does not yet, and the coverage by size, industry and place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Left

from cultivation.enums import SizeClass, SubjectKind, SubjectState
from cultivation.models import Participation, Subject
from cultivation.models.subjects import SubjectQuerySet
from cultivation.rules.industries import industries_by_code
from cultivation.rules.participation import UNKNOWN, Coverage, add_up, by_section
from cultivation.selectors.subjects import SORTS, SubjectFilters, filtered_subjects
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import districts, organization_name, townships_of
from zaozhuang_portal.kernel.keyset import KeysetPage, fetch_page

JOINED, MISSING = "joined", "missing"
_COLUMNS = (
    "id",
    "name",
    "credit_code",
    "managing_organization_id",
    "township_id",
    "industry_code",
    "size_class",
    "employee_count",
    "normalized_name",
    "employee_rank",
)


@dataclass(frozen=True)
class CoverageRow:
    """One line of a coverage table; `key` and `value` are the filter behind its numbers, "" when there is none."""

    label: str
    coverage: Coverage
    key: str = ""
    value: str = ""


@dataclass(frozen=True)
class CoverageReport:
    total: Coverage
    by_size: list[CoverageRow]
    by_section: list[CoverageRow]
    by_township: list[CoverageRow]
    by_district: list[CoverageRow]
    townships_without: list[CoverageRow]


def _taking_part(year: int) -> Exists:
    return Exists(Participation.objects.filter(subject=OuterRef("pk"), year_id=year))


def participation_subjects(
    actor: Actor, filters: SubjectFilters, *, year: int, standing: str = "", section: str = ""
) -> SubjectQuerySet:
    """The active subjects the filters name; `standing` joined or missing narrows to those who do or do not."""
    subjects = filtered_subjects(actor, filters).filter(state=SubjectState.ACTIVE)
    if section:
        divisions = [i.code for i in industries_by_code().values() if i.parent == section]
        subjects = subjects.alias(division=Left("industry_code", 2)).filter(
            Q(division__in=divisions) | Q(industry_code=section)
        )
    if standing == JOINED:
        return subjects.filter(_taking_part(year))
    return subjects.filter(~_taking_part(year)) if standing == MISSING else subjects


def list_participation(
    actor: Actor,
    filters: SubjectFilters,
    *,
    year: int,
    standing: str = "",
    section: str = "",
    cursor: Mapping[str, str],
    size: int = 50,
) -> KeysetPage[dict[str, Any]]:
    """One page with `joined` on each row. Statements: 1."""
    subjects = participation_subjects(actor, filters, year=year, standing=standing, section=section)
    rows = subjects.annotate(joined=_taking_part(year)).values(*_COLUMNS, "joined")
    return fetch_page(rows, SORTS[filters.sort], cursor=cursor, size=size, count_in_rows=True)


def coverage_report(actor: Actor, *, year: int, district_id: int | None = None) -> CoverageReport:
    """Participating ÷ should participate (active enterprises in scope), with the gaps. Statements: 3."""
    scope = Subject.objects.visible_to(actor).filter(kind=SubjectKind.ENTERPRISE, state=SubjectState.ACTIVE)
    if district_id:
        scope = scope.filter(managing_organization_id=district_id)
    sizes = _grouped(scope, year, "size_class")
    divisions = _grouped(scope.annotate(division=Left("industry_code", 2)), year, "division")
    places = {
        (row[0], row[1]): Coverage(row[3], row[2])
        for row in scope.order_by()
        .values_list("managing_organization_id", "township_id")
        .annotate(total=Count("pk"), joined=Count("pk", filter=_taking_part(year)))
    }
    townships = _township_rows(actor, places, district_id)
    total = add_up(sizes.values())
    return CoverageReport(
        total=total,
        by_size=_rows({**dict.fromkeys(SizeClass.values), **sizes}, sizes, _size_label, "size_class"),
        by_section=_rows(by_section(divisions), by_section(divisions), _section_label, "section"),
        by_township=townships,
        by_district=_district_rows(places) if actor.sees_whole_city and not district_id else [],
        townships_without=[row for row in townships if not row.coverage.joined and row.key == "township"],
    )


def _grouped(scope: SubjectQuerySet, year: int, column: str) -> dict[str, Coverage]:
    rows = (
        scope.order_by()
        .values_list(column)
        .annotate(total=Count("pk"), joined=Count("pk", filter=_taking_part(year)))
    )
    return {value: Coverage(joined, total) for value, total, joined in rows}


def _rows(
    keys: Mapping[str, Any], found: Mapping[str, Coverage], label: Callable[[str], str], key: str
) -> list[CoverageRow]:
    ordered = sorted(keys, key=lambda value: value == UNKNOWN)  # the unknown last, the rest as given
    return [
        CoverageRow(label(value), found[value], key if value else "", value)
        for value in ordered
        if value in found
    ]


def _size_label(value: str) -> str:
    return str(SizeClass(value).label) if value else "规模未划分"


def _section_label(value: str) -> str:
    return industries_by_code()[value].label if value else "行业未填"


def _district_rows(places: Mapping[tuple[int, int | None], Coverage]) -> list[CoverageRow]:
    return [
        CoverageRow(
            entry.name,
            add_up(coverage for (district, _), coverage in places.items() if district == entry.pk),
            "district",
            str(entry.pk),
        )
        for entry in districts()
    ]


def _township_rows(
    actor: Actor, places: Mapping[tuple[int, int | None], Coverage], district_id: int | None
) -> list[CoverageRow]:
    """Every township, street and park of the scope, also those without a single enterprise."""
    if district_id or actor.district is not None:
        wanted = [district_id or (actor.district.pk if actor.district else 0)]
    else:
        wanted = [entry.pk for entry in districts()]
    own = actor.organization.pk if actor.organization and actor.role == "TOWNSHIP_STAFF" else None
    rows = []
    for district in wanted:
        prefix = f"{organization_name(district)} " if len(wanted) > 1 else ""
        for entry in townships_of(district):
            if own is None or entry.pk == own:
                coverage = places.get((district, entry.pk), Coverage(0, 0))
                rows.append(CoverageRow(f"{prefix}{entry.name}", coverage, "township", str(entry.pk)))
        unknown = places.get((district, None))
        if unknown is not None:
            rows.append(CoverageRow(f"{prefix}乡镇（街道）未填", unknown))
    return rows
