"""Issue 3: the common pages of every registered ledger: list, create, record, change, remove, restore, paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.ledgers.base import ColumnKind, Ledger, all_ledgers, find_ledger
from cultivation.ledgers.display import cell
from cultivation.models import Record
from cultivation.services.ledger_values import examine_record
from tests.cultivation.ledger_factories import make_record, posted, valid_values
from tests.factories import login, make_actor, make_organization, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.clock import shanghai_date

pytestmark = pytest.mark.django_db
LEDGERS = pytest.mark.parametrize("ledger", all_ledgers(), ids=lambda ledger: ledger.slug)


@pytest.fixture
def clerk() -> Actor:
    make_year()
    return make_actor(Role.DISTRICT_OFFICE)


def keeper(ledger: Ledger, clerk: Actor) -> Actor:
    return clerk if clerk.role in ledger.keepers else make_actor(Role.CITY_OFFICE)


def address(name: str, ledger: Ledger, record: Any = None) -> str:
    kwargs = {"slug": ledger.slug} | ({"pk": record.pk} if record is not None else {})
    return reverse(f"cultivation:ledger_{name}", kwargs=kwargs)


def rows(ledger: Ledger) -> Any:
    return ledger.model._default_manager.all()


def made(ledger: Ledger, clerk: Actor, **values: Any) -> Any:
    return make_record(ledger, clerk.organization, actor=keeper(ledger, clerk), **values)


def count_statements(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@LEDGERS
def test_the_list_takes_at_most_four_statements_with_one_and_three_rows(
    client: Client, clerk: Actor, ledger: Ledger
) -> None:
    login(client, keeper(ledger, clerk))
    counts = []
    for wanted in (1, 2):
        for _ in range(wanted):
            made(ledger, clerk)
        counts.append(count_statements(client, address("list", ledger)))
    assert rows(ledger).count() >= 3
    assert counts[0] == counts[1] <= 4, counts


@LEDGERS
def test_a_row_is_entered_through_the_form(client: Client, clerk: Actor, ledger: Ledger) -> None:
    actor = keeper(ledger, clerk)
    login(client, actor)
    assert client.get(address("create", ledger)).status_code == 200
    values = valid_values(ledger, clerk.organization, actor)
    data = posted(ledger, values)
    before = set(rows(ledger).values_list("pk", flat=True))
    response = client.post(address("create", ledger), data)
    if response.status_code == 422 and b'name="confirmed" value="' in response.content:
        data["confirmed"] = response.context["form"].data["confirmed"]
        response = client.post(address("create", ledger), data)
    assert response.status_code == 302, response.context["form"].errors
    record = rows(ledger).exclude(pk__in=before).get()
    for key, value in values.items():
        if ledger.by_key.get(key) and value is not None and ledger.by_key[key].kind is not ColumnKind.CHOICES:
            assert getattr(record, key) == value, key
    assert record.organization_id == clerk.organization.pk
    assert record.created_by_id == actor.user.pk and record.version == 1
    assert AuditEntry.objects.filter(kind=ledger.kind, object_id=str(record.pk)).count() == 1
    page = client.get(address("detail", ledger, record))
    assert page.status_code == 200
    assert cell(ledger.title_column, record) in page.content.decode()


@LEDGERS
def test_a_slip_keeps_everything_typed(client: Client, clerk: Actor, ledger: Ledger) -> None:
    actor = keeper(ledger, clerk)
    login(client, actor)
    data = posted(ledger, valid_values(ledger, clerk.organization, actor, word="留住"))
    missing = next(column for column in ledger.form_columns if column.required)
    data.pop(missing.key, None)
    response = client.post(address("create", ledger), data)
    assert response.status_code == 422
    assert missing.key in response.context["form"].errors
    assert not rows(ledger).filter(created_by=actor.user, note__contains="留住").exists()
    body = response.content.decode()
    for key, value in data.items():
        column = ledger.by_key.get(key)
        if column is not None and column.kind is ColumnKind.TEXT:
            assert f'value="{value}"' in body, key


@LEDGERS
def test_a_strangers_row_is_not_found(client: Client, clerk: Actor, ledger: Ledger) -> None:
    record = make_record(ledger, make_organization(Level.DISTRICT))
    login(client, clerk)
    for name in ("detail", "edit"):
        assert client.get(address(name, ledger, record)).status_code in {403, 404}
    assert client.post(address("remove", ledger, record)).status_code in {403, 404}
    record.refresh_from_db()
    assert record.removed_at is None


def changed_text(ledger: Ledger) -> str:
    """A text column to change."""
    return next(
        column.key
        for column in ledger.form_columns
        if column.kind in {ColumnKind.TEXT, ColumnKind.LONG_TEXT} and column.limit >= 20
    )


@LEDGERS
def test_the_second_of_two_windows_sees_both_texts(client: Client, clerk: Actor, ledger: Ledger) -> None:
    actor = keeper(ledger, clerk)
    login(client, actor)
    record = made(ledger, clerk)
    url = address("edit", ledger, record)
    form = client.get(url).context["form"]
    values = {column.key: getattr(record, column.key) for column in ledger.form_columns}
    data = posted(ledger, values) | {"version": form.initial["version"], "year": record.year_id}
    key = changed_text(ledger)
    first = client.post(url, data | {key: "甲窗口先写的"})
    if first.status_code == 422:  # a warning, confirmed
        data["confirmed"] = first.context["form"].data.get("confirmed", "")
        first = client.post(url, data | {key: "甲窗口先写的"})
    assert first.status_code == 302, first.context["form"].errors
    second = client.post(url, data | {key: "乙窗口后写的"})
    assert second.status_code == 409
    body = second.content.decode()
    assert "甲窗口先写的" in body and "乙窗口后写的" in body
    record.refresh_from_db()
    assert getattr(record, key) == "甲窗口先写的" and record.version == 2
    third = client.post(url, data | {key: "乙窗口后写的", "version": "2"})
    assert third.status_code == 302
    record.refresh_from_db()
    assert getattr(record, key) == "乙窗口后写的"
    assert "乙窗口后写的" in client.get(address("detail", ledger, record)).content.decode()


@LEDGERS
def test_removed_undone_and_restored(client: Client, clerk: Actor, ledger: Ledger) -> None:
    actor = keeper(ledger, clerk)
    login(client, actor)
    record = made(ledger, clerk)
    title = cell(ledger.title_column, record)
    response = client.post(address("remove", ledger, record))
    assert response.status_code == 303
    listed = client.get(address("list", ledger)).content.decode()
    assert "已删除 1" in listed and "撤销" in listed
    assert address("restore", ledger, record) in listed
    assert "撤销" not in client.get(address("list", ledger)).content.decode()
    assert client.get(address("detail", ledger, record)).status_code == 404
    bin_page = client.get(address("bin", ledger)).content.decode()
    assert title in bin_page and address("restore", ledger, record) in bin_page
    assert client.post(address("restore", ledger, record)).status_code == 303
    assert client.get(address("detail", ledger, record)).status_code == 200
    entries = AuditEntry.objects.filter(kind=ledger.kind, object_id=str(record.pk)).count()
    assert entries == 3


@LEDGERS
def test_after_thirty_days_nothing_is_restored(client: Client, clerk: Actor, ledger: Ledger) -> None:
    actor = keeper(ledger, clerk)
    login(client, actor)
    record = made(ledger, clerk)
    rows(ledger).filter(pk=record.pk).update(
        removed_at=clock.now() - timedelta(days=31), removed_by=actor.user
    )
    assert address("restore", ledger, record) not in client.get(address("bin", ledger)).content.decode()
    assert client.post(address("restore", ledger, record)).status_code == 422


@pytest.mark.parametrize(
    "ledger", [item for item in all_ledgers() if item.paper], ids=lambda ledger: ledger.slug
)
def test_the_paper_shows_record_and_signatures(client: Client, clerk: Actor, ledger: Ledger) -> None:
    login(client, keeper(ledger, clerk))
    record = made(ledger, clerk)
    response = client.get(address("paper", ledger, record))
    body = response.content.decode()
    assert response.status_code == 200 and ledger.paper is not None
    assert ledger.paper.title in body
    assert f"编号：{ledger.noun}〔{record.year_id}〕{record.pk}号" in body
    assert all(name in body for name in ledger.paper.signatures)
    assert clerk.organization is not None and clerk.organization.name in body
    assert body.count("<tr>") >= ledger.paper.blank_rows


@LEDGERS
def test_chosen_rows_are_removed_and_foreign_ones_left(client: Client, clerk: Actor, ledger: Ledger) -> None:
    actor = keeper(ledger, clerk)
    if actor.is_city:
        pytest.skip("the city office reaches every row")
    login(client, actor)
    mine, foreign = made(ledger, clerk), make_record(ledger, make_organization(Level.DISTRICT))
    client.post(address("bulk", ledger), {"pk": [mine.pk, foreign.pk, "x"]})
    mine.refresh_from_db()
    foreign.refresh_from_db()
    assert mine.removed_at is not None and foreign.removed_at is None


@pytest.mark.parametrize(
    "ledger", [item for item in all_ledgers() if item.inline], ids=lambda ledger: ledger.slug
)
def test_a_row_is_changed_in_the_list(client: Client, clerk: Actor, ledger: Ledger) -> None:
    login(client, keeper(ledger, clerk))
    record = made(ledger, clerk)
    url = address("inline", ledger, record)
    form = client.get(url, headers={"HX-Request": "true"})
    assert form.status_code == 200 and b"<form" in form.content
    data = {f"r{record.pk}-{key}": getattr(record, key) or "" for key in ledger.inline}
    key = next(key for key in ledger.inline if ledger.by_key[key].kind is ColumnKind.TEXT)
    data |= {f"r{record.pk}-{key}": "列表中改的", f"r{record.pk}-version": "1"}
    answer = client.post(url, data, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and answer.content.lstrip().startswith(b"<tr")
    record.refresh_from_db()
    assert getattr(record, key) == "列表中改的"
    assert client.post(url, data, headers={"HX-Request": "true"}).status_code == 409


@LEDGERS
def test_every_column_exists_and_the_form_draws(client: Client, clerk: Actor, ledger: Ledger) -> None:
    names = {field.name for field in ledger.model._meta.get_fields()}
    for column in ledger.columns:
        assert column.kind is ColumnKind.DERIVED or column.key in names, column.key
    for _, keys in ledger.groups:
        assert set(keys) <= set(ledger.by_key), keys
    assert issubclass(ledger.model, Record)
    assert set(ledger.natural_key) <= names
    assert set(ledger.inline) <= set(ledger.by_key)
    assert ledger.list_columns, "a list shows something"


@pytest.mark.parametrize(
    ("slug", "typed", "fields"),
    [
        (
            "trainings",
            {
                "other_attendance": "-5",
                "happened_on": "2026-05-08",
                "ends_on": "2026-05-01",
                "topics": ["OTHER"],
            },
            {"other_attendance", "ends_on", "other_topic"},
        ),
        (
            "mediations",
            {
                "people_count": "-5",
                "happened_on": "2026-05-08",
                "closed_on": "2026-05-01",
                "outcome": "OPEN",
            },
            {"people_count", "closed_on", "outcome"},
        ),
    ],
)
def test_errors_of_one_column_and_across_columns_are_said_at_once(
    client: Client, clerk: Actor, slug: str, typed: dict[str, Any], fields: set[str]
) -> None:
    ledger = find_ledger(slug)
    assert ledger is not None
    login(client, keeper(ledger, clerk))
    fine = posted(ledger, valid_values(ledger, clerk.organization, clerk))
    response = client.post(address("create", ledger), fine | typed)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == fields
    assert not rows(ledger).exists()


def test_the_service_says_errors_of_one_column_and_across_columns_at_once(clerk: Actor) -> None:
    ledger = find_ledger("trainings")
    assert ledger is not None
    day = shanghai_date(clock.now())
    wrong = {
        "other_attendance": -5,
        "happened_on": day,
        "ends_on": day - timedelta(days=2),
        "other_topic": "字" * 90,
    }
    values = valid_values(ledger, clerk.organization, clerk) | wrong
    draft = examine_record(actor=clerk, ledger=ledger, record=None, values=values, now=clock.now())
    errors = [slip.field for slip in draft.slips if not slip.warning]
    assert sorted(errors) == ["ends_on", "other_attendance", "other_topic"]
