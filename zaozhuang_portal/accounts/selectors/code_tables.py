"""The organization tree as a code table in memory: lists show names without a join or a statement of their own."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import caches

from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization

_KEY = "accounts.organizations"
_NAMES = "accounts.organization_names"
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class OrganizationEntry:
    pk: int
    code: str
    name: str
    level: str
    parent_id: int | None
    carries_quota: bool


def organization_table() -> dict[int, OrganizationEntry]:
    """Every active organization by pk, in the official order; at most one minute old, one cache per process."""
    table: dict[int, OrganizationEntry] | None = caches["local"].get(_KEY)
    if table is None:
        rows = Organization.objects.order_by("sort_order", "code").values_list(
            "pk", "code", "name", "level", "parent_id", "carries_quota"
        )
        table = {row[0]: OrganizationEntry(*row) for row in rows}
        caches["local"].set(_KEY, table, _SECONDS)
    return table


class Names(dict[int | None, str]):
    """A name by pk; what is not there (none, or an organization younger than the table) has the name ""."""

    def __missing__(self, key: int | None) -> str:
        return ""


def organization_names() -> Names:
    """The names by pk, as lists show them; as old as organization_table() at most."""
    names: Names | None = caches["local"].get(_NAMES)
    if names is None:
        names = Names((pk, entry.name) for pk, entry in organization_table().items())
        caches["local"].set(_NAMES, names, _SECONDS)
    return names


def organization_name(pk: int | None) -> str:
    """The name for a pk; "" for none."""
    if pk is None:
        return ""
    entry = organization_table().get(pk)
    return entry.name if entry else ""


def districts() -> list[OrganizationEntry]:
    return [entry for entry in organization_table().values() if entry.level == Level.DISTRICT]


def townships_of(district_pk: int) -> list[OrganizationEntry]:
    """Townships, streets and parks managed by a district."""
    return [
        entry
        for entry in organization_table().values()
        if entry.parent_id == district_pk and entry.level in {Level.TOWNSHIP, Level.PARK}
    ]
