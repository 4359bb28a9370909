"""People whom an upper app brings in: cultivation registers the contacts of its subjects, so that a district can help them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User


@dataclass(frozen=True)
class PeopleScope:
    """`visible(actor)`: which users the actor manages through it (a Q over User), None for nobody.

    `reaches_beyond(actor, user)`: whether the user holds a capacity of this kind outside what the actor manages.
    `labels(user_ids, actor)`: user id → what to show in the list, by one statement, nothing the actor may not see.
    """

    name: str
    visible: Callable[[Actor], Q | None]
    reaches_beyond: Callable[[Actor, User], bool]
    labels: Callable[[Sequence[int], Actor], Mapping[int, list[str]]]


_scopes: dict[str, PeopleScope] = {}


def register_people_scope(scope: PeopleScope) -> None:
    """Called in AppConfig.ready() of the app that owns the capacity."""
    _scopes[scope.name] = scope


def people_scopes() -> list[PeopleScope]:
    return list(_scopes.values())


def scope_labels(user_ids: Sequence[int], actor: Actor) -> dict[int, list[str]]:
    """The labels of all scopes together; one statement per scope."""
    merged: dict[int, list[str]] = {}
    for scope in people_scopes():
        for user_id, labels in scope.labels(user_ids, actor).items():
            merged.setdefault(user_id, []).extend(labels)
    return merged
