"""Reading 账号审批: what is visible, what waits for whom, who else might be the same person."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AccountRequest, Membership, User
from zaozhuang_portal.accounts.permissions.account_requests import decidable_requests, visible_requests
from zaozhuang_portal.kernel.clock import now, shanghai_date


def list_account_requests(actor: Actor, *, state: str = "", waiver: str = "") -> QuerySet[AccountRequest]:
    """Newest first; `state` MINE: what this actor may decide now."""
    rows = AccountRequest.objects.filter(visible_requests(actor))
    if state == "MINE":
        rows = rows.filter(decidable_requests(actor))
    elif state:
        rows = rows.filter(state=state)
    if waiver:
        rows = rows.filter(waiver=waiver)
    return rows.select_related("user", "requested_by", "decided_by", "organization")


def awaiting_decision(actor: Actor) -> QuerySet[AccountRequest]:
    return AccountRequest.objects.filter(decidable_requests(actor))


def requests_about(user: User, actor: Actor) -> QuerySet[AccountRequest]:
    """The last ones about this person that the actor may see."""
    return (
        AccountRequest.objects.filter(visible_requests(actor), user=user)
        .select_related("requested_by", "decided_by")
        .order_by("-id")[:5]
    )


def roles_held(user: User | None, *, on: date) -> set[str]:
    """What the user holds on that day or later."""
    if user is None:
        return set()
    held = Membership.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), user=user)
    return set(held.values_list("role", flat=True))


def namesakes(request: AccountRequest) -> list[User]:
    """Other accounts with the same name or telephone: one person must not get a second one by the way."""
    phone = request.payload.get("phone") or (request.user.phone if request.user else "")
    same = Q(full_name=request.full_name)
    if phone:
        same |= Q(phone=phone)
    others = User.objects.filter(same).exclude(username=request.username)
    return list(others.order_by("username")[:10])


def administrators_of(role: str) -> list[User]:
    """Active holders of an administrator's role today."""
    held = Membership.objects.in_force(shanghai_date(now())).filter(role=role, user__is_active=True)
    return list(User.objects.filter(pk__in=held.values("user_id")).order_by("pk"))


def first_start_is_over() -> bool:
    """Whether the system and the security administrator have each had a working account. Never false again afterwards:
    a disabled security administrator does not bring the first start back (manage.py break_glass does what is needed).
    """
    return all(
        Membership.objects.filter(role=role, user__password_changed_at__isnull=False).exists()
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
    )
