"""§6: no link leads to a refusal. Every demo role follows what its pages offer, two levels deep; no internal code in sight."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from reporting.demo.accounts import DEMO_PASSWORD, DEMO_SIGN_INS
from zaozhuang_portal.accounts.models import User

# Addresses of one kind that are followed for one role: the same page of the fiftieth firm tells nothing new.
PER_PAGE = 2
# Rows of lists are the data a role sees: a list and its records must see the same.
ROWS_PER_PAGE = 8
ROWS = (
    "cultivation:ledger_detail",
    "cultivation:subject_detail",
    "cultivation:staff",
    "evaluation:review_detail",
)
DEPTH = 2
# Latin words a reader knows, or that name a file, a standard or a key. A word that is not here is a code of the inside.
KNOWN = frozenset(Path(__file__).with_name("latin_words.txt").read_text(encoding="utf-8").split())
TOKEN = re.compile(r"[A-Za-z0-9_@./:+-]+")
WORD = re.compile(r"[A-Za-z_]{2,}")


def codes_in(words: str, names: frozenset[str]) -> list[str]:
    """Latin words that are neither known nor a sign-in name; numbers, addresses and file names are no words."""
    return [
        token
        for token in TOKEN.findall(words)
        if WORD.fullmatch(token) and token not in KNOWN and token not in names
    ]


class Page(HTMLParser):
    """Links of a page, and its visible words."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "style", "svg", "datalist", "code", "textarea"}:
            self._silent += 1
        if tag == "a" and given.get("href") and "download" not in given:
            self.links.append(unescape(given["href"] or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "svg", "datalist", "code", "textarea"}:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.words.append(data.strip())


def kind_of(address: str) -> str:
    """The name of the page behind an address, with the slug of a ledger and the names of its query."""
    parts = urlsplit(address)
    match = resolve(parts.path)
    slug = match.kwargs.get("slug") or match.kwargs.get("kind") or ""
    asked = ",".join(sorted(re.findall(r"(?:^|&)([^=&]+)=", parts.query)))
    return f"{match.view_name}/{slug}?{asked}"


class Crawl:
    def __init__(self, client: Client, who: str) -> None:
        self.client, self.who = client, who
        self.refused: list[str] = []
        self.codes: Counter[str] = Counter()
        self.pages = 0
        self.names = frozenset(User.objects.values_list("username", flat=True))

    def run(self) -> None:
        seen: set[str] = set()
        kinds: Counter[str] = Counter()
        waiting = deque([("/", "", 0)])
        while waiting:
            address, source, depth = waiting.popleft()
            if address in seen:
                continue
            seen.add(address)
            try:
                kind = kind_of(address)
            except Resolver404:
                self.refused.append(f"{self.who}: {source} → {address}: no such page")
                continue
            kinds[kind] += 1
            most = ROWS_PER_PAGE if kind.startswith(ROWS) else PER_PAGE
            if kinds[kind] > most or "logout" in kind:
                continue
            page = self._open(address, source)
            if page is not None and depth < DEPTH:
                for link in page.links:
                    target = urldefrag(urljoin(address, link))[0]
                    if target.startswith("/"):
                        waiting.append((target, address, depth + 1))

    def _open(self, address: str, source: str) -> Page | None:
        self.pages += 1
        with transaction.atomic():
            response = self.client.get(address, follow=True)
            transaction.set_rollback(True)
        if response.status_code >= 400:
            self.refused.append(f"{self.who}: {source} → {address}: {response.status_code}")
            return None
        if response.streaming or "text/html" not in response.headers.get("Content-Type", ""):
            return None
        page = Page()
        page.feed(response.content.decode())
        for words in page.words:
            for word in codes_in(words, self.names):
                self.codes[f"{word} ({address.split('?')[0]}): {words[:60]}"] += 1
        return page


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        outer = transaction.atomic()
        outer.__enter__()
        try:
            call_command("seed_demo", stage="reported", enterprises=105, verbosity=0)
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.mark.sqlite_only  # a link leads where it leads whatever the database, and the crawl takes its minute
@pytest.mark.django_db
@pytest.mark.parametrize("entry", DEMO_SIGN_INS, ids=lambda entry: entry.username)
def test_no_link_leads_to_a_refusal_and_no_code_is_shown(entry: object, demo: None) -> None:
    client = Client()
    username = entry.username  # type: ignore[attr-defined]
    signed_in = client.post("/accounts/login/", {"login": username, "password": DEMO_PASSWORD})
    assert signed_in.status_code == 302, username
    crawl = Crawl(client, username)
    crawl.run()
    assert crawl.pages >= 8
    assert not crawl.refused, "\n".join(crawl.refused)
    assert not crawl.codes, "\n".join(f"{number} × {word}" for word, number in crawl.codes.most_common(60))
