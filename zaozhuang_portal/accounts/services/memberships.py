"""任职: beginning and ending. Ending acts on the next request, because every request checks the membership."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.accounts.models import Membership, MemberUnit, Organization, User
from zaozhuang_portal.accounts.permissions.people import (
    MEMBER_ROLES,
    check_may_assign,
    check_separation,
    manageable_memberships,
)
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed


@transaction.atomic
def add_membership(
    *,
    actor: Actor | None,
    at: datetime,
    user: User,
    role: str,
    organization: Organization,
    member_unit: MemberUnit | None = None,
    post: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Membership:
    """Give the user a capacity, from today by default. `actor` None: the system (first start, demo data).

    Raises NotAllowed outside the actor's reach or against 三员分立, DomainError for a wrong unit, period or repetition.
    """
    if actor is not None:
        check_may_assign(actor, role=role, organization=organization)
    today = shanghai_date(at)
    start = valid_from or today
    if valid_to is not None and valid_to < start:
        raise DomainError("任职结束日期早于开始日期，请核对。", code="period", field="valid_to")
    _check_member_unit(role, organization, member_unit)
    User.objects.select_for_update().get(pk=user.pk)
    lasting = Membership.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), user=user)
    check_separation({*lasting.values_list("role", flat=True), role})
    if actor is not None and actor.user.pk == user.pk:
        raise NotAllowed("不能为自己登记任职，请由其他管理人员办理。", code="own_account")
    if lasting.filter(role=role, organization=organization, member_unit=member_unit).exists():
        raise DomainError(f"{user.full_name}已有相同的任职，不必重复登记。", code="duplicate", field="role")
    membership = Membership.objects.create(
        user=user,
        role=role,
        organization=organization,
        member_unit=member_unit,
        post=post,
        valid_from=start,
        valid_to=valid_to,
    )
    record_audit(
        actor=actor,
        at=at,
        action="add_membership",
        kind="User",
        object_id=user.pk,
        label=f"{user.full_name}（{user.username}）",
        changes={"membership": [None, str(membership)], "valid_from": [None, start.isoformat()]},
    )
    return membership


def _check_member_unit(role: str, organization: Organization, member_unit: MemberUnit | None) -> None:
    if member_unit is None:
        if role in MEMBER_ROLES:
            raise DomainError(
                "成员单位角色须选择成员单位（人社、总工会、企联或工商联）。", code="unit", field="member_unit"
            )
        return
    if role not in CITY_ROLES | DISTRICT_ROLES | {Role.LEADER, Role.INSTRUCTOR}:
        raise DomainError("该角色不设成员单位，请把成员单位留空。", code="unit", field="member_unit")
    if member_unit.organization_id != organization.pk:
        raise DomainError(
            f"{member_unit}不属于{organization}，请重新选择。", code="unit", field="member_unit"
        )


@transaction.atomic
def end_membership(*, actor: Actor, at: datetime, membership: Membership, reason: str) -> Membership:
    """End a membership as of now: its last day is yesterday, or it is one that never began.

    The user's sessions end too. Raises NotAllowed outside the actor's reach, DomainError when it has ended already
    or when an actor would end the capacity in use.
    """
    row = Membership.objects.select_for_update().select_related("user", "organization").get(pk=membership.pk)
    if not Membership.objects.filter(manageable_memberships(actor), pk=row.pk).exists():
        raise NotAllowed
    if actor.capacity.key == f"m{row.pk}":
        raise DomainError("不能结束您正在使用的任职，请由其他管理人员办理。", code="own_membership")
    today = shanghai_date(at)
    if row.valid_to is not None and row.valid_to < today:
        raise DomainError("该任职已经结束。", code="ended")
    close_membership(row, today)
    User.objects.filter(pk=row.user_id).update(session_generation=F("session_generation") + 1)
    record_audit(
        actor=actor,
        at=at,
        action="end_membership",
        kind="User",
        object_id=row.user_id,
        label=f"{row.user.full_name}（{row.user.username}）",
        changes={"membership": [str(row), None]},
        reason=reason,
    )
    return row


def close_membership(membership: Membership, today: date) -> None:
    """Set the last day to yesterday; one that began today or later never was in force for a whole day."""
    membership.valid_to = today - timedelta(days=1)
    membership.valid_from = min(membership.valid_from, membership.valid_to)
    membership.save(update_fields=["valid_from", "valid_to"])
