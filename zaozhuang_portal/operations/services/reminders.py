"""催办: at most once in 24 hours per thing, whoever asks; the row in the database decides between two at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.operations.models import Reminder
from zaozhuang_portal.operations.services.notifications import notify

PAUSE = timedelta(hours=24)


def _claim(*, actor: Actor, kind: str, object_id: str, label: str, now: datetime) -> bool:
    """Count one more reminder of the thing unless one is younger than PAUSE. Of two at once exactly one wins."""
    rows = Reminder.objects.filter(kind=kind, object_id=object_id)
    if rows.filter(last_at__lte=now - PAUSE).update(
        count=F("count") + 1, last_at=now, last_by=actor.user, label=shortened(label, 200)
    ):
        return True
    if rows.exists():
        return False
    try:
        with transaction.atomic():
            Reminder.objects.create(
                kind=kind, object_id=object_id, label=shortened(label, 200), last_at=now, last_by=actor.user
            )
    except IntegrityError:
        return False
    return True


@transaction.atomic
def remind(
    *,
    actor: Actor,
    kind: str,
    object_id: str,
    label: str,
    users: Iterable[User],
    url: str,
    body: str,
    now: datetime,
) -> bool:
    """Tell `users` that the thing waits for them. False, and nothing happens, within 24 hours of the last reminder.

    Who may remind of what, and whom it concerns, is the caller's to know.
    """
    if not _claim(actor=actor, kind=kind, object_id=object_id, label=label, now=now):
        return False
    told = notify(
        users=users, title=f"催办：{label}", body=body, url=url, now=now, kind=kind, object_id=object_id
    )
    record_audit(
        actor=actor,
        at=now,
        action="催办",
        kind=kind,
        object_id=object_id,
        label=label,
        changes={"told": [None, len(told)]},
    )
    return True
