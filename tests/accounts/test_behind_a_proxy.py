"""One client shuts nobody else out: every limit is of account and address, and the address is the client's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import pytest
from allauth.account.adapter import get_adapter
from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.conf import settings as live_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client, RequestFactory, override_settings

from tests.factories import PASSWORD, login, make_actor, make_user
from tests.servers import GunicornServer, free_port
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.middleware import client_ip
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.accounts.services.sms_codes import request_sms_code
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
PROXY, OFFICE, ELSEWHERE = "172.18.0.2", "203.0.113.7", "198.51.100.9"


def through_proxy(address: str, *claimed: str) -> Client:
    """A client at `address`; what it claims about itself stands before what the proxy adds."""
    return Client(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=", ".join([*claimed, address]))


def attempt(client: Client, username: str, password: str) -> int:
    return client.post("/accounts/login/", {"login": username, "password": password}).status_code


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, OFFICE, PROXY),
        (1, OFFICE, OFFICE),
        (1, f"6.6.6.6, {OFFICE}", OFFICE),
        (2, f"6.6.6.6, {OFFICE}, 10.0.0.1", OFFICE),
        (2, OFFICE, PROXY),
        (1, "", PROXY),
        (1, "' OR 1=1", PROXY),
        (1, "unknown", PROXY),
        (1, f"{OFFICE}:54321", OFFICE),
        (1, "[2001:db8::7]:54321", "2001:db8::7"),
        (1, "2001:DB8:0::7", "2001:db8::7"),
        (1, f"::ffff:{OFFICE}", OFFICE),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_every_counter_takes_the_same_address(hops, forwarded, expected):
    request = RequestFactory().get("/", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=forwarded)
    with override_settings(TRUSTED_PROXIES=hops):
        assert client_ip(request) == expected
        assert get_adapter().get_client_ip(request) == expected
        assert get_client_ip_address(request) == expected


def test_without_an_address_people_still_come_in():
    make_user("li.si")
    assert attempt(Client(REMOTE_ADDR=""), "li.si", PASSWORD) == 302


@override_settings(TRUSTED_PROXIES=1)
def test_one_client_locks_nobody_else_out():
    """61 wrong passwords from one address, for one name and for many: every right password works from everywhere else."""
    for name in ("li.si", "wang.wu"):
        make_user(name)
    for number in range(61):
        attempt(through_proxy(OFFICE, f"6.6.6.{number}"), "li.si", "wrong")
        attempt(through_proxy(OFFICE, f"6.6.7.{number}"), f"nobody{number}", "wrong")
    assert attempt(through_proxy(OFFICE), "li.si", PASSWORD) == 429
    assert attempt(through_proxy(ELSEWHERE), "li.si", PASSWORD) == 302
    assert attempt(through_proxy(OFFICE), "wang.wu", PASSWORD) == 302
    addresses = set(AccessAttempt.objects.values_list("ip_address", flat=True))
    assert addresses | set(
        AuditEntry.objects.filter(action="sign_in_failed").values_list("ip", flat=True)
    ) == {OFFICE}


@override_settings(TRUSTED_PROXIES=1)
def test_claimed_addresses_do_not_lift_a_lock():
    make_user("li.si")
    for number in range(5):
        attempt(through_proxy(OFFICE, f"6.6.6.{number}"), "li.si", "wrong")
    assert attempt(through_proxy(OFFICE, "8.8.8.8"), "li.si", PASSWORD) == 429


@override_settings(TRUSTED_PROXIES=1)
def test_two_hundred_honest_firms_behind_one_address():
    """Each opens the page, slips once and then signs in, all within one minute."""
    for number in range(200):
        make_user(f"firm{number}")
    for number in range(200):
        firm = through_proxy(OFFICE)
        assert firm.get("/accounts/login/").status_code == 200
        assert attempt(firm, f"firm{number}", "a slip") == 200
        assert attempt(firm, f"firm{number}", PASSWORD) == 302


@override_settings(SMS_BACKEND="zaozhuang_portal.accounts.sms.ConsoleSmsBackend")
def test_two_hundred_firms_behind_one_address_get_their_sms_codes():
    """And whoever asks for somebody's number from elsewhere neither voids nor stops that person's code."""
    at = clock.now()
    for number in range(200):
        request_sms_code(phone=f"138{number:08d}", at=at, ip=OFFICE)
    request_sms_code(phone="13800000007", at=at, ip=ELSEWHERE)


def test_the_locked_page_says_until_when_and_how_to_get_in():
    make_user("li.si")
    client = Client()
    for _ in range(5):
        response = client.post("/accounts/login/", {"login": "li.si", "password": "wrong"})
    first = int(response["Retry-After"])
    assert 0 < first <= 15 * 60
    page = response.content.decode()
    for words in ("锁定 15 分钟", "之后可以重试", "安全管理员", "短信验证码登录", "申请重置"):
        assert words in page
    # Trying on does not put the end off: the time told holds.
    again = client.post("/accounts/login/", {"login": "li.si", "password": "wrong"})
    assert int(again["Retry-After"]) <= first
    words = client.post(
        "/accounts/login/", {"login": "li.si", "password": "x"}, headers={"Accept": "application/json"}
    ).json()["errors"][0]["message"]
    assert "之后再试" in words


def test_a_limit_of_allauth_answers_in_chinese_with_when_to_come_back(client):
    login(client, make_actor(Role.DISTRICT_OFFICE))
    form = {"oldpassword": "x", "password1": "y", "password2": "y"}
    for _ in range(6):
        response = client.post("/accounts/password/change/", form)
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "之后再试" in response.content.decode()
    answer = client.post("/accounts/password/change/", form, headers={"X-Autosave": "1"})
    assert answer.json()["errors"][0]["code"] == "too_many_requests"


def test_no_limit_counts_people_by_their_address():
    """allauth's limits by address (also its defaults for what is offered here) shut out a whole office."""
    from allauth.account import app_settings

    offered = ("login", "login_failed", "reauthenticate", "change_password", "second_factor", "signup")
    assert not any("/ip" in (app_settings.RATE_LIMITS.get(name) or "") for name in offered)
    assert live_settings.AXES_LOCKOUT_PARAMETERS == [["username", "ip_address"]]


