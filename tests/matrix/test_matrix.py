"""Every URL × role × own / sibling / foreign × method (design §2; security.md 1–6, 12, 27)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.matrix.blind import INSPECTOR, OF_THE_CHECK, files_made, hide_canaries, kwargs, looks, opens, told
from tests.matrix.matrix import Entry, load_entries
from tests.matrix.parameters import Fuzz
from tests.matrix.world import RELATIONS, World
from zaozhuang_portal.accounts.enums import Role

# Without the database mark pytest-django makes no test database for the module-wide world.
pytestmark = [pytest.mark.matrix, pytest.mark.django_db]
ENTRIES = load_entries()
REFUSED = frozenset({400, 403, 404, 409, 422})
# Written by reading: the session's last-seen time, the lock-out counters, the looks of an inspector who judges blind.
INNOCENT_TABLES = ("django_session", "axes_", "evaluation_scorelook")


def resolver_names(patterns: list[Any] | None = None, namespace: str = "") -> Iterator[str]:
    """The names of all URL patterns, with namespaces; an unnamed one gives its route in angle brackets."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from resolver_names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}" if pattern.name else f"<{pattern.pattern}>"


def test_every_url_is_in_the_matrix():
    missing = sorted(set(resolver_names()) - set(ENTRIES))
    assert not missing, f"URLs without an entry in tests/matrix/: {missing}"


def test_every_entry_has_a_url():
    gone = sorted(set(ENTRIES) - set(resolver_names()))
    assert not gone, f"entries in tests/matrix/ whose URL is gone: {gone}"


@pytest.fixture(scope="module")
def built_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once in one transaction that is rolled back; each test and each request runs in a savepoint inside."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            world = World()
            for name in sorted(
                {name for entry in ENTRIES.values() for name in (entry.object, entry.shows) if name}
            ):
                world.build(name)
            world.sign_everybody_in()
            yield world
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture
def world(built_world: World) -> Iterator[World]:
    with transaction.atomic():
        yield built_world
        transaction.set_rollback(True)


