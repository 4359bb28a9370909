"""When no second administrator is left to approve: whoever holds the server opens one administrator's account."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zaozhuang_portal.accounts.enums import ADMIN_ROLES, Level, Role
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.accounts.selectors.account_requests import administrators_of, roles_held
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.memberships import add_membership
from zaozhuang_portal.accounts.services.passwords import Activation, drop_other_ways_in, issue_activation
from zaozhuang_portal.accounts.services.users import new_user
from zaozhuang_portal.accounts.telling import tell
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError


@transaction.atomic
def break_glass(
    *, at: datetime, username: str, reason: str, role: str = "", full_name: str = ""
) -> Activation:
    """Enable and reset an administrator's account, or open one (`role`, `full_name`). Audited, and every other administrator
    is told. DomainError without a reason of five characters, or for an account that is no administrator's.
    """
    if len(reason.strip()) < 5:
        raise DomainError("请用 --reason 写明为何应急启用（至少5个字）。", code="reason")
    user = User.objects.select_for_update().filter(username=username.strip().lower()).first()
    if user is None:
        if role not in ADMIN_ROLES or not full_name.strip():
            raise DomainError(
                f"没有用户“{username}”。新开管理员账号请加 --role（{'、'.join(sorted(ADMIN_ROLES))}）和 --name 姓名。",
                code="unknown",
            )
        user = new_user(username=username, full_name=full_name)
        city = Organization.objects.get(level=Level.CITY)
        add_membership(actor=None, at=at, user=user, role=role, organization=city)
    elif not roles_held(user, on=shanghai_date(at)) & ADMIN_ROLES:
        raise DomainError(
            f"“{username}”不是系统、安全、审计管理员，请在门户中由两人办理。", code="not_an_administrator"
        )
    user.is_active = True
    user.enabled_on, user.dormancy_warned_on = shanghai_date(at), None
    user.set_unusable_password()
    user.session_generation += 1
    user.has_second_factor = False
    user.save(
        update_fields=[
            "is_active", "enabled_on", "dormancy_warned_on", "password", "session_generation", "has_second_factor",
        ]
    )  # fmt: skip
    drop_other_ways_in(user)
    label = f"{user.full_name}（{user.username}）"
    record_audit(
        actor=None,
        at=at,
        action="break_glass",
        kind="User",
        object_id=user.pk,
        label=label,
        reason=reason.strip(),
    )
    others = [one for name in ADMIN_ROLES for one in administrators_of(name) if one.pk != user.pk]
    tell(users=others, title=f"应急启用管理员账号：{label}", body=reason.strip(), at=at, object_id=user.pk)
    return issue_activation(user=user, at=at, issued_by=None)


def administrator_roles() -> list[str]:
    """For the command's choices."""
    return sorted(Role(role).value for role in ADMIN_ROLES)
