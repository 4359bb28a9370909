"""A walk through a list of things to do: after an act on one of them the page offers the next one and the list."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

SESSION_KEY = "portal_walk"


@dataclass(frozen=True)
class Walk:
    """Where one is: `place` is the list's own word for the thing at hand, the labels are those of the links."""

    place: str
    next_url: str
    next_label: str
    back_url: str
    back_label: str


def begin_walk(request: HttpRequest, walk: Walk) -> None:
    """From now on every success message carries the two links, until the walk ends."""
    request.session[SESSION_KEY] = [
        walk.place,
        walk.next_url,
        walk.next_label,
        walk.back_url,
        walk.back_label,
    ]


def current_walk(request: HttpRequest) -> Walk | None:
    """The walk of this person. Reads the session only if the request has one already."""
    session = getattr(request, "session", None)
    if session is None or not request.COOKIES.get(settings.SESSION_COOKIE_NAME) or SESSION_KEY not in session:
        return None
    return Walk(*session[SESSION_KEY])


def end_walk(request: HttpRequest) -> None:
    """Writes the session only when there is a walk."""
    if SESSION_KEY in request.session:
        del request.session[SESSION_KEY]
