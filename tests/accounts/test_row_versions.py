"""Former states are kept by the database itself, and tables read as they stood at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tests.factories import make_member_unit, make_organization
from zaozhuang_portal.accounts.enums import Level, SeatState
from zaozhuang_portal.accounts.kept_tables import install_triggers, kept_tables
from zaozhuang_portal.accounts.models import RowVersion, Seat, TripartiteBody
from zaozhuang_portal.accounts.selectors.past_tables import tables_as_of
from zaozhuang_portal.accounts.services.row_versions import delete_kept

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


@pytest.fixture
def body() -> TripartiteBody:
    place = make_organization(Level.DISTRICT)
    return TripartiteBody.objects.create(organization=place, name="一个三方机构", entered_at=NOON)


def names(until: datetime) -> list[tuple[str, bool]]:
    with tables_as_of(until):
        return list(TripartiteBody.objects.values_list("name", "established"))


def test_every_kept_table_has_its_trigger() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type='trigger' AND name LIKE 'keep_%'")
        else:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'keep_%'")
        found = [row[0] for row in cursor.fetchall()]
    assert sorted(found) == sorted(kept_tables())
    install_triggers()  # again: nothing twice


def test_a_row_reads_as_it_stood(body: TripartiteBody) -> None:
    TripartiteBody.objects.filter(pk=body.pk).update(established=True, changed_at=NOON + timedelta(days=1))
    TripartiteBody.objects.filter(pk=body.pk).update(name="改名", changed_at=NOON + timedelta(days=2))
    later = make_organization(Level.DISTRICT)
    TripartiteBody.objects.create(organization=later, name="后来的", entered_at=NOON + timedelta(days=3))
    assert names(NOON) == []
    assert names(NOON + timedelta(hours=1)) == [("一个三方机构", False)]
    assert names(NOON + timedelta(days=1, hours=1)) == [("一个三方机构", True)]
    assert names(NOON + timedelta(days=2, hours=1)) == [("改名", True)]
    assert names(NOON + timedelta(days=4)) == [("改名", True), ("后来的", False)]
    # The real tables were never touched.
    assert TripartiteBody.objects.count() == 2 and RowVersion.objects.count() == 2


def test_what_was_deleted_is_there_on_its_day(body: TripartiteBody) -> None:
    unit = make_member_unit(body.organization)
    seat = Seat.objects.create(body=body, kind=unit.kind, state=SeatState.FILLED, unit=unit, entered_at=NOON)
    delete_kept(Seat.objects.filter(pk=seat.pk), at=NOON + timedelta(days=5))
    with tables_as_of(NOON + timedelta(days=1)):
        assert list(Seat.objects.values_list("pk", "unit_id")) == [(seat.pk, unit.pk)]
    assert not Seat.objects.exists()


def test_an_unknown_past_is_named(body: TripartiteBody) -> None:
    TripartiteBody.objects.filter(pk=body.pk).update(established=True, changed_at=NOON + timedelta(days=9))
    RowVersion.objects.all().delete()  # as before an upgrade
    with tables_as_of(NOON + timedelta(days=1)) as past:
        assert past.unknown == {"accounts_tripartitebody"}
        assert TripartiteBody.objects.get().established
    with tables_as_of(NOON + timedelta(days=10)) as past:
        assert past.unknown == frozenset()
