"""Signing in: lock-out, same answers, next, second factor, SMS, unified identity, passwords."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import Client, RequestFactory, override_settings

from tests.factories import PASSWORD, login, make_actor, make_user
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, OneTimeCode, User
from zaozhuang_portal.accounts.rules.passwords import find_context_word
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
NEW = "Haitang-Lvshu-77"


@pytest.fixture
def actor():
    return make_actor(user=make_user("li.si", phone="13800000001", phone_confirmed_at=clock.now()))


def attempt(client, username="li.si", password="wrong", **data):
    return client.post("/accounts/login/", {"login": username, "password": password, **data})


def test_unknown_wrong_and_inactive_give_the_same_answer(client, actor):
    make_user("gone", is_active=False)

    def words(response):
        page = re.sub(r'(csrf\w*"[^>]*value="|nonce-?="?)[\w-]+', "", response.content.decode())
        return response.status_code, re.sub(r'value="(li.si|nobody|gone)"', "", page).split(
            '<form method="post"'
        )[1][:1500]

    answers = [words(attempt(Client(), name)) for name in ("li.si", "nobody", "gone")]
    assert answers[0] == answers[1] == answers[2]
    assert "用户名或密码不正确" in attempt(client).content.decode()


def test_five_failures_lock_account_and_address_for_15_minutes(actor):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        client = Client()
        for _ in range(5):
            response = attempt(client)
        assert response.status_code == 429
        assert "锁定 15 分钟" in response.content.decode()
        assert attempt(client, password=PASSWORD).status_code == 429
        elsewhere = Client(REMOTE_ADDR="10.9.9.9")
        assert attempt(elsewhere, password=PASSWORD).status_code == 302
        traveller.shift(timedelta(minutes=15, seconds=1))
        assert attempt(client, password=PASSWORD).status_code == 302


def test_security_administrator_sees_and_lifts_a_lockout(client, actor):
    for _ in range(5):
        attempt(Client())
    login(client, make_actor(Role.SECURITY_ADMIN))
    page = client.get("/security/lockouts/").content.decode()
    assert "li.si" in page
    lift = re.search(r"/security/lockouts/\d+/lift/", page)[0]
    client.post(lift)
    assert attempt(Client(), password=PASSWORD).status_code == 302
    assert AuditEntry.objects.filter(action="lift_lockout").exists()


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/x", "https://evil.example/", "http:evil.example", "https:/evil.example", "/\\evil.example",
        "\\\\evil.example", "///evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example",
        "https://testserver@evil.example/", "//testserver.evil.example", "％2F％2Fevil", " //evil.example",
        "／／evil.example",
    ],
)  # fmt: skip
def test_next_stays_on_this_host(client, actor, target):
    location = attempt(client, password=PASSWORD, next=target)["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil" not in location


def test_next_on_this_host_is_followed(client, actor):
    assert attempt(client, password=PASSWORD, next="/profile/?a=1")["Location"] == "/profile/?a=1"


def test_session_key_rotates_at_sign_in(client, actor):
    session = client.session
    session["planted"] = "x"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    attempt(client, password=PASSWORD)
    assert client.session.session_key != planted


def test_first_password_expires(client, actor):
    User.objects.update(must_change_password=True, password_expires_at=clock.now() - timedelta(seconds=1))
    response = client.post("/accounts/login/", {"login": "li.si", "password": PASSWORD}, follow=True)
    assert "初始密码已过期" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_forced_change_then_on_to_the_page_wanted(client, actor):
    User.objects.update(must_change_password=True)
    attempt(client, password=PASSWORD)
    duty = client.get("/profile/")["Location"]
    assert duty == "/accounts/password/change/?next=%2Fprofile%2F"
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW, "next": "/profile/"}
    assert client.post("/accounts/password/change/", form)["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200


def test_password_change_ends_other_sessions_and_refuses_former_passwords(client, actor):
    other = login(Client(), actor)
    login(client, actor)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", form).status_code == 302
    assert client.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302
    back = client.post(
        "/accounts/password/change/", {"oldpassword": NEW, "password1": PASSWORD, "password2": PASSWORD}
    )
    assert "最近 5 次用过" in back.content.decode()
    assert AuditEntry.objects.filter(action="change_password").count() == 1


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Ab1-short", "至少"),
        ("alllowercaseletters", "至少 3 类"),
        ("Zaozhuang2026!", "zaozhuang"),
        ("Z4ozhuang-2026", "zaozhuang"),
        ("枣庄人社Aa1!枣庄枣庄", "枣庄"),
        ("Li.si-2026-Aa!", "li.si"),
        ("Password1234!", "password"),
        ("Gonghui#202611", "gonghui"),
    ],
)
def test_weak_passwords(client, actor, password, words):
    login(client, actor)
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    page = client.post("/accounts/password/change/", form).content.decode()
    assert words in page
    actor.user.refresh_from_db()
    assert actor.user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "password", ["Haitang-Lvshu-77", "correct Horse battery 9", "Zaozhuang-de-Qingchen-Lushui"]
)
def test_good_passwords(password):
    assert find_context_word(password, ("li.si", "李四", "13800000001")) == ""


# --- second factor ---


def current_code(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def enroll(client):
    """Enrolling asks for the password once more."""
    asked = client.get("/accounts/2fa/totp/activate/")["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    return secret, client.post("/accounts/2fa/totp/activate/", {"code": current_code(secret)})


@pytest.mark.django_db(transaction=True)
def test_second_factor_enrolled_then_asked_at_sign_in(client, actor):
    other = login(Client(), actor)
    attempt(client, password=PASSWORD)
    secret, response = enroll(client)
    assert response.status_code == 302
    assert other.get("/profile/").status_code == 302
    assert client.get("/profile/").status_code == 200
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    actor.user.refresh_from_db()
    assert actor.user.has_second_factor
    fresh = Client()
    assert attempt(fresh, password=PASSWORD)["Location"].startswith("/accounts/2fa/authenticate/")
    assert fresh.get("/profile/").status_code == 302
    assert fresh.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code in {200, 422}
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=False):
        code = current_code(secret)
        assert fresh.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
        assert fresh.get("/profile/").status_code == 200
        replay = Client()
        attempt(replay, password=PASSWORD)
        assert replay.post("/accounts/2fa/authenticate/", {"code": code}).status_code in {200, 422}
        assert replay.get("/profile/").status_code == 302


def test_recovery_codes_are_not_stored_in_the_clear(client, actor):
    attempt(client, password=PASSWORD)
    enroll(client)
    page = client.get("/accounts/2fa/recovery-codes/")
    assert page.status_code == 200
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    assert not any(code in str(Authenticator.objects.values()) for code in codes)


# --- SMS ---


class Recorder:
    sent: list[tuple[str, str]] = []

    def send(self, *, phone, text):
        Recorder.sent.append((phone, text))


@pytest.fixture
def phone_messages():
    Recorder.sent = []
    with override_settings(SMS_BACKEND=f"{__name__}.Recorder"):
        yield Recorder.sent


def test_sms_sign_in(client, actor, phone_messages, monkeypatch):
    monkeypatch.setattr("zaozhuang_portal.accounts.sms.import_string", lambda name: Recorder)
    answer = client.post("/accounts/sms/", {"phone": "138 0000 0001", "next": "/profile/"})
    assert answer["Location"] == "/accounts/sms/code/"
    code = re.search(r"\d{6}", phone_messages[0][1])[0]
    assert (
        client.post("/accounts/sms/code/", {"code": "000000" if code != "000000" else "1"}).status_code == 422
    )
    assert client.post("/accounts/sms/code/", {"code": code})["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200


def test_sms_same_answer_for_an_unknown_number(client, actor, phone_messages, monkeypatch):
    monkeypatch.setattr("zaozhuang_portal.accounts.sms.import_string", lambda name: Recorder)
    known = client.post("/accounts/sms/", {"phone": "13800000001"})
    unknown = Client().post("/accounts/sms/", {"phone": "13900000009"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(phone_messages) == 1
    assert OneTimeCode.objects.filter(purpose="sms_sign_in").count() == 2


def test_sms_at_most_once_a_minute(actor, phone_messages, monkeypatch):
    monkeypatch.setattr("zaozhuang_portal.accounts.sms.import_string", lambda name: Recorder)
    for number in ("13800000001", "13900000009"):
        assert Client().post("/accounts/sms/", {"phone": number}).status_code == 302
        again = Client().post("/accounts/sms/", {"phone": number})
        assert again.status_code == 422
        assert "60 秒" in again.content.decode()


# --- unified identity ---

OIDC = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "unified", "name": "统一身份认证", "client_id": "portal", "secret": "s",
                "settings": {"server_url": "https://sso.invalid"},
            }
        ]
    }
}  # fmt: skip


@override_settings(SOCIALACCOUNT_PROVIDERS=OIDC, OIDC_SERVER_URL="https://sso.invalid")
def test_unified_sign_in_is_offered_when_configured(client):
    assert "统一身份认证" in client.get("/accounts/login/").content.decode()


def test_unified_sign_in_is_not_offered_otherwise(client):
    assert "统一身份认证登录" not in client.get("/accounts/login/").content.decode()


def unified(client, uid):
    """What the callback does after the provider has answered."""
    request = RequestFactory().get("/accounts/oidc/unified/login/callback/")
    request.session, request.user, request.allauth = client.session, AnonymousUser(), SimpleNamespace()
    request._messages = FallbackStorage(request)
    request.client_ip, request.request_id, request.actor = "127.0.0.1", "r", None
    account = SocialAccount(provider="unified", uid=uid, extra_data={"preferred_username": "li.si"})
    with context.request_context(request):
        return request, complete_social_login(request, SocialLogin(user=User(username=""), account=account))


@override_settings(SOCIALACCOUNT_PROVIDERS=OIDC)
def test_an_unbound_identity_signs_nobody_in_and_makes_no_user(client, actor):
    before = User.objects.count()
    request, response = unified(client, "unknown-uid")
    assert response["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in request.session
    assert User.objects.count() == before


@override_settings(SOCIALACCOUNT_PROVIDERS=OIDC)
def test_a_bound_identity_signs_its_user_in(client, actor):
    SocialAccount.objects.create(user=actor.user, provider="unified", uid="u1")
    request, response = unified(client, "u1")
    assert response.status_code == 302
    assert request.session["_auth_user_id"] == str(actor.user.pk)


@override_settings(SOCIALACCOUNT_PROVIDERS=OIDC, OIDC_SERVER_URL="https://sso.invalid")
def test_a_bound_identity_can_be_unbound(client, actor):
    account = SocialAccount.objects.create(user=actor.user, provider="unified", uid="u1")
    attempt(client, password=PASSWORD)
    assert "unified · u1" in client.get("/accounts/social/").content.decode()
    assert client.post("/accounts/social/", {"account": account.pk}).status_code == 302
    assert not SocialAccount.objects.exists()
    assert AuditEntry.objects.filter(action="unbind_identity").exists()
    assert "尚未绑定" in client.get("/accounts/social/").content.decode()


def test_sign_up_is_closed(client):
    page = client.get("/accounts/signup/")
    assert "form" not in re.findall(r"<form[^>]*signup", page.content.decode())
    assert not User.objects.exists()
    assert client.post("/accounts/signup/", {"username": "x"}).status_code == 405
