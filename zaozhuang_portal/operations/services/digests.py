"""期限提醒: at most one notification per person and day; the row in the database decides between two runs at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.operations.models import Notification, ReminderDigest
from zaozhuang_portal.operations.services.notifications import notification

KIND = "ReminderDigest"
_BATCH = 500


@dataclass(frozen=True)
class Digest:
    """What one person is told: `things` how many lines the day holds for her."""

    things: int
    title: str
    body: str


@transaction.atomic
def tell_digests(*, digests: Mapping[int, Digest], day: date, url: str, now: datetime) -> int:
    """Tell each user (by id) who was not told on that day and may still sign in. Returns how many were told.

    Statements: constant but for batches of 500.
    """
    if not digests:
        return 0
    active = User.objects.filter(pk__in=list(digests), is_active=True).values_list("pk", flat=True)
    run = uuid.uuid4()
    ReminderDigest.objects.bulk_create(
        (ReminderDigest(user_id=pk, day=day, things=digests[pk].things, run=run) for pk in active),
        ignore_conflicts=True,
        batch_size=_BATCH,
    )
    mine = list(
        ReminderDigest.objects.filter(day=day, run=run).order_by("user_id").values_list("user_id", flat=True)
    )
    if not mine:
        return 0
    Notification.objects.bulk_create(
        (
            notification(
                user_id=pk,
                title=digests[pk].title,
                body=digests[pk].body,
                url=url,
                now=now,
                kind=KIND,
                object_id=day.isoformat(),
            )
            for pk in mine
        ),
        batch_size=_BATCH,
    )
    record_audit(
        actor=None,
        at=now,
        action="发送期限提醒",
        kind=KIND,
        object_id=day.isoformat(),
        label=f"{day} 期限提醒",
        changes={"told": [None, len(mine)]},
    )
    return len(mine)


def was_told(day: date) -> bool:
    """Whether a run of that day has told anybody."""
    return ReminderDigest.objects.filter(day=day).exists()
