"""Doorways for Celery."""

from __future__ import annotations

from celery import shared_task

from zaozhuang_portal.accounts.services.seals import seal_audit_entries
from zaozhuang_portal.kernel import clock


@shared_task(name="accounts.seal_audit")
def seal_audit() -> None:
    """Seal the audit entries written since the last run; running twice seals nothing twice."""
    seal_audit_entries(now=clock.now())