# --- the same through a real proxy ---


class _Forwarding(BaseHTTPRequestHandler):
    """What deploy/nginx does with the headers: the client's own word about its address is overwritten."""

    protocol_version = "HTTP/1.1"
    upstream: str = ""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "x-forwarded-for"}
        headers["X-Forwarded-For"] = self.client_address[0]
        connection = HTTPConnection(self.upstream, timeout=30)
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        connection.close()

    do_GET = do_POST = _pass_on

    def log_message(self, *arguments: object) -> None:
        """Nothing on the console."""


@pytest.fixture
def proxied(live_environment: dict[str, str]) -> Iterator[int]:
    """The port of a proxy in front of the real gunicorn."""
    server = GunicornServer({**live_environment, "TRUSTED_PROXIES": "1", "SECURE_SSL_REDIRECT": "0"})
    proxy = None
    try:
        server.start()
        handler = type("Handler", (_Forwarding,), {"upstream": urlsplit(server.url).netloc})
        proxy = ThreadingHTTPServer(("0.0.0.0", free_port()), handler)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy.server_address[1]
    finally:
        if proxy is not None:
            proxy.shutdown()
            proxy.server_close()
        server.stop()


class Firm:
    """A browser at one of the loopback addresses."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address, self.cookie = port, address, ""

    def ask(self, method: str, body: str = "", **headers: str) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(self.address, 0))
        sent = {"Host": f"127.0.0.1:{self.port}", "Cookie": self.cookie, **headers}
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, "/accounts/login/", body or None, sent)
        response = connection.getresponse()
        response.read()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            if cookie.startswith("csrftoken="):
                self.cookie = cookie.split(";")[0]
        connection.close()
        return response

    def sign_in(self, username: str, password: str, claimed: str = "") -> int:
        if not self.cookie:
            self.ask("GET")
        form = {
            "login": username,
            "password": password,
            "csrfmiddlewaretoken": self.cookie.partition("=")[2],
        }
        return self.ask("POST", urlencode(form), **({"X-Forwarded-For": claimed} if claimed else {})).status


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_through_a_real_proxy_with_spoofed_headers(proxied):
    # The served portal knows the real hasher only.
    password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
    make_user("li.si", password=password)
    make_user("wang.wu", password=password)
    attacker = Firm(proxied, "127.0.0.2")
    answers = [attacker.sign_in("li.si", "wrong", claimed=f"9.9.9.{number}") for number in range(61)]
    assert answers[:4] == [200] * 4 and set(answers[5:]) == {429}
    assert attacker.sign_in("li.si", PASSWORD, claimed="127.0.0.3") == 429
    assert Firm(proxied, "127.0.0.3").sign_in("li.si", PASSWORD, claimed="127.0.0.2") == 302
    assert Firm(proxied, "127.0.0.2").sign_in("wang.wu", PASSWORD) == 302
    assert set(AuditEntry.objects.filter(action="sign_in_failed").values_list("ip", flat=True)) == {
        "127.0.0.2"
    }
