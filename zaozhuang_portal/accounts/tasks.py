"""Doorways for Celery."""

from __future__ import annotations

from celery import shared_task

from zaozhuang_portal.accounts.services.account_requests import expire_account_requests
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


@shared_task(name="accounts.expire_requests")
def expire_requests() -> None:
    """Close 账号审批 nobody decided in two weeks; running twice changes nothing the second time."""
    expire_account_requests(now=clock.now())
