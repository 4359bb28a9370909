"""request.actor: one statement, revocation at once, time-outs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from tests.factories import login, make_actor, make_membership, make_organization
from zaozhuang_portal.accounts.access import login_not_required, requires
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.urls import urlpatterns as portal_patterns

pytestmark = pytest.mark.django_db


def whoami(request):
    actor = request.actor
    text = f"{actor.user.username} {actor.role} {actor.district}" if actor else "-"
    return HttpResponse(text)


urlpatterns = [
    *portal_patterns,
    path("whoami/", whoami),
    path("open/", login_not_required(lambda request: whoami(request))),
    path("city/", requires(Role.CITY_OFFICE)(whoami)),
]


@pytest.fixture(autouse=True)
def _urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def actor():
    return make_actor(Role.DISTRICT_OFFICE)


def test_anonymous_goes_to_sign_in_and_back(client):
    response = client.get("/whoami/?a=1")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=%2Fwhoami%2F%3Fa%3D1"
    assert client.get("/open/").content == b"-"


def test_two_statements_per_request(client, actor, django_assert_num_queries):
    login(client, actor)
    client.get("/whoami/")
    with django_assert_num_queries(2):
        response = client.get("/whoami/")
    assert response.content.decode() == f"{actor.user.username} DISTRICT_OFFICE {actor.organization}"
    assert response["Cache-Control"] == "private, no-store"


def test_township_staff_know_their_district_without_another_statement(client, django_assert_num_queries):
    staff = make_actor(Role.TOWNSHIP_STAFF)
    login(client, staff)
    client.get("/whoami/")
    with django_assert_num_queries(2):
        text = client.get("/whoami/").content.decode()
    assert str(staff.organization.parent) in text


def test_role_not_allowed_is_403(client, actor):
    login(client, actor)
    assert client.get("/city/").status_code == 403
    assert login(Client(), make_actor(Role.CITY_OFFICE)).get("/city/").status_code == 200


def test_ended_membership_acts_on_the_next_request(client, actor):
    login(client, actor)
    assert client.get("/whoami/").status_code == 200
    yesterday = clock.shanghai_date(clock.now()) - timedelta(days=1)
    Membership.objects.filter(user=actor.user).update(valid_to=yesterday)
    response = client.get("/whoami/")
    assert response.status_code == 403
    assert "当前没有任职" in response.content.decode()


def test_ended_membership_falls_back_to_another_capacity(client, actor):
    city = make_organization(Level.CITY)
    make_membership(actor.user, Role.LEADER, city)
    login(client, actor)
    client.get("/whoami/")
    Membership.objects.filter(user=actor.user, role=Role.DISTRICT_OFFICE).update(valid_to=date(2023, 1, 2))
    refused = client.post("/whoami/")
    assert refused.status_code == 403
    assert "任职已经结束" in refused.content.decode()
    assert "LEADER" in client.get("/whoami/").content.decode()


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"password": "pbkdf2_sha256$1$x$y"}, {"session_generation": 1}]
)
def test_disabled_user_or_changed_password_ends_the_session(client, actor, change):
    login(client, actor)
    client.get("/whoami/")
    User.objects.filter(pk=actor.user.pk).update(**change)
    assert client.get("/whoami/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_the_capacity_of_somebody_else_is_not_accepted(client, actor):
    other = make_actor(Role.CITY_OFFICE)
    login(client, actor.user, capacity=other.capacity.key)
    assert f"{actor.user.username} DISTRICT_OFFICE" in client.get("/whoami/").content.decode()


def test_idle_and_absolute_time_out(client, actor):
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        login(client, actor)
        client.get("/whoami/")
        traveller.shift(settings.SESSION_IDLE_SECONDS - 1)
        assert client.get("/whoami/").status_code == 200
        traveller.shift(settings.SESSION_IDLE_SECONDS)
        assert client.get("/whoami/").status_code == 302
        login(client, actor)
        client.get("/whoami/")
        for _ in range(12 * 60 // 25 + 1):
            traveller.shift(25 * 60)
            response = client.get("/whoami/")
        assert response.status_code == 302


def test_background_requests_do_not_extend_the_idle_time_and_get_401(client, actor):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        login(client, actor)
        client.get("/whoami/")
        for _ in range(5):
            traveller.shift(5 * 60)
            assert client.get("/whoami/", headers={"X-Background": "1"}).status_code == 200
        traveller.shift(5 * 60)
        response = client.get("/whoami/", headers={"X-Background": "1"})
        assert response.status_code == 401


def test_htmx_is_told_to_go_to_sign_in(client):
    response = client.get(
        "/whoami/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/list/?p=2"}
    )
    assert response.status_code == 401
    assert response["HX-Redirect"].startswith("/accounts/login/?next=")


def test_first_password_must_be_changed_first(client, actor):
    User.objects.filter(pk=actor.user.pk).update(must_change_password=True)
    login(client, actor)
    assert client.get("/whoami/")["Location"] == "/accounts/password/change/?next=%2Fwhoami%2F"


def test_old_password_of_staff_must_be_changed(client, actor):
    User.objects.filter(pk=actor.user.pk).update(password_changed_at=clock.now() - timedelta(days=91))
    login(client, actor)
    assert "/accounts/password/change/" in client.get("/whoami/")["Location"]


@override_settings(REQUIRE_TOTP_ROLES=frozenset({"DISTRICT_OFFICE"}))
def test_second_factor_may_be_forced_by_role(client, actor):
    login(client, actor)
    assert "/accounts/2fa/totp/activate/" in client.get("/whoami/")["Location"]


@override_settings(TRUSTED_PROXIES=0)
def test_forwarded_address_is_not_believed_without_a_proxy(rf):
    from zaozhuang_portal.accounts.middleware import client_ip

    request = rf.get("/", headers={"X-Forwarded-For": "9.9.9.9"})
    assert client_ip(request) == "127.0.0.1"
    with override_settings(TRUSTED_PROXIES=1):
        request = rf.get("/", headers={"X-Forwarded-For": "9.9.9.9, 10.0.0.7"})
        assert client_ip(request) == "10.0.0.7"


def test_a_session_row_that_has_expired_signs_nobody_in(client, actor):
    login(client, actor)
    assert client.get("/whoami/").status_code == 200
    Session.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    assert client.get("/whoami/").status_code == 302
