"""Doorways for Celery."""

from __future__ import annotations

from celery import shared_task

from reporting.services.reminder_digests import send_digests_at_nine
from zaozhuang_portal.kernel import clock


@shared_task(name="reporting.send_reminders", ignore_result=True)
def send_reminders() -> int:
    """Asked every five minutes, acts once a workday: a server that was down at nine makes up for it."""
    return send_digests_at_nine(now=clock.now())
