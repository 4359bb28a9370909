"""Guards of the views. Signing in is required by default (ActorMiddleware); roles are named here.

A role that may never use a page gets 403; a row of somebody else is 404, because views start from `visible_to(actor)`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator

from zaozhuang_portal.accounts.actors import Actor

__all__ = ["actor_of", "capacity_not_required", "login_not_required", "requires"]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a guarded view; PermissionDenied where there is none."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise PermissionDenied
    return actor


def requires(*roles: str) -> Callable[[Decorated], Decorated]:
    """Only these roles may use the view (function or class); the others get the 403 page.

    Without roles: anyone who acts in some capacity.
    """
    permitted = frozenset(roles)

    def guard(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            if permitted and actor.role not in permitted:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    def decorate(view: Decorated) -> Decorated:
        if isinstance(view, type):
            return method_decorator(guard, name="dispatch")(view)
        return guard(view)  # type: ignore[return-value]  # functools.wraps keeps the signature

    return decorate


def capacity_not_required(view: Decorated) -> Decorated:
    """The view serves a signed-in user who holds no capacity (sign-out, own password)."""
    view.capacity_required = False  # type: ignore[attr-defined]  # read back by ActorMiddleware.process_view
    return view