def body_text(response: Any) -> str:
    """The words of a response, also out of xlsx, docx and zip bodies and redirect targets."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = unquote(response.headers.get("Location", "")) + unquote(
        response.headers.get("Content-Disposition", "")
    )
    return text + words_of(content)


def words_of(content: bytes) -> str:
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    return content.decode("utf-8", "ignore")


class Asked:
    """One request in a savepoint that is rolled back: status, words, and what it wrote."""

    def __init__(
        self, world: World, entry: Entry, role: str, relation: str, method: str, data: Any = None
    ) -> None:
        kwargs = dict(entry.kwargs)
        if entry.object:
            kwargs |= world.kwargs(entry.object, relation)
        url = reverse(entry.url, kwargs=kwargs) + entry.query
        client = world.client(role)
        self.what = f"{method} {url} as {role or 'anonymous'} ({relation})"
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            response = client.generic(method, url) if data is None else client.post(url, data)
            self.status, self.location = response.status_code, response.headers.get("Location", "")
            self.text = body_text(response)
            transaction.set_rollback(True)
        self.writes = [query["sql"] for query in captured if is_write(query["sql"])]


def is_write(sql: str) -> bool:
    head = sql.lstrip().upper()
    return head.startswith(("INSERT", "UPDATE", "DELETE")) and not any(
        table in sql for table in INNOCENT_TABLES
    )


def post_data(entry: Entry, world: World, relation: str) -> dict[str, Any]:
    data = entry.data(world, world.places[relation]) if callable(entry.data) else entry.data
    return dict(data or {})


def check_canaries(entry: Entry, world: World, role: str, asked: Asked, problems: list[str]) -> None:
    for relation, place in world.places.items():
        # The header of an enterprise contact always names the enterprise acted for.
        at_home = role == Role.SUBJECT_CONTACT and relation == "own"
        if not at_home and not entry.reaches(role, relation) and place.canary in asked.text:
            problems.append(f"{asked.what}: shows the canary {place.canary} of {relation}")


def check_role(
    entry: Entry, world: World, role: str, relation: str, method: str, problems: list[str]
) -> None:
    data = post_data(entry, world, relation) if method == "POST" else None
    asked = Asked(world, entry, role, relation, method, data)
    if entry.public or entry.reaches(role, relation):
        turned_away = asked.location.startswith("/accounts/login/") and not entry.may_lead_to_sign_in
        if asked.status not in entry.statuses(method) or turned_away:
            problems.append(f"{asked.what}: {asked.status} {asked.location}, but this role is allowed")
    else:
        expected = {404} if role in entry.allow else {403, 404} if entry.object else {403}
        if asked.status not in expected:
            problems.append(f"{asked.what}: {asked.status} {asked.location}, expected {sorted(expected)}")
    allowed_post = method == "POST" and (entry.public or entry.reaches(role, relation))
    if entry.logs_reading and entry.reaches(role, relation):
        asked.writes = [sql for sql in asked.writes if "accounts_auditentry" not in sql]
    if asked.writes and not allowed_post:
        problems.append(f"{asked.what}: wrote {asked.writes[0][:160]}")
    check_canaries(entry, world, role, asked, problems)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_who_may(name: str, world: World) -> None:
    entry = ENTRIES[name]
    problems: list[str] = []
    relations = RELATIONS if entry.object else ("own",)
    methods = [method for method in ("GET", "POST") if method in entry.methods]
    for role in Role.values:
        for relation in relations:
            for method in methods:
                check_role(entry, world, role, relation, method, problems)
    check_anonymous(entry, world, methods, problems)
    check_other_methods(entry, world, problems)
    check_foreign_data(entry, world, problems)
    if entry.shows or entry.shows_own:
        role = next(iter(entry.allow))
        asked = Asked(world, entry, role, "own", "GET")
        if world.own.canary not in asked.text:
            problems.append(f"{asked.what}: does not show its own row ({world.own.canary})")
    assert not problems, "\n".join(problems)


def check_anonymous(entry: Entry, world: World, methods: list[str], problems: list[str]) -> None:
    for method in methods:
        data = post_data(entry, world, "own") if method == "POST" else None
        asked = Asked(world, entry, "", "own", method, data)
        if entry.public:
            if asked.status not in entry.statuses(method):
                problems.append(f"{asked.what}: {asked.status}, but the page is public")
        elif method == "POST":
            # The page that keeps what was typed (accounts.timed_out).
            if asked.status != 401:
                problems.append(f"{asked.what}: {asked.status} {asked.location}, expected 401")
            # The page gives back what was posted, nothing else.
            for value in (data or {}).values():
                asked.text = asked.text.replace(str(value), "")
        elif not (asked.status == 302 and asked.location.startswith("/accounts/login/?next=")):
            problems.append(f"{asked.what}: {asked.status} {asked.location}, expected the sign-in page")
        if asked.writes and not (entry.public and method == "POST"):
            problems.append(f"{asked.what}: wrote {asked.writes[0][:160]}")
        check_canaries(entry, world, "", asked, problems)


def check_other_methods(entry: Entry, world: World, problems: list[str]) -> None:
    """A method the view does not declare is 405, for somebody who may use the page."""
    role = next(iter(entry.allow), "")
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        if method in entry.methods:
            continue
        asked = Asked(world, entry, role, "own", method)
        if asked.status != 405:
            problems.append(f"{asked.what}: {asked.status}, expected 405")
        if asked.writes:
            problems.append(f"{asked.what}: wrote {asked.writes[0][:160]}")


def check_foreign_data(entry: Entry, world: World, problems: list[str]) -> None:
    for role in entry.foreign_data_roles or [role for role, reach in entry.allow.items() if reach == "own"]:
        for name, value in entry.foreign_data.items():
            asked = Asked(
                world, entry, role, "own", "POST", {**post_data(entry, world, "own"), name: value(world)}
            )
            if asked.status not in REFUSED or asked.writes:
                problems.append(
                    f"{asked.what} with foreign {name}: {asked.status}, wrote {len(asked.writes)} rows"
                )


def test_an_inspector_judges_blind_on_every_page(world: World) -> None:
    """No page of a check tells a score, a statement or a reason of sampling before the verdict; any other page, export or
    paper that does is noted for the record of the check. A new URL is asked as soon as it has its entry above.
    """
    hide_canaries(world)
    problems, seen, noted = [], 0, 0
    for name, entry in sorted(ENTRIES.items()):
        for method in ("GET", "POST"):
            if not opens(entry, method):
                continue
            with transaction.atomic():
                before = looks(world)
                url = reverse(name, kwargs=kwargs(world, entry)) + entry.query
                data = post_data(entry, world, "own") if method == "POST" else {}
                client = world.client(INSPECTOR)
                response = client.post(url, data) if method == "POST" else client.get(url)
                texts = [body_text(response)]
                texts += [words_of(content) for _, content in files_made(world.actors[INSPECTOR].user.pk)]
                shown, look = told("".join(texts)), looks(world) > before
                transaction.set_rollback(True)
            seen += 1
            noted += look
            judged = (
                name == "evaluation:check_line_save"
            )  # its answer shows both values of the line just judged
            if shown and name.startswith(OF_THE_CHECK) and not judged:
                problems.append(f"{method} {url} shows {shown}")
            elif shown and not look and not judged:
                problems.append(f"{method} {url} shows {shown} and nobody notes it")
    assert not problems, "\n".join(problems)
    assert seen > 150 and noted >= 4, (seen, noted)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_no_parameter_makes_a_500(name: str, world: World) -> None:
    """NUL, `²`, thirty digits and their like in every parameter the page reads, in its address and in its form."""
    entry = ENTRIES[name]
    fuzz = Fuzz(entry, world)
    if "GET" in entry.methods:
        fuzz.every_value_of_get()
    if "POST" in entry.methods:
        fuzz.every_value_of_post(post_data(entry, world, "own"))
    assert not fuzz.problems, "\n".join(fuzz.problems)
