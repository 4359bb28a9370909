"""Hostile values for every parameter a page reads: what it reads is listened to, not guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from tests.matrix.matrix import Entry
from tests.matrix.world import World

# A text no column holds, a digit that is no number, more digits than any column, another script's digits, below zero,
# a day that is none, half a surrogate, nothing at all, and a text of 5,000 characters.
VALUES = ("\x00", "²", "9" * 30, "٣", "-1", "2026-02-30", "\udcff", "", "长" * 5000)
# Those that went wrong one parameter at a time: an earlier refusal would hide a later int().
ALONE = ("²", "9" * 30)
MOST_ALONE = 24


@contextmanager
def listening() -> Iterator[set[str]]:
    """The names asked of request.GET and request.POST while this is open."""
    names: set[str] = set()
    former = {name: getattr(QueryDict, name) for name in ("__getitem__", "_getlist", "__contains__")}

    def listen(name: str) -> Any:
        def asked(self: QueryDict, key: Any, *rest: Any, **more: Any) -> Any:
            if isinstance(key, str):
                names.add(key)
            return former[name](self, key, *rest, **more)

        return asked

    for name in former:
        setattr(QueryDict, name, listen(name))
    try:
        yield names
    finally:
        for name in former:
            delattr(QueryDict, name)


def address_of(entry: Entry, world: World) -> str:
    kwargs = dict(entry.kwargs) | (world.kwargs(entry.object, "own") if entry.object else {})
    return reverse(entry.url, kwargs=kwargs)


class Fuzz:
    """Requests of one URL as the first role that may use it; `problems` are answers of 500 and exceptions."""

    def __init__(self, entry: Entry, world: World) -> None:
        role = next(iter(entry.allow), "")
        self.client, self.address = world.client(role), address_of(entry, world)
        self.query = entry.query
        self.problems: list[str] = []
        self.requests = 0

    def get(self, values: Mapping[str, str]) -> set[str]:
        query = self.query.lstrip("?") if not values else urlencode(values, errors="surrogatepass")
        return self._ask("GET", f"{self.address}?{query}", None, values)

    def post(self, data: Mapping[str, Any], values: Mapping[str, str]) -> set[str]:
        typed = {name: value.replace("\udcff", "\ufffd") for name, value in values.items()}
        return self._ask("POST", self.address + self.query, {**data, **typed}, values)

    def _ask(self, method: str, url: str, data: Any, values: Mapping[str, str]) -> set[str]:
        self.requests += 1
        told = {name: value if len(value) < 40 else f"{value[:8]}…" for name, value in values.items()}
        try:
            with listening() as names, transaction.atomic():
                response = self.client.get(url) if method == "GET" else self.client.post(url, data)
                transaction.set_rollback(True)
        except Exception as error:  # what a server would answer with 500
            self.problems.append(
                f"{method} {self.address} with {told}: {type(error).__name__}: {error}"[:400]
            )
            return set()
        # 503 is an answer in words: not ready, come back.
        if response.status_code >= 500 and response.status_code != 503:
            self.problems.append(f"{method} {self.address} with {told}: {response.status_code}")
        return names - {"csrfmiddlewaretoken"}

    def every_value_of_get(self) -> None:
        names = self.get({})
        for value in VALUES if names else ("\x00",):
            self.get(dict.fromkeys(names or {"q"}, value))
        for name in sorted(names)[:MOST_ALONE]:
            for value in ALONE:
                self.get({name: value})

    def every_value_of_post(self, data: Mapping[str, Any]) -> None:
        names = self.post(data, {})
        for value in VALUES if names else ("\x00",):
            self.post(data, dict.fromkeys(names or {"q"}, value))
        for name in sorted(names)[:MOST_ALONE]:
            for value in ALONE:
                self.post(data, {name: value})
