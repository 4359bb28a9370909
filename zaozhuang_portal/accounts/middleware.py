"""Who is asking: request.actor, by one statement; idle and absolute time-outs; what must be done before anything else."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from zaozhuang_portal.accounts.actors import Actor, Capacity, find_capacity, list_capacities
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.timed_out import keep_posted_form
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.http import error_response

CAPACITY_KEY = "capacity"
STARTED_KEY = "started"
SEEN_KEY = "seen"
# The session row is refreshed at most this often, in seconds.
SEEN_INTERVAL = 60
SIGN_IN_AGAIN = "登录已超时，请在新窗口重新登录后继续。"
OTHER_ACTOR = (
    "当前登录的是另一个人或另一身份，没有保存。内容已留在本机，请用原来的身份登录，登录后会自动保存。"
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,40}")


def client_ip(request: HttpRequest) -> str | None:
    """The caller's address, for audit, lock-outs and limits alike. None when there is none (a Unix socket).

    X-Forwarded-For is believed only for as many hops as there are trusted proxies, and only where an address stands.
    """
    hops = settings.TRUSTED_PROXIES
    if hops:
        forwarded = [
            part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
        ]
        if len(forwarded) >= hops and (address := _address(forwarded[-hops])):
            return address
    return _address(str(request.META.get("REMOTE_ADDR") or ""))


def _address(text: str) -> str | None:
    """An IP address in one spelling; without the port and the zone that some proxies add."""
    bare = text.split("%")[0]
    if bracketed := re.match(r"\[([^\]]*)\]", bare):
        bare = bracketed[1]
    elif bare.count(":") == 1:
        bare = bare.split(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def client_username(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The username a sign-in is tried with, in one spelling, so that variants share one lock-out count."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    return str(typed).strip().lower()[:150]


def _request_id(request: HttpRequest) -> str:
    given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class ActorMiddleware:
    """Sets request.actor (Actor or None), request.request_id and request.client_ip.

    Membership, user, organization and its parent come by the capacity key of the session in ONE statement, so a
    membership that ended, a disabled user or a changed password act on the next request. Views need a signed-in
    user with a capacity unless marked `login_not_required` or `capacity_not_required`. `X-Actor` names the capacity of
    the page a save comes from: what one person typed is never stored by another who signed in after.
    Requests with the header `X-Background: 1` (autosave, polling) do not extend the idle time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor = None
        request.request_id = getattr(request, "request_id", None) or _request_id(request)
        request.client_ip = client_ip(request)
        request.capacity_lapsed = False
        if SESSION_KEY in request.session:
            self._identify(request)
        response = self.get_response(request)
        if SESSION_KEY in request.session or request.actor is not None:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def _identify(self, request: Any) -> None:
        session = request.session
        if self._timed_out(request):
            session.flush()
            return
        user, capacity = self._load(request)
        if user is None:
            session.flush()
            return
        request._cached_user = request.user = user
        if capacity is not None:
            request.actor = Actor(user, capacity, ip=request.client_ip, request_id=request.request_id)

    def _timed_out(self, request: Any) -> bool:
        """Whether the idle or the absolute limit has passed; otherwise notes that the user is there."""
        session, now = request.session, int(clock.now().timestamp())
        started, seen = session.get(STARTED_KEY), session.get(SEEN_KEY)
        if started is None or seen is None:
            session[STARTED_KEY] = session[SEEN_KEY] = now
            return False
        if now - seen >= settings.SESSION_IDLE_SECONDS or now - started >= settings.SESSION_COOKIE_AGE:
            return True
        if now - seen >= SEEN_INTERVAL and not is_background(request):
            session[SEEN_KEY] = now
        return False

    def _load(self, request: Any) -> tuple[User | None, Capacity | None]:
        session = request.session
        found = find_capacity(session.get(CAPACITY_KEY, ""))
        if found is not None and str(found[0].pk) == session[SESSION_KEY]:
            user, capacity = found
            return (user, capacity) if self._session_holds(session, user) else (None, None)
        if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
            return None, None
        known = User.objects.filter(pk=session[SESSION_KEY]).first()
        if known is None or not self._session_holds(session, known):
            return None, None
        # What was typed in one capacity is not sent off in another: the page says so and the person chooses.
        request.capacity_lapsed = bool(session.pop(CAPACITY_KEY, None))
        capacities = list_capacities(known)
        if not capacities:
            return known, None
        session[CAPACITY_KEY] = capacities[0].key
        return known, capacities[0]

    def _session_holds(self, session: Any, user: User) -> bool:
        """Active user, and the session was opened with the present password and session generation."""
        if not user.is_active:
            return False
        kept = session.get(HASH_SESSION_KEY, "")
        if constant_time_compare(kept, user.get_session_auth_hash()):
            return True
        return any(
            constant_time_compare(kept, fallback) for fallback in user.get_session_auth_fallback_hash()
        )

    def process_view(
        self, request: Any, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return sign_in_redirect(request)
        if not getattr(view, "capacity_required", True):
            return None
        if request.actor is None:
            return render(request, "accounts/no_capacity.html", status=403)
        if request.headers.get("X-Actor", request.actor.capacity.key) != request.actor.capacity.key:
            return error_response(request, 403, message=OTHER_ACTOR, code="other_actor")
        if request.capacity_lapsed and request.method not in {"GET", "HEAD", "OPTIONS"}:
            message = "您刚才使用的任职已经结束，本次操作没有办理。请确认当前身份后重新操作。"
            return error_response(request, 403, message=message)
        if duty := pending_duty(request.actor):
            return HttpResponseRedirect(f"{reverse(duty)}?{urlencode({'next': request.get_full_path()})}")
        return None


def is_background(request: HttpRequest) -> bool:
    return request.headers.get("X-Background") == "1"


def sign_in_redirect(request: Any) -> HttpResponse:
    """To the sign-in page and back. What was typed stays: a background request or an autosave gets a bare 401, a posted
    form a page that holds its fields.
    """
    if is_background(request):
        return HttpResponse(SIGN_IN_AGAIN, status=401, content_type="text/plain; charset=utf-8")
    if request.headers.get("X-Autosave"):
        return error_response(request, 401, message=SIGN_IN_AGAIN)
    target = request.headers.get("HX-Current-URL") if request.headers.get("HX-Request") else None
    path = request.get_full_path() if target is None else target
    url = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': path})}"
    if target is not None:
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    if request.method == "POST":
        return keep_posted_form(request)
    return HttpResponseRedirect(url)


def pending_duty(actor: Actor) -> str | None:
    """URL name of the page the user must finish first: a password of one's own, then the second factor."""
    user = actor.user
    if user.must_change_password or _password_too_old(actor):
        return "account_change_password"
    if actor.role in settings.REQUIRE_TOTP_ROLES and not user.has_second_factor:
        return "mfa_activate_totp"
    return None


def _password_too_old(actor: Actor) -> bool:
    days = settings.PASSWORD_MAX_AGE_DAYS
    changed = actor.user.password_changed_at
    if not days or changed is None or actor.role == Role.SUBJECT_CONTACT:
        return False
    return (clock.now() - changed).days >= days
