"""Doorways for Celery."""

from __future__ import annotations

from celery import shared_task

from zaozhuang_portal.accounts.services.dormant import disable_dormant_accounts
from zaozhuang_portal.accounts.services.seals import seal_audit_entries
from zaozhuang_portal.kernel import clock


@shared_task(name="accounts.seal_audit")
def seal_audit() -> None:
    """Seal the audit entries written since the last run; running twice seals nothing twice."""
    seal_audit_entries(now=clock.now())


@shared_task(name="accounts.disable_dormant")
def disable_dormant() -> None:
    """Warn about and disable office accounts nobody uses; running twice a day changes nothing the second time."""
    disable_dormant_accounts(now=clock.now())
