"""The capped total: counted while the page shows it exactly, remembered for a minute once it is over the cap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_user
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel import clock, keyset
from zaozhuang_portal.kernel.keyset import KeysetPage, SortKey, fetch_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_cap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(keyset, "COUNT_CAP", 3)
    caches["local"].clear()
    yield
    caches["local"].clear()


def page(*, key: str = "users", in_rows: bool = True) -> tuple[KeysetPage[User], str]:
    """The first two users, and the SQL it took."""
    with CaptureQueriesContext(connection) as captured:
        found = fetch_page(
            User.objects.all(), [SortKey("id")], cursor={}, size=2, count_in_rows=in_rows, count_key=key
        )
    return found, " ".join(query["sql"] for query in captured)


@pytest.mark.parametrize("in_rows", [True, False])
def test_below_the_cap_every_total_is_counted(in_rows: bool) -> None:
    for number in range(1, 4):
        make_user(f"u{number}")
        found, sql = page(in_rows=in_rows)
        assert (found.total, found.capped) == (number, False) and "COUNT(" in sql


@pytest.mark.parametrize("in_rows", [True, False])
def test_over_the_cap_it_is_counted_once_a_minute(in_rows: bool) -> None:
    for number in range(4):
        make_user(f"u{number}")
    found, sql = page(in_rows=in_rows)
    assert (found.total, found.capped, len(found.rows)) == (3, True, 2) and "COUNT(" in sql
    again, sql = page(in_rows=in_rows)
    assert (again.total, again.capped, again.rows) == (3, True, found.rows) and "COUNT(" not in sql
    assert "COUNT(" in page(key="", in_rows=in_rows)[1] and "COUNT(" in page(key="other", in_rows=in_rows)[1]
    User.objects.filter(username__in=["u2", "u3"]).delete()
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        later, sql = page(in_rows=in_rows)
    assert (later.total, later.capped) == (2, False) and "COUNT(" in sql
