"""What Django tells about sign-ins goes into the audit log: success, failure, sign-out."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock


def connect() -> None:
    user_logged_in.connect(on_sign_in, dispatch_uid="accounts.sign_in")
    user_logged_out.connect(on_sign_out, dispatch_uid="accounts.sign_out")
    user_login_failed.connect(on_sign_in_failed, dispatch_uid="accounts.sign_in_failed")
    authenticator_added.connect(on_second_factor, dispatch_uid="accounts.second_factor_added")
    authenticator_removed.connect(on_second_factor, dispatch_uid="accounts.second_factor_removed")
    social_account_added.connect(on_identity_bound, dispatch_uid="accounts.identity_bound")
    social_account_removed.connect(on_identity_unbound, dispatch_uid="accounts.identity_unbound")


def _where(request: Any) -> dict[str, Any]:
    return {"ip": getattr(request, "client_ip", None), "request_id": getattr(request, "request_id", "")}


def on_sign_in(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    at = clock.now()
    User.objects.filter(pk=user.pk).update(last_seen_on=clock.shanghai_date(at), dormancy_warned_on=None)
    record_audit(
        actor=None, user=user, at=at, action="sign_in", kind="User", object_id=user.pk, **_where(request)
    )


def on_sign_out(sender: Any, request: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record_audit(
            actor=None,
            user=user,
            at=clock.now(),
            action="sign_out",
            kind="User",
            object_id=user.pk,
            **_where(request),
        )


def on_sign_in_failed(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """Only names of existing accounts are kept: what people mistype into that box may be a password."""
    typed = str(credentials.get("username") or "")
    user = User.objects.filter(username=typed.strip().lower()).first()
    record_audit(
        actor=None,
        user=user,
        at=clock.now(),
        action="sign_in_failed",
        kind="User",
        object_id=user.pk if user else "",
        label="" if user else "未知用户名",
        **_where(request),
    )


def on_second_factor(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    """Keeps User.has_second_factor in step; the other sessions of the user end (they had no second factor)."""
    has = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists()
    if has == user.has_second_factor:
        return
    user.has_second_factor = has
    user.session_generation += 1
    user.save(update_fields=["has_second_factor", "session_generation"])
    update_session_auth_hash(request, user)
    action = "enroll_second_factor" if has else "drop_second_factor"
    record_audit(
        actor=None,
        user=user,
        at=clock.now(),
        action=action,
        kind="User",
        object_id=user.pk,
        **_where(request),
    )


def on_identity_bound(sender: Any, request: Any, sociallogin: Any, **kwargs: Any) -> None:
    _record_identity(request, "bind_identity", sociallogin.account)


def on_identity_unbound(sender: Any, request: Any, socialaccount: Any, **kwargs: Any) -> None:
    _record_identity(request, "unbind_identity", socialaccount)


def _record_identity(request: Any, action: str, account: Any) -> None:
    record_audit(
        actor=None,
        user=account.user,
        at=clock.now(),
        action=action,
        kind="User",
        object_id=account.user_id,
        label=f"{account.provider} {account.uid}",
        **_where(request),
    )
