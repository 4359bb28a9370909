"""What an import needs to know of the database, in a constant number of statements, and the batches a person sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cultivation.enums import SubjectKind
from cultivation.models import ImportBatch, Subject
from cultivation.rules.imports_fields import ImportKind, fields_of
from cultivation.rules.imports_plan import Existing
from cultivation.rules.imports_rows import DraftRow
from cultivation.rules.imports_values import Place, Reference
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.bulk import text_set

SUBJECT_KIND: Mapping[ImportKind, SubjectKind] = {
    ImportKind.ENTERPRISES: SubjectKind.ENTERPRISE,
    ImportKind.PARKS: SubjectKind.INDUSTRIAL_PARK,
    ImportKind.PILOTS: SubjectKind.INDUSTRY_PILOT,
}
# The column behind a field key where the names differ.
COLUMN_OF = {"township": "township_id"}


def load_reference(organization: Organization) -> Reference:
    """The district and every township and park of the city. Statements: 1."""
    rows = (
        Organization.objects.filter(level__in=[Level.TOWNSHIP, Level.PARK], parent__level=Level.DISTRICT)
        .order_by("sort_order", "code")
        .values_list("pk", "code", "name", "parent_id", "parent__name")
    )
    whole_city = organization.level == Level.CITY
    return Reference(organization.pk, organization.name, tuple(Place(*row) for row in rows), whole_city)


def load_existing(
    kind: ImportKind, organization: Organization, drafts: Sequence[DraftRow]
) -> dict[Any, Existing]:
    """The registered subjects under the keys of `drafts`, of every district. Statements: 1, whatever the count."""
    if not drafts:
        return {}
    subjects = Subject.objects.filter(kind=SUBJECT_KIND[kind])
    if kind is ImportKind.ENTERPRISES:
        subjects = subjects.filter(credit_code__in=text_set(draft.key for draft in drafts))
    elif kind is ImportKind.PARKS:
        subjects = subjects.filter(
            managing_organization=organization, normalized_name__in=text_set(draft.key for draft in drafts)
        )
    else:
        subjects = subjects.filter(normalized_name__in=text_set({draft.key[0] for draft in drafts}))
    keys = [key for key, field in fields_of(kind).items() if not field.in_profile]
    profile = [key for key, field in fields_of(kind).items() if field.in_profile]
    extra = ["size_overridden"] if kind is ImportKind.ENTERPRISES else []
    columns = [COLUMN_OF.get(key, key) for key in keys] + [f"profile__{key}" for key in profile] + extra
    names = [*keys, *profile, *extra]
    found: dict[Any, Existing] = {}
    # A merged row gives way to a living one under the same key.
    for pk, version, district, state, normalized, *values in subjects.order_by("-state").values_list(
        "pk", "version", "managing_organization_id", "state", "normalized_name", *columns
    ):
        known = {name: None if value == "" else value for name, value in zip(names, values, strict=True)}
        found[_key(kind, normalized, known)] = Existing(pk, version, district, state, known)
    return found


def _key(kind: ImportKind, normalized: str, values: Mapping[str, Any]) -> Any:
    if kind is ImportKind.ENTERPRISES:
        return values["credit_code"]
    return normalized if kind is ImportKind.PARKS else (normalized, values["pilot_year"])


def place_names(organization: Organization | None) -> tuple[str, ...]:
    """Townships and parks of a district, or of the whole city: the drop-down of a template. Statements: 1."""
    places = Organization.objects.filter(level__in=[Level.TOWNSHIP, Level.PARK], is_active=True)
    if organization is not None and organization.level == Level.DISTRICT:
        places = places.filter(parent=organization)
    else:
        places = places.filter(parent__level=Level.DISTRICT)
    return tuple(dict.fromkeys(places.order_by("sort_order", "code").values_list("name", flat=True)))


def list_batches(actor: Actor, *, limit: int = 50) -> list[ImportBatch]:
    """The newest batches this actor sees. Statements: 1."""
    batches = ImportBatch.objects.visible_to(actor).select_related("organization", "started_by")
    return list(batches[:limit])


def get_batch(actor: Actor, pk: int) -> ImportBatch | None:
    return (
        ImportBatch.objects.visible_to(actor)
        .select_related("organization", "started_by", "confirmed_by", "report")
        .filter(pk=pk)
        .first()
    )


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """Names of subjects by id, for the report of an undo."""
    return dict(Subject.objects.filter(pk__in=list(ids)).values_list("pk", "name"))
