"""The register as rows for a 数据版 export: streamed from a server-side cursor, phones masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cultivation.enums import Ownership, SizeClass, SubjectKind, SubjectState
from cultivation.rules.imports_fields import FIELDS, ImportField, ImportKind
from cultivation.rules.industries import industry_label
from cultivation.selectors.imports import SUBJECT_KIND
from cultivation.selectors.subjects import SubjectFilters, filtered_subjects
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.spreadsheets.export import ExportColumn

_CHUNK = 2000
_KINDS = {subject: kind for kind, subject in SUBJECT_KIND.items()}
_OUTPUT_KIND = {"integer": "integer", "year": "integer", "decimal": "money", "date": "date"}
_LABELS = {
    "ownership": dict(Ownership.choices),
    "size_class": dict(SizeClass.choices),
    "state": dict(SubjectState.choices),
}


def export_fields(kind: str) -> tuple[ImportField, ...]:
    """The columns of the import template of this kind; townships have those of parks."""
    return FIELDS[_KINDS.get(SubjectKind(kind), ImportKind.PARKS)]


def export_columns(kind: str) -> list[ExportColumn]:
    """The headings an import accepts back, behind 区（市）, then 状态."""
    columns = [ExportColumn("区（市）", meaning="管理单位；导入时只核对", width=18)]
    columns += [
        ExportColumn(field.header, _OUTPUT_KIND.get(field.kind, "text"), field.help, field.width)
        for field in export_fields(kind)
    ]
    columns.append(ExportColumn("状态", meaning="在册、已注销或已合并；导入时不读", width=10))
    return columns


def mask_phone(phone: str) -> str:
    """138****1234; a landline keeps its area code and its last two digits."""
    if len(phone) == 11 and phone.isdigit():
        return f"{phone[:3]}****{phone[-4:]}"
    head, dash, tail = phone.partition("-")
    return f"{head}-****{tail[-2:]}" if dash else f"****{phone[-2:]}" if phone else ""


def export_rows(actor: Actor, filters: SubjectFilters) -> Iterator[list[Any]]:
    """One list per subject the actor may see under these filters, by id. Constant memory; statements: 2."""
    names = dict(Organization.objects.values_list("pk", "name"))
    fields = export_fields(filters.kind)
    columns = ["managing_organization_id"]
    for field in fields:
        if field.in_profile:
            columns.append(f"profile__{field.key}")
        else:
            columns.append("township_id" if field.key == "township" else field.key)
    columns.append("state")
    keys = ["district", *(field.key for field in fields), "state"]
    subjects = filtered_subjects(actor, filters).order_by("id")
    for row in subjects.values_list(*columns).iterator(chunk_size=_CHUNK):
        yield [_shown(key, value, names) for key, value in zip(keys, row, strict=True)]


def _shown(key: str, value: Any, names: dict[int, str]) -> Any:
    if value is None or value == "":
        return None
    if key in ("district", "township"):
        return names.get(value, "")
    if key == "industry_code":
        return industry_label(value)
    if key == "contact_phone":
        return mask_phone(value)
    return _LABELS[key].get(value, value) if key in _LABELS else value
