"""Passwords are set by their owner only: after sign-in, or behind a one-time link. Nobody else ever knows one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import OneTimeCode, PasswordHistory, User
from zaozhuang_portal.accounts.permissions.people import check_may_manage
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.codes import (
    IssuedCode,
    find_one_time_code,
    issue_one_time_code,
    redeem_one_time_code,
)
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError

ACTIVATION = "activate"
ACTIVATION_LIFETIME = timedelta(hours=72)
_KEPT_PASSWORDS = 5


@dataclass(frozen=True)
class Activation:
    """A link under which the person sets a password; to be shown or printed once."""

    user: User
    issued: IssuedCode


def issue_activation(
    *,
    user: User,
    at: datetime,
    issued_by: User | None,
    code: str = "",
    payload: Mapping[str, Any] | None = None,
) -> Activation:
    """A 72-hour activation code for the user; an older one is void. Who receives it is services.activations' business."""
    issued = issue_one_time_code(
        purpose=ACTIVATION,
        key=str(user.pk),
        at=at,
        lifetime=ACTIVATION_LIFETIME,
        user=user,
        issued_by=issued_by,
        code=code,
        payload=payload,
    )
    return Activation(user, issued)


@transaction.atomic
def reset_sign_in(*, actor: Actor, at: datetime, user: User, reason: str = "") -> User:
    """一键重置: password, second factor, bound identities and sessions are gone. Done through services.account_requests,
    which sees to a second person and to the new activation.

    Raises NotAllowed when the user also works outside the actor's reach, DomainError for a disabled user or oneself.
    """
    if user.pk == actor.user.pk:
        raise DomainError("不能重置自己的登录，请在“个人设置”中修改密码。", code="own_account")
    check_may_manage(actor, user, on=shanghai_date(at))
    row = User.objects.select_for_update().get(pk=user.pk)
    if not row.is_active:
        raise DomainError("该账号已停用，请先启用再重置。", code="disabled")
    row.set_unusable_password()
    row.session_generation += 1
    row.has_second_factor = False
    row.save(update_fields=["password", "session_generation", "has_second_factor"])
    drop_other_ways_in(row)
    record_audit(
        actor=actor,
        at=at,
        action="reset_sign_in",
        kind="User",
        object_id=row.pk,
        label=f"{row.full_name}（{row.username}）",
        reason=reason,
    )
    return row


def drop_other_ways_in(user: User) -> None:
    """The second factor and the outside identities: what is left after a reset is the activation only."""
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount

    Authenticator.objects.filter(user_id=user.pk).delete()
    SocialAccount.objects.filter(user_id=user.pk).delete()


def find_activation(*, user_id: int, code: str, at: datetime, count_failure: bool = True) -> OneTimeCode:
    """The open activation behind a link, not yet used. DomainError when there is none."""
    return find_one_time_code(
        purpose=ACTIVATION, key=str(user_id), code=code, at=at, count_failure=count_failure
    )


def activate_user(
    *, user_id: int, code: str, password: str, at: datetime, ip: str | None, request_id: str = ""
) -> User:
    """Redeem an activation and set the person's first password. DomainError for a bad code or a weak password."""
    row = find_activation(user_id=user_id, code=code, at=at)
    user = row.user
    if user is None or not user.is_active:
        raise DomainError("该账号已停用，请联系为您建立账号的单位。", code="disabled", field="code")
    check_password_strength(password, user)
    redeem_one_time_code(purpose=ACTIVATION, key=str(user_id), code=code, at=at)
    with transaction.atomic():
        set_password(user=user, password=password, at=at)
        record_audit(
            actor=None,
            user=user,
            at=at,
            action="activate_user",
            kind="User",
            object_id=user.pk,
            label=f"{user.full_name}（{user.username}）",
            ip=ip,
            request_id=request_id,
        )
    return user


def check_password_strength(password: str, user: User) -> None:
    """DomainError that names everything wrong with the password."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError("".join(error.messages), code="password", field="password1") from None


def set_password(*, user: User, password: str, at: datetime) -> None:
    """Set an already checked password: history kept, duty done, every open session ended."""
    with transaction.atomic():
        if user.has_usable_password() and user.password:
            PasswordHistory.objects.create(user=user, hash=user.password, replaced_at=at)
            kept = PasswordHistory.objects.filter(user=user).values_list("pk", flat=True)[
                : _KEPT_PASSWORDS - 1
            ]
            PasswordHistory.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
        user.set_password(password)
        user.must_change_password = False
        user.password_expires_at = None
        user.password_changed_at = at
        user.save(
            update_fields=["password", "must_change_password", "password_expires_at", "password_changed_at"]
        )
