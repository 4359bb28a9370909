"""动态 of one record, read from the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.accounts.words import CHANGES, KINDS
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
            changes=told_changes(row, labels=labels, codes=codes),
            note=row.reason,
        )
        for row in rows.order_by("-id")[:limit]
    ]


def kind_word(kind: str) -> str:
    """What an entry's kind is called: a registered word, else the name of its model."""
    return KINDS.get(kind) or _known(kind)[2] or kind


def told_changes(
    row: AuditEntry, *, labels: Labels | None = None, codes: Codes | None = None, whole: bool = False
) -> list[tuple[str, str, str]]:
    """(name, old, new) in words of each changed thing; with `whole` also fingerprints and what has no former value."""
    labels, codes = labels or {}, codes or {}
    fields, choices, _ = _known(row.kind)
    told = []
    for name, stored in row.changes.items():
        values = stored
        if whole and not (isinstance(values, list) and len(values) == 2):
            values = ["", values]
        if (name in _UNTOLD and not whole) or not (isinstance(values, list) and len(values) == 2):
            continue
        known = codes.get(name) or choices.get(name, {})
        old, new = (_word(known.get(value, value) if _is_code(value) else value) for value in values)
        if old != new:
            told.append((labels.get(name) or fields.get(name) or CHANGES.get(name, name), old, new))
    return told


def _is_code(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


@cache
def _known(kind: str) -> tuple[dict[str, str], dict[str, dict[Any, Any]], str]:
    """(names in words, words of the codes, its own name) of the model with this name."""
    for model in apps.get_models():
        if model.__name__ == kind:
            fields = list(model._meta.concrete_fields)
            return (
                {field.name: str(field.verbose_name) for field in fields},
                {field.name: dict(field.flatchoices) for field in fields if field.choices},
                str(model._meta.verbose_name),
            )
    return {}, {}, ""


def _word(value: object) -> str:
    if value is None or value == "":
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        head, blank, rest = value.partition(" ")
        return f"{kind_word(head)}{blank}{rest}" if rest.isdecimal() else value
    if isinstance(value, list):
        return "、".join(_word(item) for item in value) or "未填"
    if isinstance(value, dict):
        return (
            "，".join(f"{CHANGES.get(name, name)}：{_word(item)}" for name, item in value.items()) or "未填"
        )
    return str(value)
