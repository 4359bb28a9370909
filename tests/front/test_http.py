"""Headers on every answer, error pages with a number to quote, switches, base forms and tags."""

from __future__ import annotations

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings

from tests.front import gallery
from zaozhuang_portal.kernel import navigation
from zaozhuang_portal.kernel.forms import LooseDateField, PortalForm
from zaozhuang_portal.kernel.http import GuardHeadersMiddleware, content_security_policy
from zaozhuang_portal.kernel.keyset import KeysetPage
from zaozhuang_portal.kernel.navigation import NavItem, nav_links
from zaozhuang_portal.kernel.views import handle_500

pytestmark = pytest.mark.usefixtures("gallery_settings")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "path", ["/", "/nowhere/", "/boom/", "/forbidden/", "/conflicting/", "/login-page/?as=nobody"]
)
def test_guard_headers_on_every_answer(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert (
        "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    )
    assert "unsafe" not in policy and "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-store"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-ID"])


def test_nonce_is_in_the_policy_only_when_used() -> None:
    def view(request):  # type: ignore[no-untyped-def]  # a template's use of the nonce
        from django.http import HttpResponse

        return HttpResponse(f'<script nonce="{request.csp_nonce}"></script>')

    response = GuardHeadersMiddleware(view)(RequestFactory().get("/"))
    nonce = re.search(r'nonce="([^"]+)"', response.content.decode()).group(1)  # type: ignore[union-attr]
    assert f"script-src 'self' 'nonce-{nonce}'" in response.headers["Content-Security-Policy"]
    assert "nonce" not in content_security_policy("")


@override_settings(OIDC_SERVER_URL="https://login.example.gov.cn/realms/zz")
def test_policy_lets_the_sign_in_form_go_to_the_unified_sign_in() -> None:
    assert "form-action 'self' https://login.example.gov.cn;" in content_security_policy("")


def test_foreign_request_id_is_believed_only_behind_a_proxy(client: Client) -> None:
    assert client.get("/", headers={"X-Request-ID": "abcdefgh12"}).headers["X-Request-ID"] != "abcdefgh12"
    with override_settings(TRUSTED_PROXIES=1):
        assert client.get("/", headers={"X-Request-ID": "abcdefgh12"}).headers["X-Request-ID"] == "abcdefgh12"
        assert client.get("/", headers={"X-Request-ID": "<script>"}).headers["X-Request-ID"] != "<script>"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere/", 404, "没有找到这个页面"),
        ("/boom/", 500, "系统出错"),
        ("/forbidden/", 403, "您当前的身份不能办理此事项"),
        ("/conflicting/", 409, "该名单刚刚被他人确认，请刷新页面。"),
    ],
)
@override_settings(PORTAL_PHONE="0632-1234567")
def test_error_pages_say_what_next_and_the_number(client: Client, path: str, status: int, words: str) -> None:
    response = client.get(path)
    text = response.content.decode()
    assert response.status_code == status and words in text
    assert response.headers["X-Request-ID"] in text and "帮助电话：0632-1234567" in text


@override_settings(PORTAL_PHONE="")
def test_without_a_telephone_nobody_is_told_to_call(client: Client) -> None:
    assert "帮助电话" not in client.get("/nowhere/").content.decode()


def test_errors_for_htmx_and_autosave(client: Client) -> None:
    fragment = client.get("/conflicting/", headers={"HX-Request": "true"})
    assert fragment.status_code == 409 and "<html" not in fragment.content.decode()
    answer = client.post("/conflicting/", headers={"X-Autosave": "1"})
    assert answer.status_code == 409 and answer.json()["errors"][0]["message"].startswith("该名单")


def test_too_large_a_form_is_413(client: Client) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        response = client.post("/enterprises/new/", {"name": "长" * 200})
        posted = client.post(
            "/enterprises/new/", "name=" + "x" * 500, content_type="application/x-www-form-urlencoded"
        )
    assert response.status_code in {413, 422} and posted.status_code == 413


def test_lost_csrf_says_what_to_do() -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/enterprises/new/", {"name": "x"})
    assert response.status_code == 403 and "安全校验已失效" in response.content.decode()


def test_database_away_is_503_and_never_raises() -> None:
    request = RequestFactory().get("/")
    try:
        raise OperationalError("gone")
    except OperationalError:
        response = handle_500(request)
    assert response.status_code == 503 and response.headers["Retry-After"] == "5"


def test_last_resort_when_templates_break() -> None:
    with override_settings(TEMPLATES=[]):
        response = handle_500(RequestFactory().get("/"))
    assert response.status_code == 500 and "系统出错" in response.content.decode()


