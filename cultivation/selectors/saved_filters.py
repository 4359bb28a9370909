"""我的筛选 of a list, and how many rows each shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Value

from cultivation.models import SavedFilter
from zaozhuang_portal.accounts.actors import Actor


def saved_filters(actor: Actor, page: str) -> list[SavedFilter]:
    """One's own and the unit's, by name. Statements: 1."""
    rows = SavedFilter.objects.visible_to(actor).filter(page=page).select_related("owner")
    return list(rows.order_by("name", "id"))


def default_filter(actor: Actor, found: list[SavedFilter]) -> SavedFilter | None:
    """The one the person wants to open the list with."""
    return next((row for row in found if row.is_default and row.owner_id == actor.user.pk), None)


def count_rows(querysets: Mapping[int, QuerySet[Any, Any]]) -> dict[int, int]:
    """Rows behind each key. Statements: 1."""
    parts = [
        rows.order_by()
        .values(saved=Value(key, output_field=IntegerField()))
        .annotate(rows=Count("pk"))
        .values_list("saved", "rows")
        for key, rows in querysets.items()
    ]
    if not parts:
        return {}
    counted = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return dict.fromkeys(querysets, 0) | dict(counted)
