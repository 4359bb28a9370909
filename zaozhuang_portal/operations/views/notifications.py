"""通知, and the numbers in the header."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from zaozhuang_portal.accounts.access import actor_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.http import htmx_redirect
from zaozhuang_portal.operations.selectors.jobs import count_badges
from zaozhuang_portal.operations.selectors.notifications import find_notification, list_notifications
from zaozhuang_portal.operations.services.notifications import mark_notifications_read


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    unread_only = request.GET.get("unread") == "1"
    page = list_notifications(actor_of(request), request.GET.dict(), unread_only=unread_only)
    return render(request, "operations/notifications.html", {"page": page, "unread_only": unread_only})


@require_POST
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it read and go where it points."""
    notification = find_notification(actor_of(request), pk)
    mark_notifications_read(actor=actor_of(request), notification=notification, now=clock.now())
    return htmx_redirect(request, notification.url or reverse("operations:notifications"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    mark_notifications_read(actor=actor_of(request), now=clock.now())
    return htmx_redirect(request, reverse("operations:notifications"))


@require_safe
def badges(request: HttpRequest) -> HttpResponse:
    """Loaded by htmx after the page, so that no page waits for it."""
    return render(request, "operations/_badges.html", {"badges": count_badges(actor_of(request))})
