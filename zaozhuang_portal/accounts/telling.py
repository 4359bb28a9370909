"""Telling people what happens to accounts. The inbox lives above (operations registers itself in AppConfig.ready())."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from zaozhuang_portal.accounts.models import User


class Teller(Protocol):
    def __call__(
        self, *, users: Iterable[User], title: str, url: str, now: datetime, body: str, object_id: int
    ) -> object: ...


_tellers: list[Teller] = []


def register_teller(teller: Teller) -> None:
    if teller not in _tellers:
        _tellers.append(teller)


def tell(
    *, users: Iterable[User], title: str, at: datetime, url: str = "", body: str = "", object_id: int = 0
) -> None:
    """Give each of `users` one line, in the transaction of the act."""
    people = list(users)
    for teller in _tellers:
        teller(users=people, title=title, url=url, now=at, body=body, object_id=object_id)
