"""Doorways for Celery."""

from __future__ import annotations

from celery import shared_task

from evaluation.services.rectifications.reminding import remind_of_terms
from reporting.services.reminder_digests import send_digests_at_nine
from zaozhuang_portal.kernel import clock


@shared_task(name="reporting.send_reminders", ignore_result=True)
def send_reminders() -> int:
    """Asked every five minutes, acts once a workday: a server that was down at nine makes up for it."""
    now = clock.now()
    remind_of_terms(now=now)
    return send_digests_at_nine(now=now)
