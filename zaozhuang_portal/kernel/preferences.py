"""长辈版 and list density: kept in a cookie, so that they work before sign-in; a saver may keep them in the profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

ELDER_COOKIE = "portal_elder"
DENSITY_COOKIE = "portal_density"
DENSITIES = {"compact": "紧凑", "normal": "标准", "roomy": "宽松"}
ONE_YEAR = 365 * 24 * 60 * 60

PreferenceSaver = Callable[[HttpRequest, str, str], None]
_savers: list[PreferenceSaver] = []


def register_preference_saver(saver: PreferenceSaver) -> None:
    """`saver(request, name, value)` is called after a change; name is "elder_mode" ("on", "off") or "density"."""
    if saver not in _savers:
        _savers.append(saver)


def elder_mode(request: HttpRequest) -> bool:
    """The cookie decides; without one the profile of the signed-in person."""
    cookie = request.COOKIES.get(ELDER_COOKIE)
    return cookie == "on" if cookie in {"on", "off"} else bool(_profile(request, "elder_mode", False))


def density(request: HttpRequest) -> str:
    value = request.COOKIES.get(DENSITY_COOKIE) or _profile(request, "density", "normal")
    return value if value in DENSITIES else "normal"


def set_preference(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """Write the cookie (one year, readable by the server only) and tell the savers."""
    cookie = ELDER_COOKIE if name == "elder_mode" else DENSITY_COOKIE
    response.set_cookie(
        cookie, value, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    for saver in _savers:
        saver(request, name, value)


def _profile(request: HttpRequest, name: str, default: Any) -> Any:
    """From request.actor only: request.user would cost a statement on pages that need none."""
    actor = getattr(request, "actor", None)
    return getattr(getattr(actor, "user", None), name, default)
