"""Every ledger: its export imports back unchanged, one edited cell is one change, its template is accepted empty."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from cultivation.ledgers.base import Column, ColumnKind, Ledger, all_ledgers
from cultivation.ledgers.exchange import exchanged
from cultivation.models.records import SharedRecordQuerySet
from cultivation.rules.record_numbers import record_number
from cultivation.selectors.ledgers import LedgerFilters
from cultivation.services.imports import import_file
from cultivation.services.imports_files import make_template
from cultivation.services.ledger_exports import request_ledger_export
from tests.cultivation.import_samples import workbook
from tests.cultivation.ledger_factories import make_record
from tests.factories import make_actor, make_organization, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import NotAllowed
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.services.job_runner import run_job

pytestmark = pytest.mark.django_db
LEDGERS = pytest.mark.parametrize("ledger", all_ledgers(), ids=lambda ledger: ledger.slug)


def keeper(ledger: Ledger) -> tuple[Actor, Organization]:
    """The office that keeps the ledger, and whose rows it brings."""
    if Role.DISTRICT_OFFICE in ledger.keepers:
        district = make_organization(Level.DISTRICT)
        return make_actor(Role.DISTRICT_OFFICE, district), district
    city = make_organization(Level.CITY)
    return make_actor(Role.CITY_OFFICE, city), city


def exported(actor: Actor, ledger: Ledger, filters: LedgerFilters | None = None) -> bytes:
    job = request_ledger_export(
        actor=actor, ledger=ledger, filters=filters or LedgerFilters(), now=clock.now()
    )
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    content: bytes = Attachment.objects.get(owner_kind="job", owner_id=job.pk).file.read()
    return content


def bring(actor: Actor | None, place: Organization, ledger: Ledger, data: bytes, **options: Any) -> Any:
    return import_file(
        actor=actor,
        kind=ledger.slug,
        organization=place,
        data=data,
        filename="数据版.xlsx",
        now=clock.now(),
        **options,
    )


def counts(outcome: Any) -> tuple[int, int, int, list[str]]:
    return outcome.created, outcome.updated, outcome.unchanged, [error.message for error in outcome.errors]


def rows_of(ledger: Ledger) -> list[dict[str, Any]]:
    manager: Any = ledger.model._default_manager
    return list(manager.order_by("pk").values())


def editable(ledger: Ledger) -> Column | None:
    """A text column that no key and no check leans on."""
    texts = [item for item in exchanged(ledger) if item.kind in (ColumnKind.TEXT, ColumnKind.LONG_TEXT)]
    free = [item for item in texts if item.key not in ledger.natural_key and item.in_form]
    return next((item for item in free if item.key == "note"), free[-1] if free else None)


@LEDGERS
def test_an_export_imports_back_unchanged_and_one_edited_cell_is_one_change(ledger: Ledger) -> None:
    actor, place = keeper(ledger)
    made = [make_record(ledger, place, actor=actor) for _ in range(3)]
    manager: Any = ledger.model._default_manager
    manager.filter(pk=made[0].pk).update(backfilled=True, source_document="2024年台账")
    data = exported(actor, ledger)
    before = rows_of(ledger)
    assert counts(bring(actor, place, ledger, data)) == (0, 0, 3, [])
    assert rows_of(ledger) == before
    column = editable(ledger)
    if column is None:
        return
    book = load_workbook(BytesIO(data))
    sheet = book["数据"]
    at = next(cell.column for cell in sheet[1] if cell.value == column.header)
    sheet.cell(3, at).value = "改过的一格"
    stream = BytesIO()
    book.save(stream)
    assert counts(bring(actor, place, ledger, stream.getvalue())) == (0, 1, 2, [])
    changed = [row for row, old in zip(rows_of(ledger), before, strict=True) if row != old]
    assert [row[column.key] for row in changed] == ["改过的一格"]
    assert changed[0]["version"] == 2


@LEDGERS
def test_rows_without_a_number_find_themselves(ledger: Ledger) -> None:
    """The same rows from a clerk's own sheet: known by the natural key, or by being equal in all columns."""
    actor, place = keeper(ledger)
    make_record(ledger, place, actor=actor)
    book = load_workbook(BytesIO(exported(actor, ledger)))
    sheet = book["数据"]
    sheet.delete_cols(1)
    stream = BytesIO()
    book.save(stream)
    assert counts(bring(actor, place, ledger, stream.getvalue())) == (0, 0, 1, [])


@LEDGERS
def test_the_template_is_read_back_as_an_empty_list(ledger: Ledger) -> None:
    actor, place = keeper(ledger)
    make_year()
    data = make_template(ledger.slug, place)
    outcome = bring(actor, place, ledger, data)
    assert counts(outcome) == (0, 0, 0, [])
    book = load_workbook(BytesIO(data))
    assert book.worksheets[0].title == ledger.noun
    assert book["选项"].sheet_state == "hidden"
    assert all(cell.comment for cell in book.worksheets[0][1])