@pytest.mark.parametrize("number", [400, 403, 404, 409, 413, 422, 429, 500, 503])
def test_each_error_page_renders_without_any_context(number: int) -> None:
    from django.template.loader import render_to_string

    assert "返回工作台" in render_to_string(f"errors/{number}.html")


def test_elder_switch_goes_back_but_never_out(client: Client) -> None:
    response = client.post("/ui/elder/", {"next": "/enterprises/", "elder": "on"})
    assert response.headers["Location"] == "/enterprises/" and response.cookies["portal_elder"].value == "on"
    assert client.post("/ui/elder/", {"next": "//evil.example/"}).headers["Location"] == "/"
    assert client.get("/ui/elder/").status_code == 405
    assert client.post("/ui/density/", {"density": "compact"}).cookies["portal_density"].value == "compact"
    assert client.post("/ui/density/", {"density": '"><script>'}).cookies["portal_density"].value == "normal"
    assert 'data-density="compact"' not in client.get("/").content.decode()


def test_menu_shows_what_the_role_may_open() -> None:
    links = nav_links("SUBJECT_CONTACT", "/assessment/section/x/")
    assert [link.item.key for link in links] == ["home", "todo", "assessment", "section"]
    assert [link.item.key for link in links if link.current] == ["section"]
    lost = nav_links("SUBJECT_CONTACT", "/", [NavItem("gone", "没有", "no:such", "list")])
    assert lost == []


def test_menu_entry_replaces_its_namesake() -> None:
    navigation.register_nav(NavItem("home", "首页", "home", "house-door"))
    assert [link.item.label for link in nav_links("X", "/") if link.item.key == "home"] == ["首页"]
    navigation.register_nav(gallery.NAV[0])


class SmallForm(PortalForm):
    name = gallery.forms.CharField(label="名称", max_length=5)
    kind = gallery.forms.ChoiceField(label="类型", choices=[("A", "甲")])
    day = LooseDateField(label="日期", required=False)


def test_base_form_speaks_plainly_and_never_cuts() -> None:
    form = SmallForm({"name": "", "day": "2026.13.1"})
    assert form.errors["name"] == ["请填写名称"] and form.errors["kind"] == ["请选择类型"]
    assert "2026.13.1" in form.errors["day"][0]
    assert 'maxlength="' not in str(form["name"]) and 'aria-required="true"' in str(form["name"])
    assert SmallForm({"name": "一二三四五六", "kind": "A"}).errors["name"] == [
        "最多 5 个字，现有 6 个字，请删减"
    ]
    assert SmallForm({"name": "甲", "kind": "A", "day": "２０２６年１１月５日"}).is_valid()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% quota_meter 3 4 label='企业' %}", ["3／4", "还差 1 家"]),
        ("{% quota_meter 4 4 %}", ["已达标"]),
        ("{% quota_meter 0 0 %}", ["不适用"]),
        ("{% light 'BEHIND' %}", ["滞后", "light-behind"]),
        ("{% light 'SOMETHING' %}", ["未填报"]),
        ("{% reconstruction_label 'RECONSTRUCTION' %}", ["重构稿，待官方文本核定"]),
        ("{% status_tag 'ok' evil %}", ["&lt;b&gt;"]),
        ("{% crumbs '一' '/' evil '' %}", ["&lt;b&gt;", 'aria-current="page"']),
        ("{% progress 320 1200 stage='正在校验' %}", ["正在校验 320／1200", 'value="26"']),
        ("{{ 2415919|filesize_zh }} {{ 980|filesize_zh }}", ["2.3 MB", "980 B"]),
        ("{{ mark|points }} {{ none|points }}", ["12.5", "—"]),
        ("{% empty_state '还没有' action_url='/' action_label='新增' %}", ['href="/"', "新增"]),
    ],
)
def test_tags(source: str, expected: list[str]) -> None:
    context = Context({"evil": "<b>", "mark": Decimal("12.50"), "none": None})
    text = Template("{% load portal_ui %}" + source).render(context)
    for words in expected:
        assert words in text


def test_official_standard_has_no_label() -> None:
    text = Template("{% load portal_ui %}{% reconstruction_label s %}").render(
        Context({"s": SimpleNamespace(status="OFFICIAL")})
    )
    assert text == ""


def test_pager_keeps_filters() -> None:
    page: KeysetPage[int] = KeysetPage(
        [1], 20, 10_000, True, previous="before.a", next="after.b", has_first=True, has_last=True
    )
    request = RequestFactory().get("/?district=%E6%BB%95&page=after.x")
    text = Template("{% load portal_ui %}{% pager page unit='家' %}").render(
        Context({"page": page, "request": request})
    )
    assert 'href="?district=%E6%BB%95&amp;page=after.b"' in text and 'href="?district=%E6%BB%95"' in text
    assert "共 10000 多 家" in text or "共 10000 多 家".replace(" 多", " 多") in text
