"""The very first account: a system administrator, reached by a one-time link printed on the console."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Membership, Organization, User
from zaozhuang_portal.accounts.services.memberships import add_membership
from zaozhuang_portal.accounts.services.passwords import Activation, issue_activation
from zaozhuang_portal.accounts.services.users import new_user
from zaozhuang_portal.kernel.errors import DomainError

USERNAME = "sysadmin"


@transaction.atomic
def create_first_administrator(*, at: datetime) -> Activation | None:
    """The activation of the system administrator, valid 72 hours; None once one has set a password.

    Run again before that, it issues a new code and voids the former one. Raises DomainError without a city.
    """
    city = Organization.objects.filter(level=Level.CITY).first()
    if city is None:
        raise DomainError("尚未载入单位，不能建立系统管理员。", code="no_city")
    administrators = User.objects.filter(
        pk__in=Membership.objects.filter(role=Role.SYSTEM_ADMIN).values("user_id")
    )
    if any(user.has_usable_password() for user in administrators):
        return None
    user = administrators.first()
    if user is None:
        user = new_user(username=USERNAME, full_name="系统管理员")
        add_membership(actor=None, at=at, user=user, role=Role.SYSTEM_ADMIN, organization=city)
    # Printed where only whoever holds the server reads it.
    return issue_activation(user=user, at=at, issued_by=None)
