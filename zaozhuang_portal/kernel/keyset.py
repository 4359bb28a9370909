"""Pages by key, never by OFFSET (design §7): first, previous, next, last, with a capped total."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.cache import caches
from django.db.models import IntegerField, Q, QuerySet, Subquery

from zaozhuang_portal.kernel.compiled import CompiledQuery, Slot

Row = TypeVar("Row")
COUNT_CAP = 10_000
CAPPED_SECONDS = 60


@dataclass(frozen=True)
class SortKey:
    """One column of a sort. It is never null, and the last key of a sort is unique."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """`previous` and `next` are values of the `page` parameter; empty when there is no such page."""

    rows: list[Row]
    size: int
    total: int
    capped: bool
    previous: str = ""
    next: str = ""
    has_first: bool = False
    has_last: bool = False


def _encode(direction: str, values: Sequence[Any]) -> str:
    """Dates and instants travel as ISO text, to the microsecond; a filter reads them back."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return f"{direction}.{signing.dumps(plain, salt='keyset', compress=False)}"


def _decode(text: str, width: int) -> tuple[str, list[Any]] | None:
    """None for a cursor that was tampered with or belongs to another sort: the first page is shown then."""
    direction, _, signed = text.partition(".")
    try:
        values = signing.loads(signed, salt="keyset")
    except signing.BadSignature:
        return None
    if direction not in {"after", "before"} or not isinstance(values, list) or len(values) != width:
        return None
    return direction, values


def _beyond(sort: Sequence[SortKey], values: Sequence[Any], *, backward: bool) -> Q:
    """Rows after (or before) the key values in sort order.

    Written as `a <= x AND (a < x OR (a = x AND b < y))`: the first bound is an index range, whatever the depth.
    """
    strict = Q()
    equal = Q()
    for key, value in zip(sort, values, strict=True):
        lookup = "lt" if key.descending != backward else "gt"
        strict |= equal & Q(**{f"{key.column}__{lookup}": value})
        equal &= Q(**{key.column: value})
    head = "lte" if sort[0].descending != backward else "gte"
    return strict if len(sort) == 1 else Q(**{f"{sort[0].column}__{head}": values[0]}) & strict


class _CappedCount(Subquery):
    """How many rows a sliced queryset has, as a scalar beside the rows of the same statement."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) keyset_counted)"
    output_field = IntegerField()


def _counted(queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return queryset.prefetch_related(None).order_by().values("pk")[: COUNT_CAP + 1]


@dataclass(frozen=True)
class _Place:
    """Where a page begins: direction "" (first), "last", "after" or "before" a row's key values."""

    direction: str
    values: tuple[Any, ...] = ()

    @property
    def backward(self) -> bool:
        return self.direction in {"last", "before"}


def _place(cursor: Mapping[str, str], sort: Sequence[SortKey]) -> _Place:
    text = cursor.get("page", "")
    if text == "last":
        return _Place("last")
    decoded = _decode(text, len(sort)) if text else None
    return _Place(decoded[0], tuple(decoded[1])) if decoded else _Place("")


def _rows_from(
    queryset: QuerySet[Any, Any], sort: Sequence[SortKey], place: _Place, size: int
) -> QuerySet[Any, Any]:
    """One row more than the page, in the order in which they are read."""
    backward = place.backward
    page = queryset.order_by(*(f"{'-' if key.descending != backward else ''}{key.column}" for key in sort))
    if place.values:
        page = page.filter(_beyond(sort, place.values, backward=backward))
    return page[: size + 1]


def _page(
    rows: list[Any], sort: Sequence[SortKey], place: _Place, size: int, total: Callable[[list[Any]], int]
) -> KeysetPage[Any]:
    more = len(rows) > size
    rows = rows[:size]
    if place.backward:
        rows.reverse()
    count = total(rows)
    before = more if place.backward else bool(place.values)
    after = bool(place.values) if place.backward else more

    def key_of(row: Any) -> list[Any]:
        return [row[key.column] if isinstance(row, Mapping) else getattr(row, key.column) for key in sort]

    return KeysetPage(
        rows=rows,
        size=size,
        total=min(count, COUNT_CAP),
        capped=count > COUNT_CAP,
        previous=_encode("before", key_of(rows[0])) if rows and before else "",
        next=_encode("after", key_of(rows[-1])) if rows and after else "",
        has_first=before,
        has_last=after,
    )


