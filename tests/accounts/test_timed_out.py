"""A form posted after the session timed out: nothing typed is lost (house rule; ux F13)."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from tests.factories import PASSWORD, login, make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AccountRequest, User
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.views import handle_500

pytestmark = pytest.mark.django_db
ADDRESS = "/people/users/new/?from=list"
TYPED = {
    "full_name": '王"丽"<b>',
    "username": "wang.li",
    "note": "第一行\r\n第二行",
    "role": ["LEADER", "INSTRUCTOR"],
    "password1": "Haitang-Lvshu-77",
    "blank": "",
}


@pytest.fixture
def office():
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def timed_out(office):
    """A client whose session is older than the idle limit."""
    client = login(Client(enforce_csrf_checks=True), office)
    client.get("/profile/")
    with time_machine.travel(clock.now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS + 1), tick=False):
        yield client


def send(client, data, address=ADDRESS, **headers):
    token = client.cookies["csrftoken"].value
    return client.post(address, {**data, "csrfmiddlewaretoken": token}, **headers)


def hidden_fields(page: str) -> list[tuple[str, str]]:
    form = re.search(r'<form method="post"[^>]* action="([^"]*)"(.*?)</form>', page.split("<h1>", 1)[1], re.S)
    assert html.unescape(form[1]) == ADDRESS
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[2], re.S)
    return [(name, html.unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def test_every_field_is_in_the_page_but_no_password(timed_out):
    response = send(timed_out, TYPED)
    page = response.content.decode()
    assert response.status_code == 401
    assert "登录已超时，您填写的内容没有丢失" in page
    assert hidden_fields(page) == [
        ("full_name", '王"丽"<b>'),
        ("username", "wang.li"),
        ("note", "第一行\n第二行"),  # every line break is LF (kernel.http)
        ("role", "LEADER"),
        ("role", "INSTRUCTOR"),
        ("blank", ""),
    ]
    assert "Haitang" not in page
    assert 'target="_blank"' in page
    assert "no-store" in response["Cache-Control"]
    assert '王"丽"<b>' not in page


def test_after_signing_in_the_kept_form_does_the_work(timed_out, office):
    typed = {
        "full_name": "王丽", "username": "wang.li", "phone": "13800000001",
        "role": "LEADER", "organization": str(office.organization.pk),
    }  # fmt: skip
    kept = dict(hidden_fields(send(timed_out, typed).content.decode()))
    assert not User.objects.filter(username="wang.li").exists()
    assert send(timed_out, kept).status_code == 401  # pressed again too early: still kept
    token = timed_out.cookies["csrftoken"].value
    sign_in = {"login": office.user.username, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert timed_out.post("/accounts/login/", sign_in).status_code == 302
    assert timed_out.cookies["csrftoken"].value != token
    assert send(timed_out, kept).status_code == 302
    assert AccountRequest.objects.get(username="wang.li").full_name == "王丽"


def test_files_are_asked_for_again_by_name(timed_out):
    paper = SimpleUploadedFile("名册.xlsx", b"content", content_type="application/octet-stream")
    page = send(timed_out, {"file": paper, "mode": "add"}).content.decode()
    assert "请重新选择文件：名册.xlsx" in page
    assert re.search(r'<input[^>]*type="file"[^>]*name="file"', page)
    assert 'enctype="multipart/form-data"' in page
    assert ("mode", "add") in hidden_fields(page)


def test_a_form_of_another_site_is_not_carried_on(timed_out):
    response = timed_out.post(ADDRESS, {"full_name": "王丽"})
    assert response.status_code == 403
    assert "王丽" not in response.content.decode()


def test_background_and_autosave_get_a_bare_401(timed_out):
    background = send(timed_out, TYPED, HTTP_X_BACKGROUND="1")
    assert (background.status_code, background["Content-Type"]) == (401, "text/plain; charset=utf-8")
    autosave = send(timed_out, TYPED, HTTP_X_AUTOSAVE="1")
    assert autosave.status_code == 401
    assert "登录已超时" in autosave.json()["errors"][0]["message"]


def test_a_get_still_goes_to_the_sign_in_page(timed_out):
    response = timed_out.get("/people/users/new/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=%2Fpeople%2Fusers%2Fnew%2F"


def test_the_page_while_the_database_is_away_asks_it_nothing(rf):
    """503 with the way on, also for somebody whose session cannot be read (PostgreSQL restarted)."""

    class Away(dict):
        def __contains__(self, key):
            raise OperationalError("connection is bad")

    request = rf.get("/subjects/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    request.session = Away()
    try:
        raise OperationalError("connection is bad")
    except OperationalError:
        response = handle_500(request)
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "系统正在恢复" in response.content.decode()
