"""A million visits against twenty thousand: the list of a dated ledger at every depth and under every permitted filter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from bench.growth import alias, check_depth, compare
from bench.measure import Result
from bench.world import Browser, World, served

YEAR = 2026
DEPTHS = ("first", "middle", "last")
# One visit of every enterprise, on days spread over the statistical periods 2024–2026 by a stride that is prime to them.
DAY = "DATE '2023-12-01' + (s.id * 7919 % 1060)::int"
VALUES = {
    "id": "s.id",
    "organization_id": "s.managing_organization_id",
    "township_id": "s.township_id",
    "subject_id": "s.id",
    "happened_on": DAY,
    "year_id": f"EXTRACT(YEAR FROM {DAY} + INTERVAL '1 month')::int",
    "mode": "(ARRAY['ON_SITE','PHONE','ONLINE'])[1 + s.id % 3]",
    "purpose": "(ARRAY['GUIDANCE','SUPERVISION','RESEARCH'])[1 + s.id % 3]",
    "topic": "'工资支付和工时管理 ' || s.id",
    "version": "1",
    "indicator_codes": "'[]'::jsonb",
    "created_at": "now()",
    "updated_at": "now()",
}
FILTERS = ("", "year", "district", "district year", "township", "mode", "district mode")


def fill(size: str) -> None:
    """As many visits as enterprises; a kept database has them already."""
    from django.db import connections, models

    from cultivation.models import GuidanceVisit

    if GuidanceVisit.objects.using(alias(size)).exists():
        return

    def value(field: models.Field[Any, Any]) -> str:
        if field.column in VALUES:
            return VALUES[field.column]
        if field.null:
            return "NULL"
        return "false" if isinstance(field, models.BooleanField) else "''"

    fields = GuidanceVisit._meta.concrete_fields
    table = GuidanceVisit._meta.db_table
    columns = ", ".join(field.column for field in fields)
    chosen = ", ".join(value(field) for field in fields)
    with connections[alias(size)].cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM cultivation_subject s")
        cursor.execute(f"VACUUM ANALYZE {table}")


def conditions(size: str) -> dict[str, dict[str, Any]]:
    """The same filters on both databases, as the address and as the query know them."""
    from cultivation.models import GuidanceVisit

    row = GuidanceVisit.objects.using(alias(size)).filter(township__isnull=False).order_by("id")[0]
    known = {"year": YEAR, "district": row.organization_id, "township": row.township_id, "mode": "PHONE"}
    return {names: {name: known[name] for name in names.split()} for names in FILTERS}


def paths(size: str) -> Iterator[tuple[str, str]]:
    """(what it is, address) for each permitted filter and depth."""
    from cultivation.models import GuidanceVisit
    from cultivation.selectors.ledgers import LATEST
    from zaozhuang_portal.kernel.keyset import _encode

    columns = {"year": "year_id", "district": "organization_id", "township": "township_id", "mode": "mode"}
    for names, query in conditions(size).items():
        for depth in DEPTHS:
            cursor = {"page": "last"} if depth == "last" else {}
            if depth == "middle":
                found = GuidanceVisit.objects.using(alias(size)).live()
                rows = found.filter(**{columns[name]: value for name, value in query.items()})
                keys = rows.order_by("-happened_on", "-id").values_list(*(key.column for key in LATEST))
                cursor = {"page": _encode("after", list(keys[rows.count() // 2]))}
            address = urlencode({**query, **cursor}) or "all=1"
            yield f"{names.replace(' ', '+') or 'no filter'}, {depth}", f"/ledgers/visits/?{address}"


def pages(world: World, small: Browser, large: Browser) -> list[Result]:
    addresses = {size: dict(paths(size)) for size in ("small", "large")}
    ratios: dict[str, float] = {}
    shown: dict[str, str] = {}
    for name, path in addresses["small"].items():
        other = addresses["large"][name]
        if name.endswith("middle"):
            check_depth(small, path)
            check_depth(large, other)
        taken = compare(world, small, large, path, other)
        ratios[name], shown[name] = taken.ratio("large", "small"), taken.milliseconds()
    worst = max(ratios, key=lambda name: ratios[name])
    middle = sorted(ratios.values())[len(ratios) // 2]
    return [
        Result(
            f"ledger list at {world.large_size:,} visits against {world.small_size:,}: {len(ratios)} pages, the worst",
            ratios[worst], 2, True, note=f"worst: {worst} ({shown[worst]}); median {middle:.2f}×",
        )
    ]  # fmt: skip


def measure(world: World) -> list[Result]:
    for size in ("small", "large"):
        fill(size)
    with served(world, "small") as small, served(world, "large") as large:
        return pages(world, small, large)
