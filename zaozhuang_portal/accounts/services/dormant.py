"""Accounts out of use: warned about on the user page, then disabled; their administrator enables them again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.rules.dormancy import DORMANT_DAYS
from zaozhuang_portal.accounts.selectors.dormant import accounts_to_disable, accounts_to_warn
from zaozhuang_portal.accounts.services.audit import record_audits
from zaozhuang_portal.kernel.clock import shanghai_date


@transaction.atomic
def disable_dormant_accounts(*, now: datetime) -> tuple[int, int]:
    """Mark whom the user page warns about, disable who was warned about long enough. Returns (warned, disabled).

    Running twice on one day changes nothing the second time. Every session of a disabled account ends.
    """
    today = shanghai_date(now)
    warned = accounts_to_warn(today).update(dormancy_warned_on=today)
    due = accounts_to_disable(today)
    User.objects.filter(pk__in=[user.pk for user in due]).update(
        is_active=False, session_generation=F("session_generation") + 1
    )
    record_audits(
        actor=None,
        at=now,
        action="disable_user",
        kind="User",
        items=[
            (user.pk, f"{user.full_name}（{user.username}）", {"is_active": [True, False]}) for user in due
        ],
        reason=f"{DORMANT_DAYS}天未登录，系统自动停用",
    )
    return warned, len(due)
