"""Write a plan into the register in one phase: two inserts for the new, two upserts for the changed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError

from cultivation.enums import SubjectState
from cultivation.models import Subject, SubjectProfile
from cultivation.rules.imports_fields import ImportKind, fields_of
from cultivation.rules.imports_plan import ChangedRow, ImportPlan, NewRow
from cultivation.rules.imports_values import Place
from cultivation.rules.subjects import derive_names
from cultivation.selectors.imports import SUBJECT_KIND
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audits
from zaozhuang_portal.kernel.bulk import insert_rows, key_set
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError

_BATCH = 500
_NEW_COLUMNS = (
    "kind", "name", "normalized_name", "search_name", "name_bigrams", "managing_organization_id", "township_id",
    "division_code", "state", "credit_code", "credit_code_note", "industry_code", "ownership", "employee_count",
    "size_class", "size_overridden", "pilot_year", "contact_name", "contact_phone", "backfilled", "version",
    "created_at", "created_by_id", "updated_at", "updated_by_id",
)  # fmt: skip
_PROFILE_COLUMNS = (
    "subject_id", "legal_representative", "address", "established_on", "annual_revenue", "total_assets", "groundwork",
    "labor_relations_status", "source_document",
)  # fmt: skip
_PROFILE_KEYS = frozenset(_PROFILE_COLUMNS[1:])
_NULLABLE = frozenset(
    {"employee_count", "established_on", "annual_revenue", "total_assets", "credit_code", "pilot_year"}
)
_COLLISION = "刚刚有人登记了同一对象，本次导入没有写入任何内容。请重新校验后再确认。"


def write_plan(
    *, kind: ImportKind, plan: ImportPlan, organization: Organization, actor: Actor | None, now: datetime
) -> dict[str, Any]:
    """Insert the new, update the changed, one audit entry per changed subject; returns the undo log.

    Must run in the caller's transaction. Raises ConflictError when a row was registered or changed meanwhile.
    """
    try:
        created = _insert(plan, kind, organization, actor, now)
        changed = _update(plan, kind, organization, actor, now)
    except IntegrityError:
        raise ConflictError(_COLLISION) from None
    record_audits(
        actor=actor,
        at=now,
        action="导入更新档案",
        kind="Subject",
        items=(
            (
                item.id,
                item.name,
                {key: [_told(old), _told(new)] for key, (old, new) in item.changes.items()},
            )
            for item in plan.changed
        ),
    )
    return {"created": created, "changed": changed}


def _insert(
    plan: ImportPlan, kind: ImportKind, organization: Organization, actor: Actor | None, now: datetime
) -> list[int]:
    user_id = actor.user.pk if actor else None
    subject_kind = SUBJECT_KIND[kind].value
    rows = [_new_row(item, subject_kind, organization, user_id, now) for item in plan.created]
    keys = insert_rows(Subject, _NEW_COLUMNS, rows)
    insert_rows(
        SubjectProfile,
        _PROFILE_COLUMNS,
        [_profile_row(key, item.values) for key, item in zip(keys, plan.created, strict=True)],
    )
    return keys


def _new_row(
    item: NewRow, subject_kind: str, organization: Organization, user_id: int | None, now: datetime
) -> tuple[Any, ...]:
    get = item.values.get
    name = item.values["name"]
    names = derive_names(name)
    place: Place | None = get("township")
    return (
        subject_kind, name, names.normalized_name, names.search_name, names.name_bigrams, organization.pk,
        place.id if place else None, place.code if place else organization.code, SubjectState.ACTIVE.value,
        get("credit_code"), get("credit_code_note", ""), get("industry_code", ""), get("ownership", ""),
        get("employee_count"), get("size_class", ""), get("size_overridden", False), get("pilot_year"),
        get("contact_name", ""), get("contact_phone", ""), False, 1, now, user_id, now, user_id,
    )  # fmt: skip


def _profile_row(key: int, values: dict[str, Any]) -> tuple[Any, ...]:
    get = values.get
    return (
        key, get("legal_representative", ""), get("address", ""), get("established_on"), get("annual_revenue"),
        get("total_assets"), get("groundwork", ""), get("labor_relations_status", ""), "",
    )  # fmt: skip


def _update(
    plan: ImportPlan, kind: ImportKind, organization: Organization, actor: Actor | None, now: datetime
) -> list[list[Any]]:
    """Lock the changed rows, check their versions, and write them back by upsert on the primary key."""
    if not plan.changed:
        return []
    keys = key_set([item.id for item in plan.changed])
    subjects = {
        subject.pk: subject
        for subject in Subject.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    }
    in_profile = {key for key, field in fields_of(kind).items() if field.in_profile}
    touched = [item.id for item in plan.changed if in_profile & item.changes.keys()]
    profiles = {profile.pk: profile for profile in SubjectProfile.objects.filter(pk__in=key_set(touched))}
    log = []
    for item in plan.changed:
        subject = subjects.get(item.id)
        if subject is None or subject.version != item.version:
            by = subject.updated_by_id if subject else None
            words = changed_since(f"“{item.name}”", actor.user.pk if actor else None, by)
            raise ConflictError(f"{words}，本次导入没有写入任何内容。请重新校验后再确认。")
        log.append(_change(subject, profiles, item, organization))
        subject.version += 1
        subject.updated_at = now
        subject.updated_by = actor.user if actor else None
    save_subjects(list(subjects.values()))
    save_profiles([profiles[key] for key in touched])
    return log


def _change(
    subject: Subject, profiles: dict[int, SubjectProfile], item: ChangedRow, organization: Organization
) -> list[Any]:
    """Set the new values on the loaded rows; returns [id, version after, {column: old value}]."""
    old: dict[str, Any] = {}
    for key, (before, value) in item.changes.items():
        if key in _PROFILE_KEYS:
            profile = profiles.setdefault(item.id, SubjectProfile(subject_id=item.id))
            setattr(profile, key, value)
        elif key == "township":
            old["division_code"] = subject.division_code
            subject.township_id = value.id
            subject.division_code = value.code
        else:
            setattr(subject, key, value)
        old[key] = _plain(before)
    if "name" in item.changes:
        set_names(subject)
    return [item.id, item.version + 1, old]


def set_names(subject: Subject) -> None:
    """Derive the columns that follow from the name."""
    names = derive_names(subject.name)
    subject.normalized_name = names.normalized_name
    subject.search_name = names.search_name
    subject.name_bigrams = names.name_bigrams


def save_subjects(subjects: list[Subject]) -> None:
    """Write loaded and locked rows back: one statement for each 500."""
    columns = [
        field.name for field in Subject._meta.concrete_fields if not field.primary_key and not field.generated
    ]
    Subject.objects.bulk_create(
        subjects, update_conflicts=True, unique_fields=["id"], update_fields=columns, batch_size=_BATCH
    )


def save_profiles(profiles: list[SubjectProfile]) -> None:
    """As save_subjects; a missing profile is inserted."""
    columns = [field.name for field in SubjectProfile._meta.concrete_fields if not field.primary_key]
    SubjectProfile.objects.bulk_create(
        profiles, update_conflicts=True, unique_fields=["subject"], update_fields=columns, batch_size=_BATCH
    )


def blank_of(column: str) -> Any:
    """What an empty column holds: NULL for numbers, dates and codes, '' for words."""
    return None if column in _NULLABLE or column == "township" else ""


def _told(value: Any) -> Any:
    """The value as the audit log tells it: a place by its name."""
    return value.name if isinstance(value, Place) else _plain(value)


def _plain(value: Any) -> Any:
    """A value JSON can hold, and old_value() can read back."""
    if isinstance(value, Place):
        return value.id
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
