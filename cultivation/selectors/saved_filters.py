"""我的筛选 of a list, and how many rows each shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.cache import caches
from django.db.models import Count, IntegerField, QuerySet, Value

from cultivation.models import SavedFilter
from zaozhuang_portal.accounts.actors import Actor

_SECONDS = 60


def saved_filters(actor: Actor, page: str) -> list[SavedFilter]:
    """One's own and the unit's, by name. Statements: 1."""
    rows = SavedFilter.objects.visible_to(actor).filter(page=page).select_related("owner")
    return list(rows.order_by("name", "id"))


def default_filter(actor: Actor, found: list[SavedFilter]) -> SavedFilter | None:
    """The one the person wants to open the list with."""
    return next((row for row in found if row.is_default and row.owner_id == actor.user.pk), None)


def _default_key(user: int, organization: int, page: str) -> str:
    return f"cultivation.default_filter.{user}.{organization}.{page}"


def default_query(actor: Actor, page: str) -> str:
    """The query of one's default filter, "" for none; as other processes saw it at most a minute ago.

    For the register, whose page affords no further statement.
    """
    if actor.organization is None:
        return ""
    key = _default_key(actor.user.pk, actor.organization.pk, page)
    found: str | None = caches["local"].get(key)
    if found is None:
        mine = SavedFilter.objects.filter(owner=actor.user, organization=actor.organization, page=page)
        found = mine.filter(is_default=True).values_list("query", flat=True).first() or ""
        caches["local"].set(key, found, _SECONDS)
    return found


def forget_default(saved: SavedFilter) -> None:
    """After a change, so that this process shows it at once."""
    caches["local"].delete(_default_key(saved.owner_id, saved.organization_id, saved.page))


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
