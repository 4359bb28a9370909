"""Sign-in by SMS code: the same answer for known and unknown numbers, few messages per phone."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from zaozhuang_portal.accounts.models import OneTimeCode, User
from zaozhuang_portal.accounts.services.codes import issue_one_time_code, redeem_one_time_code
from zaozhuang_portal.accounts.sms import send_sms
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.locks import lock_name

PURPOSE = "sms_sign_in"
LIFETIME = timedelta(minutes=5)
PAUSE = timedelta(seconds=60)
PER_PHONE_AND_ADDRESS = 10
PER_PHONE = 30
# Only codes nobody used count: people behind one address who do sign in never meet this.
UNUSED_PER_ADDRESS_AND_HOUR = 120


def request_sms_code(*, phone: str, at: datetime, ip: str | None) -> str:
    """Send a six-digit code to the one active user with this number; for any other number only pretend.

    Returns the key the code belongs to, to be kept in the session that asked: only there it opens, and what others ask
    for the same number voids nothing. DomainError when this phone was asked for from this address less than a minute
    ago or too often today, or the phone from everywhere, or too many codes were sent to this address for nobody.
    """
    key = f"{phone} {secrets.token_urlsafe(12)}"
    with transaction.atomic():
        lock_name(f"sms_code {phone}")
        _check_limits(phone, at, ip)
        user = _user_of(phone)
        issued = issue_one_time_code(
            purpose=PURPOSE, key=key, at=at, lifetime=LIFETIME, user=user, payload={"ip": ip}, digits=True
        )
    if user is not None:
        send_sms(phone=phone, text=f"您的登录验证码是 {issued.code}，5 分钟内有效，请勿告诉他人。")
    return key


def _check_limits(phone: str, at: datetime, ip: str | None) -> None:
    asked = OneTimeCode.objects.filter(purpose=PURPOSE)
    today = asked.filter(key__startswith=f"{phone} ", issued_at__gt=at - timedelta(days=1))
    from_here = list(today.filter(payload__ip=ip).values_list("issued_at", flat=True))
    if from_here and at - max(from_here) < PAUSE:
        raise DomainError("验证码刚刚发送过，请 60 秒后再试。", code="too_soon", field="phone")
    if len(from_here) >= PER_PHONE_AND_ADDRESS or today.count() >= PER_PHONE:
        raise DomainError("该手机号今天获取验证码次数过多，请改用密码登录。", code="too_many", field="phone")
    unused = asked.filter(
        payload__ip=ip, used_at=None, issued_at__gt=at - timedelta(hours=1), expires_at__lte=at
    )
    if ip and unused.count() >= UNUSED_PER_ADDRESS_AND_HOUR:
        raise DomainError(
            "本网络获取后未使用的验证码过多，请 1 小时后再试或改用密码登录。", code="too_many", field="phone"
        )


def redeem_sms_code(*, key: str, code: str, at: datetime) -> User:
    """The user who may sign in now. DomainError for a wrong, used or old code; five wrong tries void it."""
    row = redeem_one_time_code(purpose=PURPOSE, key=key, code=code, at=at)
    if row.user is None or not row.user.is_active:
        raise DomainError(
            "验证码或链接不正确、已使用或已过期，请核对后重试，或重新获取。",
            code="code_refused",
            field="code",
        )
    return row.user


def _user_of(phone: str) -> User | None:
    """The one active user who entered this number himself; a number that somebody else entered signs nobody in."""
    if not phone:
        return None
    users = list(User.objects.filter(phone=phone, phone_confirmed_at__isnull=False, is_active=True)[:2])
    return users[0] if len(users) == 1 else None
