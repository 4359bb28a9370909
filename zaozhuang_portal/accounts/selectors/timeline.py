"""动态 of one record, read from the audit log."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.components import TimelineEntry


def timeline_of(
    kind: str, object_id: int, *, labels: Mapping[str, str] | None = None, limit: int = 30
) -> list[TimelineEntry]:
    """The newest entries of a record, with 「字段 旧 → 新」. `labels` name the fields; the name itself otherwise."""
    rows = AuditEntry.objects.filter(kind=kind, object_id=str(object_id))
    return entries_of(rows, labels=labels, limit=limit)


def entries_of(
    rows: QuerySet[AuditEntry], *, labels: Mapping[str, str] | None = None, limit: int = 30
) -> list[TimelineEntry]:
    """The newest of these entries in words."""
    words = labels or {}
    return [
        TimelineEntry(
            title=row.action,
            who=row.user_name,
            at=row.at,
            changes=[
                (words.get(name, name), _word(values[0]), _word(values[1]))
                for name, values in row.changes.items()
                if isinstance(values, list) and len(values) == 2 and _word(values[0]) != _word(values[1])
            ],
            note=row.reason,
        )
        for row in rows.order_by("-id")[:limit]
    ]


def _word(value: object) -> str:
    if value is None or value == "":
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
