"""撤销: a reversible act happens at once; the bar that takes it back stays until the next page (ux E16)."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest

from zaozhuang_portal.kernel.components import UndoOffer

SESSION_KEY = "portal_undo"


def offer_undo(request: HttpRequest, text: str, url: str, *, fields: Mapping[str, str] | None = None) -> None:
    """Show `text` with a 撤销 button on the next page; the button POSTs `fields` to `url`."""
    request.session[SESSION_KEY] = [text, url, sorted((fields or {}).items())]


def take_undo(request: HttpRequest) -> UndoOffer | None:
    """The offer of this person, once. Reads the session only if the request has one already."""
    session = getattr(request, "session", None)
    if session is None or not request.COOKIES.get(settings.SESSION_COOKIE_NAME) or SESSION_KEY not in session:
        return None
    text, url, fields = session.pop(SESSION_KEY)
    return UndoOffer(text, url, fields=tuple((name, value) for name, value in fields))
