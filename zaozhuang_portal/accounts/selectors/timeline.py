"""动态 of one record, read from the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.components import TimelineEntry

# Fingerprints prove what was signed; they tell a reader nothing.
_UNTOLD = frozenset({"content_hash", "sha256"})
Labels = Mapping[str, str]
# Words of the codes of a name that is no field of the model: {"qualification": {"PASSED": "达标"}}.
Codes = Mapping[str, Mapping[Any, Any]]


def timeline_of(
    kind: str, object_id: int, *, labels: Labels | None = None, codes: Codes | None = None, limit: int = 30
) -> list[TimelineEntry]:
    """The newest entries of a record, with 「字段 旧 → 新」; see entries_of."""
    rows = AuditEntry.objects.filter(kind=kind, object_id=str(object_id))
    return entries_of(rows, labels=labels, codes=codes, limit=limit)


def entries_of(
    rows: QuerySet[AuditEntry],
    *,
    labels: Labels | None = None,
    codes: Codes | None = None,
    limit: int = 30,
) -> list[TimelineEntry]:
    """The newest of these entries in words.

    A name is told by `labels`, else as the field of its model; a code by `codes`, else by the choices of the field.
    """
    return [
        TimelineEntry(
            title=row.action,
            who=row.user_name,
            at=row.at,
            changes=_changes(row, labels or {}, codes or {}),
            note=row.reason,
        )
        for row in rows.order_by("-id")[:limit]
    ]


def _changes(row: AuditEntry, labels: Labels, codes: Codes) -> list[tuple[str, str, str]]:
    fields, choices = _known(row.kind)
    told = []
    for name, values in row.changes.items():
        if name in _UNTOLD or not (isinstance(values, list) and len(values) == 2):
            continue
        known = codes.get(name) or choices.get(name, {})
        old, new = (_word(known.get(value, value) if _is_code(value) else value) for value in values)
        if old != new:
            told.append((labels.get(name) or fields.get(name, name), old, new))
    return told


def _is_code(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


@cache
def _known(kind: str) -> tuple[dict[str, str], dict[str, dict[Any, Any]]]:
    """(names in words, words of the codes) of the model with this name."""
    for model in apps.get_models():
        if model.__name__ == kind:
            fields = list(model._meta.concrete_fields)
            return (
                {field.name: str(field.verbose_name) for field in fields},
                {field.name: dict(field.flatchoices) for field in fields if field.choices},
            )
    return {}, {}


def _word(value: object) -> str:
    if value is None or value == "":
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
