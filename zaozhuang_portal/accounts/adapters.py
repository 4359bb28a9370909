"""How allauth behaves here: nobody signs up, sessions and passwords are ours, outside identities are bound by hand."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from zaozhuang_portal.accounts.middleware import CAPACITY_KEY, SEEN_KEY, STARTED_KEY, client_ip
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.passwords import set_password
from zaozhuang_portal.kernel import clock


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "用户名或密码不正确。连续输错 5 次将锁定 15 分钟。",
        "incorrect_password": "密码不正确，请重新输入。",
        "incorrect_code": "验证码不正确，请重新输入。",
        "invalid_login": "登录没有成功，请重新登录。",
        "enter_current_password": "当前密码不正确，请重新输入。",
        "too_many_login_attempts": "尝试次数过多，请 15 分钟后再试，或联系所在区（市）三方办公室重置。",
        "rate_limited": "操作过于频繁，请稍后再试。",
        "account_inactive": "该账号已停用，请联系为您建立账号的单位。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address as the audit log and the lock-outs; behind a proxy, never the proxy's own."""
        return client_ip(request) or "0.0.0.0"  # noqa: S104 - a word for "none", nothing is bound to it

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted by axes, by account AND address; allauth's counts by one of them only."""

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path of this site."""
        return (
            url is not None
            and url.startswith("/")
            and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        )

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        expires = user.password_expires_at
        if expires is not None and expires <= clock.now():
            messages.error(
                request, "初始密码已过期（签发后 72 小时内有效），请联系为您建立账号的单位重新发放。"
            )
            return redirect("account_login")
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        request.session.pop(CAPACITY_KEY, None)
        request.session[STARTED_KEY] = request.session[SEEN_KEY] = int(clock.now().timestamp())

    def set_password(self, user: Any, password: str) -> None:
        at = clock.now()
        set_password(user=user, password=password, at=at)
        record_audit(
            actor=None,
            user=user,
            at=at,
            action="change_password",
            kind="User",
            object_id=user.pk,
            label=f"{user.full_name}（{user.username}）",
            ip=getattr(self.request, "client_ip", None),
            request_id=getattr(self.request, "request_id", ""),
        )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        wanted = request.POST.get("next") or request.GET.get("next")
        return wanted if wanted and self.is_safe_url(wanted) else "/"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nobody here is reached by e-mail; what happens to an account is in the audit log."""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """统一身份认证: an outside identity signs in only the user it was bound to; it never makes a user."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "invalid_token": "统一身份认证没有通过，请重新登录。",
        "no_password": "您还没有设置密码，解除绑定后将无法登录，请先设置密码。",
        "disconnect_last": "这是您唯一的登录方式，不能解除绑定。",
        "connected_other": "这个统一身份认证账号已绑定本系统的另一个账号。",
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        messages.error(
            request,
            "该统一身份尚未绑定本系统的账号。请用用户名和密码登录，在“个人设置”中绑定；没有账号的，请联系所在区（市）三方办公室。",
        )
        raise ImmediateHttpResponse(HttpResponseRedirect(self.sign_in_url()))

    def sign_in_url(self) -> str:
        return redirect("account_login").url

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """As above."""


class MfaAdapter(DefaultMFAAdapter):
    """The secrets of the second factor are encrypted with a key derived from SECRET_KEY (等保 数据保密性)."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "验证码不正确，请重新输入。",
        "cannot_delete_authenticator": "您的账号须使用两步验证，不能关闭。",
        "cannot_generate_recovery_codes": "还没有开启两步验证，不能生成恢复码。",
    }

    def encrypt(self, text: str) -> str:
        return self._fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._fernet().decrypt(encrypted_text.encode()).decode()

    def _fernet(self) -> MultiFernet:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return MultiFernet(
            [Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"mfa:{key}".encode()).digest())) for key in keys]
        )

    def get_totp_label(self, user: User) -> str:
        return user.username

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """As above."""