def _known_capped(key: str) -> bool:
    return bool(key) and caches["local"].get(f"kernel.keyset.{key}", False)


def _remember(key: str, count: int) -> int:
    """The count; that it is over the cap is kept for a while."""
    if key and count > COUNT_CAP:
        caches["local"].set(f"kernel.keyset.{key}", True, CAPPED_SECONDS)
    return count


def fetch_page(
    queryset: QuerySet[Any, Any],
    sort: Sequence[SortKey],
    *,
    cursor: Mapping[str, str],
    size: int,
    count_in_rows: bool = False,
    count_key: str = "",
) -> KeysetPage[Any]:
    """One page of `queryset` (of instances or of `.values()` that hold the sort columns) in two statements.

    `cursor["page"]` is a value of a former page, "last" or empty. `total` is exact up to COUNT_CAP.
    `count_in_rows`: the rows bring the total along (as `keyset_total`), in one statement; a page without rows takes
    the second one all the same.
    `count_key` names what is counted (who asks, the day, every filter's value): rows that were more than COUNT_CAP are
    not counted again for CAPPED_SECONDS, since the page would show the same words (10000+). A total below is counted
    each time.
    """
    place = _place(cursor, sort)
    known_capped = _known_capped(count_key)
    counted = _counted(queryset)

    def total(rows: list[Any]) -> int:
        if known_capped:
            return COUNT_CAP + 1
        if not (count_in_rows and rows):
            return _remember(count_key, counted.count())
        first = rows[0]
        count = first["keyset_total"] if isinstance(first, Mapping) else first.keyset_total
        return _remember(count_key, int(count))

    if count_in_rows and not known_capped:
        queryset = queryset.annotate(keyset_total=_CappedCount(counted))
    return _page(list(_rows_from(queryset, sort, place, size)), sort, place, size, total)


# SQL of the pages of fetch_known_page, by everything it depends on but the key values, with the second it was made.
_known: dict[tuple[object, ...], tuple[float, CompiledQuery[dict[str, Any]]]] = {}
KNOWN_SECONDS = 60
MAX_KNOWN = 500


def _known_query(
    shape: tuple[object, ...], build: Callable[[], QuerySet[Any, Any]]
) -> CompiledQuery[dict[str, Any]]:
    now = time.monotonic()
    made, query = _known.get(shape, (0.0, None))
    if query is None or now - made > KNOWN_SECONDS:
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        query = CompiledQuery(build)
        _known[shape] = (now, query)
    return query


def fetch_known_page(
    key: str,
    build: Callable[[], QuerySet[Any, Any]],
    sort: Sequence[SortKey],
    *,
    cursor: Mapping[str, str],
    size: int,
) -> KeysetPage[dict[str, Any]]:
    """As fetch_page(count_in_rows=True) of a queryset of `.values()` whose SQL is written once for `key`.

    `key` names everything `build()` depends on: who asks, the day, and every filter's value; after KNOWN_SECONDS the
    SQL is written again all the same. It is the `count_key` of fetch_page too.
    """
    place = _place(cursor, sort)
    known_capped = _known_capped(key)
    query = _known_query(
        (key, tuple(sort), place.direction, size, known_capped),
        partial(_known_rows, build, sort, place, size, not known_capped),
    )

    def total(rows: list[dict[str, Any]]) -> int:
        if known_capped:
            return COUNT_CAP + 1
        return _remember(key, int(rows[0]["keyset_total"]) if rows else _counted(build()).count())

    values = {f"key{number}": value for number, value in enumerate(place.values)}
    return _page(query.all(**values), sort, place, size, total)


def _known_rows(
    build: Callable[[], QuerySet[Any, Any]], sort: Sequence[SortKey], place: _Place, size: int, count: bool
) -> QuerySet[Any, Any]:
    queryset = build()
    fields = [queryset.model._meta.get_field(key.column) for key in sort]
    slots = tuple(
        Slot(f"key{number}", getattr(field, "output_field", field))  # a generated column's own type
        for number, field in enumerate(fields)
    )
    if count:
        queryset = queryset.annotate(keyset_total=_CappedCount(_counted(queryset)))
    return _rows_from(queryset, sort, _Place(place.direction, slots if place.values else ()), size)
