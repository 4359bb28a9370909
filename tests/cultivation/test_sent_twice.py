"""The same form sent twice is one record: F5, Back and save, a phone's second try, two tries at once."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cultivation.ledgers.base import Ledger, all_ledgers, find_ledger
from tests.cultivation.ledger_factories import posted, valid_values
from tests.cultivation.test_ledger_pages import address, keeper, rows
from tests.factories import login, make_actor, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import FormKey
from zaozhuang_portal.accounts.services.form_keys import forget_form_keys
from zaozhuang_portal.kernel.form_keys import FIELD

LEDGERS = pytest.mark.parametrize("ledger", all_ledgers(), ids=lambda ledger: ledger.slug)
_KEY = re.compile(rf'name="{FIELD}" value="([0-9a-f]{{32}})"')


@pytest.fixture
def clerk() -> Actor:
    make_year()
    return make_actor(Role.DISTRICT_OFFICE)


def trainings() -> Ledger:
    ledger = find_ledger("trainings")
    assert ledger is not None
    return ledger


def filled(ledger: Ledger, actor: Actor) -> dict[str, Any]:
    return posted(ledger, valid_values(ledger, actor.district or actor.organization, actor))


@pytest.mark.django_db
@LEDGERS
def test_a_record_sent_twice_is_one_and_the_second_answer_leads_to_it(
    client: Client, clerk: Actor, ledger: Ledger
) -> None:
    actor = keeper(ledger, clerk)
    login(client, actor)
    url = address("create", ledger)
    drawn = _KEY.findall(client.get(url).content.decode())
    assert len(drawn) == 1, "the form carries its key"
    data = filled(ledger, actor) | {FIELD: drawn[0]}
    first = client.post(url, data)
    if first.status_code == 422:  # a warning is confirmed under the same key
        data["confirmed"] = first.context["form"].data["confirmed"]
        assert _KEY.findall(first.content.decode()) == drawn
        first = client.post(url, data)
    assert first.status_code == 302
    second = client.post(url, data)
    assert second.status_code in (302, 303) and second.headers["Location"] == first.headers["Location"]
    assert rows(ledger).count() == 1
    assert "没有重复登记" in client.get(first.headers["Location"]).content.decode()


@pytest.mark.django_db
def test_save_and_add_leads_back_to_the_record_the_second_time(client: Client, clerk: Actor) -> None:
    login(client, clerk)
    ledger = trainings()
    url = address("create", ledger)
    data = filled(ledger, clerk) | {FIELD: uuid.uuid4().hex, "save_and_add": "1"}
    assert client.post(url, data).headers["Location"] == url
    again = client.post(url, data)
    assert again.headers["Location"] == address("detail", ledger, rows(ledger).get())


@pytest.mark.django_db
def test_what_was_refused_may_be_sent_again_under_its_key(client: Client, clerk: Actor) -> None:
    login(client, clerk)
    ledger = trainings()
    url = address("create", ledger)
    data = filled(ledger, clerk) | {FIELD: uuid.uuid4().hex}
    refused = client.post(url, data | {"title": ""})
    assert refused.status_code == 422 and not FormKey.objects.exists()
    assert client.post(url, data).status_code == 302 and rows(ledger).count() == 1


@pytest.mark.django_db
def test_a_changed_form_under_a_used_key_is_asked_about_with_everything_kept(
    client: Client, clerk: Actor
) -> None:
    login(client, clerk)
    ledger = trainings()
    url = address("create", ledger)
    data = filled(ledger, clerk) | {FIELD: uuid.uuid4().hex}
    first = client.post(url, data)
    changed = client.post(url, data | {"title": "另一次培训：劳动合同"})
    page = changed.content.decode()
    assert changed.status_code == 409 and rows(ledger).count() == 1
    assert "另一次培训：劳动合同" in page and first.headers["Location"] in page
    fields = dict(changed.context["fields"])
    kept = {
        name: value for name, value in (data | {"title": "另一次培训：劳动合同"}).items() if name != FIELD
    }
    assert set(fields) == set(kept)
    fresh = changed.context["fresh_key"]
    assert fresh != data[FIELD]
    assert client.post(url, kept | {FIELD: fresh}).status_code == 302 and rows(ledger).count() == 2


@pytest.mark.django_db
def test_a_key_is_of_one_person_and_of_one_day(client: Client, clerk: Actor) -> None:
    ledger = trainings()
    url = address("create", ledger)
    data = filled(ledger, clerk) | {FIELD: uuid.uuid4().hex}
    login(client, clerk)
    client.post(url, data)
    other = make_actor(Role.DISTRICT_MEMBER, clerk.organization)
    answer = login(Client(), other).post(url, data | {"confirmed": ""})
    assert answer.status_code in (302, 422), (
        "a stranger's key is not mine: at most the same record is asked about"
    )
    sent = FormKey.objects.get(user=clerk.user)
    assert forget_form_keys(now=sent.sent_at + timedelta(hours=23)) == 0
    assert forget_form_keys(now=sent.sent_at + timedelta(hours=25)) >= 1
    assert not FormKey.objects.filter(user=clerk.user).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x", "G" * 32, "0" * 31, "0" * 33])
def test_without_a_key_of_ours_the_page_works_as_ever(client: Client, clerk: Actor, key: str) -> None:
    login(client, clerk)
    ledger = trainings()
    answer = client.post(address("create", ledger), filled(ledger, clerk) | {FIELD: key})
    assert answer.status_code == 302 and not FormKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tries_at_once_make_one_record(clerk: Actor) -> None:
    """On PostgreSQL the second waits at the unique constraint, on SQLite for the write lock."""
    ledger = trainings()
    url = address("create", ledger)
    data = filled(ledger, clerk) | {FIELD: uuid.uuid4().hex}
    clients = [login(Client(), clerk) for _ in range(4)]
    gate, came = threading.Barrier(len(clients)), []

    def press(client: Client) -> None:
        try:
            gate.wait(30)
            came.append(client.post(url, data))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(ledger).count() == 1
    assert {answer.headers["Location"] for answer in came} == {address("detail", ledger, rows(ledger).get())}


@pytest.mark.django_db
def test_a_failed_act_frees_its_key(client: Client, clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    login(client, clerk)
    ledger = trainings()
    url = address("create", ledger)
    data = filled(ledger, clerk) | {FIELD: uuid.uuid4().hex}
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("cultivation.views.ledger_records.create_record", lambda **_: 1 / 0)
        assert client.post(url, data).status_code == 500
    assert not FormKey.objects.exists()
    assert client.post(url, data).status_code == 302


@pytest.mark.django_db
def test_the_claim_slip_is_not_issued_anew_by_a_reload(client: Client, clerk: Actor) -> None:
    from tests.factories import make_subject
    from zaozhuang_portal.accounts.models import OneTimeCode

    login(client, clerk)
    subject = make_subject(clerk.organization)
    url = reverse("cultivation:subject_contacts", args=[subject.pk])
    data = {FIELD: _KEY.findall(client.get(url).content.decode())[0]}
    assert client.post(url, data).status_code == 200
    assert client.post(url, data).status_code in (302, 303)
    assert OneTimeCode.objects.filter(purpose="claim").count() == 1
