"""The capped total: counted while the page shows it exactly, remembered for a minute once it is over the cap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_user
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel import clock, keyset
from zaozhuang_portal.kernel.keyset import KeysetPage, SortKey, fetch_known_page, fetch_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_cap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(keyset, "COUNT_CAP", 3)
    caches["local"].clear()
    keyset._known.clear()
    yield
    caches["local"].clear()
    keyset._known.clear()


SORT = (SortKey("date_joined", descending=True), SortKey("id"))


def page(key: str = "users", cursor: str = "", size: int = 2) -> tuple[KeysetPage[dict[str, Any]], str]:
    """A page of users by a known query, and the SQL it took."""
    with CaptureQueriesContext(connection) as captured:
        found = fetch_known_page(
            key, lambda: User.objects.values("id", "date_joined"), SORT, cursor={"page": cursor}, size=size
        )
    return found, " ".join(query["sql"] for query in captured)


def test_below_the_cap_every_total_is_counted() -> None:
    assert (page()[0].total, page()[0].rows) == (0, [])
    for number in range(1, 4):
        make_user(f"u{number}")
        found, sql = page()
        assert (found.total, found.capped) == (number, False) and sql.count("COUNT(") == 1


def test_over_the_cap_it_is_counted_once_a_minute() -> None:
    for number in range(4):
        make_user(f"u{number}")
    found, sql = page()
    assert (found.total, found.capped, len(found.rows)) == (3, True, 2) and "COUNT(" in sql
    again, sql = page()
    assert (again.total, again.capped, len(again.rows)) == (3, True, 2) and "COUNT(" not in sql
    assert "COUNT(" in page("other")[1]
    User.objects.filter(username__in=["u2", "u3"]).delete()
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        later, sql = page()
    assert (later.total, later.capped) == (2, False) and "COUNT(" in sql


def test_a_known_page_is_the_page_of_the_orm_at_every_place() -> None:
    now = clock.now()
    for number in range(9):
        user = make_user(f"u{number}")
        User.objects.filter(pk=user.pk).update(date_joined=now - timedelta(hours=number // 3))
    for direction in ("next", "previous"):
        cursor = "" if direction == "next" else "last"
        seen: list[dict[str, Any]] = []
        while True:
            known, _ = page("walk", cursor, 4)
            plain = fetch_page(
                User.objects.values("id", "date_joined"), SORT, cursor={"page": cursor}, size=4
            )
            for row in known.rows:
                row.pop("keyset_total", None)
            assert known == plain
            seen += known.rows
            cursor = getattr(known, direction)
            if not cursor:
                break
        assert len({row["id"] for row in seen}) == 9


def test_a_query_that_can_find_nothing_asks_for_nothing() -> None:
    with CaptureQueriesContext(connection) as captured:
        found = fetch_known_page(
            "nobody", lambda: User.objects.none().values("id"), [SortKey("id")], cursor={}, size=2
        )
    assert (found.rows, found.total, len(captured)) == ([], 0, 0)


def test_a_plain_page_with_a_count_key_remembers_the_cap_too() -> None:
    for number in range(4):
        make_user(f"u{number}")
    for in_rows, key in ((True, "rows"), (False, "beside"), (True, "")):
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                found = fetch_page(
                    User.objects.all(), SORT, cursor={}, size=2, count_in_rows=in_rows, count_key=key
                )
            counts.append(sum("COUNT(" in query["sql"] for query in captured))
            assert (found.total, found.capped, len(found.rows)) == (3, True, 2)
        assert counts == [1, 0 if key else 1]
