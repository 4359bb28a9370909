"""The same form sent twice is one record: the first sending holds the key, the second learns where it led."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from zaozhuang_portal.accounts.models import FormKey, User

KEPT = timedelta(days=1)


def claim_form_key(*, user: User, key: str, path: str, digest: str, now: datetime) -> tuple[FormKey, bool]:
    """(row, whether this sending is the first). Must run in the transaction of the act.

    A second sending at the same time waits here until the first has ended: on PostgreSQL at the unique constraint, on
    SQLite for the write lock. If the first was refused or rolled back, the second becomes the first.
    """
    try:
        with transaction.atomic():
            row = FormKey.objects.create(user=user, key=key, path=path, digest=digest, sent_at=now)
    except IntegrityError:
        return FormKey.objects.get(user=user, key=key), False
    return row, True


def settle_form_key(*, row: FormKey, target: str) -> None:
    """What the form asked for was done; `target` is where its answer led."""
    FormKey.objects.filter(pk=row.pk).update(target=target)


def release_form_key(*, row: FormKey) -> None:
    """Nothing was made: the form may be sent again with the same key."""
    row.delete()


def forget_form_keys(*, now: datetime) -> int:
    """Forms older than a day. Returns how many."""
    return FormKey.objects.filter(sent_at__lt=now - KEPT).delete()[0]
