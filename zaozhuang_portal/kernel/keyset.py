"""Pages by key, never by OFFSET (design §7): first, previous, next, last, with a capped total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.cache import caches
from django.db.models import IntegerField, Q, QuerySet, Subquery

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
    `count_key` names what is counted, whatever the sort and the cursor: rows that were more than COUNT_CAP are not
    counted again for CAPPED_SECONDS, since the page would show the same words (10000+). A total below is always counted.
    """
    text = cursor.get("page", "")
    decoded = _decode(text, len(sort)) if text and text != "last" else None
    backward = text == "last" or (decoded is not None and decoded[0] == "before")
    page = queryset.order_by(*(f"{'-' if key.descending != backward else ''}{key.column}" for key in sort))
    if decoded is not None:
        page = page.filter(_beyond(sort, decoded[1], backward=backward))
    remembered = f"kernel.keyset.{count_key}"
    known_capped = bool(count_key) and caches["local"].get(remembered, False)
    counted = queryset if known_capped else _counted(queryset)
    if count_in_rows and not known_capped:
        page = page.annotate(keyset_total=_CappedCount(counted))
    rows = list(page[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    if known_capped:
        total = COUNT_CAP + 1
    elif count_in_rows and rows:
        total = int(rows[0]["keyset_total"] if isinstance(rows[0], Mapping) else rows[0].keyset_total)
    else:
        total = counted.count()
    if count_key and total > COUNT_CAP and not known_capped:
        caches["local"].set(remembered, True, CAPPED_SECONDS)
    before = more if backward else decoded is not None
    after = (decoded is not None) if backward else more

    def key_of(row: Any) -> list[Any]:
        return [row[key.column] if isinstance(row, Mapping) else getattr(row, key.column) for key in sort]

    return KeysetPage(
        rows=rows,
        size=size,
        total=min(total, COUNT_CAP),
        capped=total > COUNT_CAP,
        previous=_encode("before", key_of(rows[0])) if rows and before else "",
        next=_encode("after", key_of(rows[-1])) if rows and after else "",
        has_first=before,
        has_last=after,
    )
