"""NUL, `²` and thirty digits: refused at the door, read by one helper, and no second way to read a number."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from zaozhuang_portal.kernel.http import on_this_site
from zaozhuang_portal.kernel.parsing import whole_number

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("2026", 2026),
        ("9" * 18, 10**18 - 1),
        ("9" * 30, None),
        ("²", None),
        ("٣", None),
        ("-1", None),
    ]
    + [(text, None) for text in ("", " 1", "1 ", "1.0", "1e5", "十", "\x001", None)],
)
def test_whole_number(text: str | None, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/?next=%00", "/help/%00", "/accounts/login/?%00=1"])
def test_a_nul_in_the_address_is_refused_in_chinese(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 400 and "请求不完整" in response.content.decode()


@pytest.mark.django_db
def test_a_nul_in_a_cookie_never_reaches_the_session(client: Client) -> None:
    client.cookies["sessionid"] = "a\x00b"
    assert client.get("/help/").status_code == 400


@pytest.mark.django_db
def test_a_nul_in_a_form_is_refused_with_what_to_do(client: Client) -> None:
    response = client.post("/accounts/login/", {"login": "teng\x00zhou", "password": "x"})
    assert response.status_code == 400 and "控制字符" in response.content.decode()


def test_only_paths_of_this_site_lead_back(rf: object) -> None:
    request = rf.get("/")  # type: ignore[attr-defined]
    allowed = {"/": True, "/a?b=1": True, "http://testserver/x": True}
    refused = {
        "": False,
        "²": False,
        "a": False,
        "//evil.test": False,
        "http://evil.test/": False,
        "/\\evil": False,
    }
    assert {target: on_this_site(request, target) for target in allowed | refused} == allowed | refused


def _sources() -> Iterator[Path]:
    for app in ("cultivation", "evaluation", "reporting", "zaozhuang_portal"):
        yield from (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def test_numbers_of_a_request_are_read_by_one_helper() -> None:
    """A lint: `isdigit` (true of `²`) decides nothing outside the helper; no view makes an int of what was sent itself."""
    # None is followed by int(): a masked phone, whether a code holds a digit at all, the digits of a phone compared.
    known = ("kernel/parsing.py", "selectors/exports.py", "selectors/subjects.py", "rules/sameness.py")
    found = []
    for path in _sources():
        entry = "views" in path.parts or "forms" in path.parts
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            by_hand = isinstance(call.func, ast.Attribute) and call.func.attr in {"isdigit", "isnumeric"}
            if (by_hand and not str(path).endswith(known)) or (entry and _makes_a_number_of_a_request(call)):
                found.append(f"{path}:{call.lineno}")
    assert not found, "\n".join(found)


def _makes_a_number_of_a_request(call: ast.Call) -> bool:
    if not (isinstance(call.func, ast.Name) and call.func.id in {"int", "float", "Decimal"} and call.args):
        return False
    names = {
        inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
        for inner in ast.walk(call.args[0])
    }
    return bool(names & {"GET", "POST", "query", "data"})
