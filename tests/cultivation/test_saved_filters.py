"""Issue 3, ux E3: filters kept under a name, previewed, shared in one's unit, one of them the default."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import SavedFilter
from tests.cultivation.ledger_factories import make_record
from tests.cultivation.test_ledger_services import PUBLICITY
from tests.factories import login, make_actor, make_member_unit, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role

pytestmark = pytest.mark.django_db
LIST = "/ledgers/publicity/"
QUERY = "media_kind=NEW_MEDIA&year=2026"


@pytest.fixture
def clerk() -> Actor:
    make_year()
    return make_actor(Role.DISTRICT_OFFICE)


def save(client: Client, name: str, query: str = QUERY, page: str = "ledger:publicity", **data: str):
    url = f"{reverse('cultivation:saved_filter_create')}?list={page}&query={quote(query)}"
    return client.post(url, {"name": name, **data})


def change(client: Client, saved: SavedFilter, act: str):
    return client.post(reverse("cultivation:saved_filter_change", args=[saved.pk]), {"act": act})


def test_what_is_kept_is_shown_before_it_is_kept(client: Client, clerk: Actor) -> None:
    login(client, clerk)
    listed = client.get(f"{LIST}?{QUERY}&page=x&size=20").content.decode()
    assert "保存当前筛选" in listed
    url = f"{reverse('cultivation:saved_filter_create')}?list=ledger:publicity&query={quote(QUERY + '&size=20')}"
    preview = client.get(url).content.decode()
    assert "新媒体" in preview and "2026" in preview and not SavedFilter.objects.exists()
    response = client.post(url, {"name": "今年新媒体"})
    assert response.status_code == 302 and response.url == f"{LIST}?{QUERY}"
    saved = SavedFilter.objects.get()
    assert (saved.owner, saved.organization, saved.query) == (clerk.user, clerk.organization, QUERY)
    assert "今年新媒体" in client.get(LIST).content.decode()
    assert "保存当前筛选" not in client.get(LIST).content.decode()


@pytest.mark.parametrize(("name", "words"), [("", "请填写名称"), ("长" * 31, "最多 30 个字")])
def test_a_bad_name_is_refused_in_words(client: Client, clerk: Actor, name: str, words: str) -> None:
    login(client, clerk)
    response = save(client, name)
    assert response.status_code == 422 and words in response.content.decode()


def test_the_same_name_twice_is_refused(client: Client, clerk: Actor) -> None:
    login(client, clerk)
    save(client, "甲")
    response = save(client, "甲", "year=2025")
    assert response.status_code == 422 and "您已有名为“甲”的筛选" in response.content.decode()
    assert SavedFilter.objects.get().query == QUERY


def test_the_page_of_all_counts_what_each_shows(client: Client, clerk: Actor) -> None:
    make_record(PUBLICITY, clerk.organization, actor=clerk, media_kind="NEW_MEDIA")
    make_record(PUBLICITY, clerk.organization, actor=clerk, media_kind="MAINSTREAM")
    login(client, clerk)
    save(client, "新媒体", "media_kind=NEW_MEDIA")
    save(client, "全年", "year=2026")
    save(client, "去年", "year=2025")
    url = f"{reverse('cultivation:saved_filter_list')}?list=ledger:publicity"
    with CaptureQueriesContext(connection) as captured:
        rows = client.get(url).context["rows"]
    assert {row["saved"].name: row["count"] for row in rows} == {"新媒体": 1, "全年": 2, "去年": 0}
    assert len(captured) <= 4


def test_the_default_opens_the_list_and_all_shows_everything(client: Client, clerk: Actor) -> None:
    login(client, clerk)
    save(client, "一", is_default="on")
    save(client, "二", "year=2025", is_default="on")
    assert SavedFilter.objects.filter(is_default=True).get().name == "二"
    response = client.get(LIST)
    assert response.status_code == 302 and response.url == f"{LIST}?year=2025"
    assert client.get(f"{LIST}?all=1").status_code == 200
    assert client.get(f"{LIST}?year=2024").status_code == 200
    change(client, SavedFilter.objects.get(name="二"), "no_default")
    assert client.get(LIST).status_code == 200
    change(client, SavedFilter.objects.get(name="一"), "default")
    assert client.get(LIST).url == f"{LIST}?{QUERY}"


def test_colleagues_of_the_unit_use_what_is_shared_and_change_nothing(client: Client, clerk: Actor) -> None:
    district = clerk.organization
    login(client, clerk)
    save(client, "共享的", shared="on")
    save(client, "自己的", "year=2025")
    shared = SavedFilter.objects.get(name="共享的")
    colleague = make_actor(Role.DISTRICT_OFFICE, district)
    unit = make_actor(Role.DISTRICT_MEMBER, district, member_unit=make_member_unit(district))
    body = login(Client(), colleague).get(LIST).content.decode()
    assert "共享的" in body and "自己的" not in body
    assert "共享的" not in login(Client(), unit).get(LIST).content.decode()
    assert "共享的" not in login(Client(), make_actor(Role.DISTRICT_OFFICE)).get(LIST).content.decode()
    assert change(login(Client(), colleague), shared, "delete").status_code == 403
    assert change(login(Client(), unit), shared, "delete").status_code == 404
    assert SavedFilter.objects.filter(pk=shared.pk).exists()
    change(client, shared, "unshare")
    assert "共享的" not in login(Client(), colleague).get(LIST).content.decode()
    change(client, shared, "delete")
    assert not SavedFilter.objects.filter(pk=shared.pk).exists()


def test_the_register_keeps_filters_too(
    client: Client, clerk: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    login(client, clerk)
    listed = client.get("/subjects/?kind=ENTERPRISE&size_class=SMALL").content.decode()
    assert "保存当前筛选" in listed
    save(client, "小型企业", "kind=ENTERPRISE&size_class=SMALL", "subjects:ENTERPRISE")
    home = client.get(f"{reverse('cultivation:saved_filter_list')}?list=subjects:ENTERPRISE")
    assert "小型企业" in home.content.decode() and "小型" in home.content.decode()
    assert client.get("/subjects/").status_code == 200
    saved = SavedFilter.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        change(client, saved, "default")
    assert client.get("/subjects/").url == f"/subjects/?{saved.query}"
    assert client.get("/subjects/?kind=ENTERPRISE").status_code == 200


@pytest.mark.parametrize("page", ["ledger:nothing", "subjects:PLANET", "", "ledger:"])
def test_an_unknown_list_is_not_found(client: Client, clerk: Actor, page: str) -> None:
    login(client, clerk)
    assert save(client, "甲", page=page).status_code == 404
    assert client.get(f"{reverse('cultivation:saved_filter_list')}?list={page}").status_code == 404
