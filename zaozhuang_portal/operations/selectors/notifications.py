"""A person's notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.shortcuts import get_object_or_404

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.keyset import KeysetPage, SortKey, fetch_page
from zaozhuang_portal.operations.models import Notification

PAGE_SIZE = 50


def list_notifications(
    actor: Actor, cursor: Mapping[str, str], *, unread_only: bool = False, size: int = PAGE_SIZE
) -> KeysetPage[Any]:
    """Newest first, in two statements."""
    notifications = Notification.objects.visible_to(actor)
    if unread_only:
        notifications = notifications.unread()
    return fetch_page(notifications, [SortKey("id", descending=True)], cursor=cursor, size=size)


def find_notification(actor: Actor, pk: int) -> Notification:
    return get_object_or_404(Notification.objects.visible_to(actor), pk=pk)
