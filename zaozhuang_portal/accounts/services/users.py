"""Accounts of people: opening, correcting, disabling, leaving."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Membership, MemberUnit, Organization, User
from zaozhuang_portal.accounts.permissions.people import check_may_manage
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.memberships import add_membership, close_membership
from zaozhuang_portal.accounts.telling import tell
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{2,59}|[\u4e00-\u9fff][\u4e00-\u9fffa-z0-9]{1,29}")


def clean_username(username: str) -> str:
    """Lower case, 3–60 letters, digits and ._-@ (or 2–30 beginning with a Chinese character). DomainError otherwise."""
    cleaned = username.strip().lower()
    if not _USERNAME.fullmatch(cleaned):
        raise DomainError(
            "用户名须为 3 至 60 位小写字母、数字或 . _ - @（也可用 2 个以上汉字），请修改。",
            code="username",
            field="username",
        )
    return cleaned


def new_user(
    *,
    username: str,
    full_name: str,
    phone: str = "",
    email: str = "",
    phone_confirmed_at: datetime | None = None,
) -> User:
    """An account nobody can sign in to yet. DomainError when the name is taken or malformed.

    `phone_confirmed_at`: when the owner entered the number himself; never for one that an office entered.
    """
    cleaned = clean_username(username)
    if not full_name.strip():
        raise DomainError("请填写姓名。", code="required", field="full_name")
    user = User(
        username=cleaned,
        full_name=full_name.strip(),
        phone=phone,
        phone_confirmed_at=phone_confirmed_at if phone else None,
        email=email,
        must_change_password=False,
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise DomainError(
            f"用户名“{cleaned}”已被使用，请换一个；若是同一人，请为其登记新的任职。",
            code="username_taken",
            field="username",
        ) from None
    return user


@transaction.atomic
def create_user(
    *,
    actor: Actor | None,
    at: datetime,
    username: str,
    full_name: str,
    role: str,
    organization: Organization,
    member_unit: MemberUnit | None = None,
    phone: str = "",
    email: str = "",
    post: str = "",
    valid_from: date | None = None,
) -> User:
    """Open an account with its first membership. Done through services.account_requests, which sees to a second person and
    to the activation.

    `actor` None: the system (first start). Raises DomainError / NotAllowed as new_user and add_membership.
    """
    user = new_user(username=username, full_name=full_name, phone=phone, email=email)
    record_audit(
        actor=actor,
        at=at,
        action="create_user",
        kind="User",
        object_id=user.pk,
        label=f"{user.full_name}（{user.username}）",
    )
    add_membership(
        actor=actor,
        at=at,
        user=user,
        role=role,
        organization=organization,
        member_unit=member_unit,
        post=post,
        valid_from=valid_from,
    )
    return user


@transaction.atomic
def update_user(*, actor: Actor, at: datetime, user: User, full_name: str, phone: str, email: str) -> User:
    """Correct name, phone and e-mail of a user within reach (or one's own).

    Only what the owner entered himself counts as confirmed: a number somebody else puts there signs nobody in.
    """
    if user.pk != actor.user.pk:
        check_may_manage(actor, user, on=shanghai_date(at))
    if not full_name.strip():
        raise DomainError("请填写姓名。", code="required", field="full_name")
    row = User.objects.select_for_update().get(pk=user.pk)
    wanted = {"full_name": full_name.strip(), "phone": phone, "email": email}
    changes = {
        name: [getattr(row, name), value] for name, value in wanted.items() if getattr(row, name) != value
    }
    own = user.pk == actor.user.pk
    confirmed = row.phone_confirmed_at
    if own and (confirmed is None or "phone" in changes):
        confirmed = at if phone else None
    elif "phone" in changes:
        confirmed = None
    if confirmed != row.phone_confirmed_at:
        row.phone_confirmed_at = confirmed
        row.save(update_fields=["phone_confirmed_at"])
    if changes:
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save(update_fields=list(wanted))
        record_audit(
            actor=actor,
            at=at,
            action="update_user",
            kind="User",
            object_id=row.pk,
            label=f"{row.full_name}（{row.username}）",
            changes=changes,
        )
        if not own:
            body = f"由{actor.user.full_name}修改。不符的，请在“个人设置”中改正。"
            tell(users=[row], title="您的人员信息已被修改", body=body, at=at, object_id=row.pk)
    return row


@transaction.atomic
def set_user_active(*, actor: Actor, at: datetime, user: User, active: bool, reason: str) -> User:
    """Disable (every session ends at once) or enable an account. A reason is required."""
    return _switch_user(actor=actor, at=at, user=user, active=active, reason=reason, leaving=False)


@transaction.atomic
def dismiss_user(*, actor: Actor, at: datetime, user: User, reason: str) -> User:
    """离岗: ends every membership of the user and disables the account. What the person did stays."""
    return _switch_user(actor=actor, at=at, user=user, active=False, reason=reason, leaving=True)


def _switch_user(*, actor: Actor, at: datetime, user: User, active: bool, reason: str, leaving: bool) -> User:
    if user.pk == actor.user.pk:
        raise DomainError("不能停用自己的账号，请由其他管理人员办理。", code="own_account")
    if not reason.strip():
        raise DomainError("请填写理由。", code="required", field="reason")
    today = shanghai_date(at)
    check_may_manage(actor, user, on=today)
    row = User.objects.select_for_update().get(pk=user.pk)
    ended = []
    if leaving:
        for membership in Membership.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=today), user=row
        ):
            ended.append(str(membership))
            close_membership(membership, today)
    was = row.is_active
    row.is_active = active
    row.session_generation += 1
    if active:
        row.enabled_on, row.dormancy_warned_on = today, None
    row.save(update_fields=["is_active", "session_generation", "enabled_on", "dormancy_warned_on"])
    record_audit(
        actor=actor,
        at=at,
        action="dismiss_user" if leaving else "enable_user" if active else "disable_user",
        kind="User",
        object_id=row.pk,
        label=f"{row.full_name}（{row.username}）",
        changes={"is_active": [was, active], **({"memberships": [ended, []]} if ended else {})},
        reason=reason.strip(),
    )
    return row