@LEDGERS
def test_statements_do_not_grow_with_the_rows(ledger: Ledger) -> None:
    actor, place = keeper(ledger)
    for _ in range(4):
        make_record(ledger, place, actor=actor)
    sheet = load_workbook(BytesIO(exported(actor, ledger)))["数据"]
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    column = editable(ledger)
    if column is None:
        pytest.skip("this ledger has no free text to change")
    at = values[0].index(column.header)
    # A column is looked up only where it is filled: the rows are to fill the same ones.
    for number in range(len(values[0])):
        if any(row[number] is None for row in values[1:]):
            for row in values[1:]:
                row[number] = None
    for row in values[1:]:
        row[at] = f"{row[at] or ''}改"

    def statements(*rows: list[Any]) -> int:
        data = workbook(values[0], *rows)
        with CaptureQueriesContext(connection) as queries:
            outcome = bring(actor, place, ledger, data)
        assert counts(outcome)[1:] == (len(rows), 0, [])
        return len(queries)

    statements(values[1])  # code tables are in memory from here
    values[1][at] += "再改"
    few = statements(values[1])
    assert statements(*values[2:]) <= few


def test_a_filter_of_the_list_holds_and_private_columns_are_masked_for_readers() -> None:
    ledger = next(item for item in all_ledgers() if item.slug == "pairings")
    actor, place = keeper(ledger)
    made = make_record(ledger, place, actor=actor, phone="13806321234")
    make_record(ledger, make_organization(Level.DISTRICT))

    def cells(who: Actor, **filters: Any) -> list[list[Any]]:
        book = load_workbook(BytesIO(exported(who, ledger, LedgerFilters(**filters))))
        return [[cell.value for cell in row] for row in book["数据"].iter_rows(min_row=2)]

    assert len(cells(actor)) == 1
    assert not any(any(row) for row in cells(actor, year=2023))
    assert "13806321234" in cells(actor)[0]
    make_record(ledger, place, actor=actor)
    assert len(cells(actor)) == 2
    assert len(cells(actor, pks=(made.pk,))) == 1
    leader = make_actor(Role.LEADER, place)
    assert "138****1234" in cells(leader, pks=(made.pk,))[0]
    assert "13806321234" not in cells(leader, pks=(made.pk,))[0]
    assert cells(leader, pks=(made.pk,))[0][0] == record_number("pairings", made.pk)


def test_a_job_of_a_role_that_lost_the_ledger_is_refused() -> None:
    ledger = next(item for item in all_ledgers() if item.slug == "pairings")
    stranger = make_actor(Role.AUDITOR)
    with pytest.raises(NotAllowed):
        request_ledger_export(actor=stranger, ledger=ledger, filters=LedgerFilters(), now=clock.now())


SHARED = [
    ledger
    for ledger in all_ledgers()
    if isinstance(ledger.model._default_manager.all(), SharedRecordQuerySet)
    and Role.DISTRICT_OFFICE in ledger.keepers
    and ledger.slug
    != "practice-adoptions"  # hangs on a practice of a district, which the factory makes for one
]


@pytest.mark.parametrize("ledger", SHARED, ids=lambda ledger: ledger.slug)
def test_rows_of_the_city_come_back_with_a_districts_own(ledger: Ledger) -> None:
    """They stand in the district's export; unchanged they stay, changed they are refused with the reason."""
    city = make_organization(Level.CITY)
    place = make_organization(Level.DISTRICT, parent=city)
    actor, office = make_actor(Role.DISTRICT_OFFICE, place), make_actor(Role.CITY_OFFICE, city)
    make_record(ledger, place, actor=actor)
    of_the_city = make_record(ledger, city, actor=office)
    data = exported(actor, ledger)
    assert counts(bring(actor, place, ledger, data)) == (0, 0, 2, [])
    column = editable(ledger)
    if column is None:
        return
    book = load_workbook(BytesIO(data))
    sheet = book["数据"]
    at = next(cell.column for cell in sheet[1] if cell.value == column.header)
    number = record_number(ledger.slug, of_the_city.pk)
    row = next(
        cells[0].row for cells in sheet.iter_rows(min_row=2) if number in [cell.value for cell in cells]
    )
    sheet.cell(row, at).value = "区里改的一格"
    stream = BytesIO()
    book.save(stream)
    created, updated, _, errors = counts(bring(actor, place, ledger, stream.getvalue()))
    assert (created, updated) == (0, 0) and len(errors) == 1 and "市级的记录" in errors[0]
