"""通知: one line per person with a link, written in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job, Notification

_BODY_LENGTH = 2000


def notification(
    *, user_id: int, title: str, url: str, now: datetime, body: str, kind: str, object_id: int | str
) -> Notification:
    """One line, not saved yet; words that are too long end in 「…」, for the thing itself is behind the link."""
    return Notification(
        user_id=user_id,
        at=now,
        title=shortened(title, 160),
        body=shortened(body, _BODY_LENGTH),
        url=url,
        kind=kind,
        object_id=str(object_id),
    )


def notify(
    *,
    users: Iterable[User],
    title: str,
    url: str = "",
    now: datetime,
    body: str = "",
    kind: str = "",
    object_id: int | str = "",
) -> list[Notification]:
    """Tell each of `users` once. `url` is a path of this portal; `kind` is the model name of the glossary."""
    people = dict.fromkeys(user.pk for user in users)
    return Notification.objects.bulk_create(
        notification(user_id=pk, title=title, url=url, now=now, body=body, kind=kind, object_id=object_id)
        for pk in people
    )


def tell_by_notification(
    *, users: Iterable[User], title: str, url: str, now: datetime, body: str, object_id: int
) -> None:
    """What accounts has to tell (accounts.telling): what is done to somebody's account."""
    notify(users=users, title=title, url=url, now=now, body=body, kind="AccountRequest", object_id=object_id)


def notify_job_ended(*, job: Job, state: JobState, text: str, now: datetime) -> None:
    """The 知会 entry of ux L4."""
    notify(
        users=[job.requested_by],
        title=f"（{state.label}）{job.title}",
        body=text,
        url=reverse("operations:job", args=[job.uid]),
        now=now,
        kind="Job",
        object_id=job.pk,
    )


def mark_notifications_read(*, actor: Actor, now: datetime, notification: Notification | None = None) -> int:
    """One, or all of the person's unread ones. Returns how many changed."""
    unread = Notification.objects.visible_to(actor).unread()
    return (unread.filter(pk=notification.pk) if notification else unread).update(read_at=now)
