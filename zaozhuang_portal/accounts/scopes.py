"""People whom an upper app brings in: cultivation registers the contacts of its subjects, so that a district can help them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User


@dataclass(frozen=True)
class PeopleScope:
    """`visible(actor)`: which users the actor manages through it (a Q over User), None for nobody.

    `reaches_beyond(actor, user)`: whether the user holds a capacity of this kind outside what the actor manages.
    """

    name: str
    visible: Callable[[Actor], Q | None]
    reaches_beyond: Callable[[Actor, User], bool]


_scopes: dict[str, PeopleScope] = {}


def register_people_scope(scope: PeopleScope) -> None:
    """Called in AppConfig.ready() of the app that owns the capacity."""
    _scopes[scope.name] = scope


def people_scopes() -> list[PeopleScope]:
    return list(_scopes.values())
