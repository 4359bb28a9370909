"""期限提醒 (ux E20): on workdays at nine, one digest per person over all apps, told at most once a day."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse

from cultivation.rules.reminders import dates_told_on, digest_body, digest_title, is_hour_of_digest
from cultivation.selectors.reminders import due_things
from cultivation.selectors.work_days import work_calendar
from zaozhuang_portal.kernel.clock import SHANGHAI, describe_deadline, shanghai_date, start_of_day
from zaozhuang_portal.operations.services.digests import Digest, tell_digests, was_told


def digests_of(day: date) -> dict[int, Digest]:
    """By user id, what everybody would be told on that day. Writes nothing; nobody on a day off."""
    dates = dates_told_on(day, work_calendar())
    if not dates:
        return {}
    noon = start_of_day(day)
    return {
        user: Digest(
            len(things),
            digest_title(len(things)),
            digest_body([f"{thing.what}：{describe_deadline(noon, thing.due)}" for thing in things]),
        )
        for user, things in due_things(day, dates).items()
    }


def send_digests(*, now: datetime) -> int:
    """Tell everybody who was not told today. Returns how many were. Safe to run twice and by two at once."""
    day = shanghai_date(now)
    return tell_digests(digests=digests_of(day), day=day, url=reverse("reporting:inbox"), now=now)


def send_digests_at_nine(*, now: datetime) -> int:
    """As send_digests(), from nine in the morning, and not again once somebody was told on this day."""
    if not is_hour_of_digest(now, SHANGHAI) or was_told(shanghai_date(now)):
        return 0
    return send_digests(now=now)
