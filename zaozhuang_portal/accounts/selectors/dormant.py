"""Accounts of offices nobody uses. Enterprise contacts are left out: they come once a year, for the self-assessment."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.accounts.rules.dormancy import disabled_from, dormant_since, warned_since
from zaozhuang_portal.kernel.clock import SHANGHAI, shanghai_date

# Without one of each nobody could enable an account again.
KEEPERS_OF_KEYS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)


def _unused_since(day: date, today: date) -> QuerySet[User]:
    """Active office accounts neither used, enabled nor opened after `day`."""
    opened_before = datetime.combine(day + timedelta(days=1), time(), tzinfo=SHANGHAI)
    return User.objects.filter(
        Q(last_seen_on__isnull=True) | Q(last_seen_on__lte=day),
        Q(enabled_on__isnull=True) | Q(enabled_on__lte=day),
        is_active=True,
        date_joined__lt=opened_before,
        pk__in=Membership.objects.in_force(today).values("user_id"),
    )


def accounts_to_warn(today: date) -> QuerySet[User]:
    """Unused for 76 days and not warned about yet."""
    return _unused_since(warned_since(today), today).filter(dormancy_warned_on__isnull=True)


def accounts_to_disable(today: date) -> list[User]:
    """Unused for 90 days and warned about for 14; of each administrator role one active account is kept."""
    due = [
        user
        for user in _unused_since(dormant_since(today), today)
        .filter(dormancy_warned_on__isnull=False)
        .order_by("pk")
        if (day := disabled_on(user)) is not None and day <= today
    ]
    kept: set[int] = set()
    for role in KEEPERS_OF_KEYS:
        holders = set(
            Membership.objects.in_force(today)
            .filter(role=role, user__is_active=True)
            .values_list("user_id", flat=True)
        )
        going = [user for user in due if user.pk in holders]
        if going and len(going) == len(holders):
            kept.add(max(going, key=lambda user: (last_used(user), user.pk)).pk)
    return [user for user in due if user.pk not in kept]


def last_used(user: User) -> date:
    """The day of the last sign-in, enabling or opening of the account, in Shanghai."""
    days = [user.last_seen_on, user.enabled_on, shanghai_date(user.date_joined)]
    return max(day for day in days if day is not None)


def disabled_on(user: User) -> date | None:
    """The day the account will be disabled if nobody signs in; None while it is not warned about."""
    if not user.is_active or user.dormancy_warned_on is None:
        return None
    return disabled_from(last_used=last_used(user), warned_on=user.dormancy_warned_on)
