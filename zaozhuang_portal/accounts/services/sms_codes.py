"""Sign-in by SMS code: the same answer for known and unknown numbers, few messages per phone and per address."""

from __future__ import annotations

from datetime import datetime, timedelta

from zaozhuang_portal.accounts.models import OneTimeCode, User
from zaozhuang_portal.accounts.services.codes import issue_one_time_code, redeem_one_time_code
from zaozhuang_portal.accounts.sms import send_sms
from zaozhuang_portal.kernel.errors import DomainError

PURPOSE = "sms_sign_in"
LIFETIME = timedelta(minutes=5)
PAUSE = timedelta(seconds=60)
PER_PHONE_AND_DAY = 10
PER_ADDRESS_AND_HOUR = 60


def request_sms_code(*, phone: str, at: datetime, ip: str | None) -> None:
    """Send a six-digit code to the one active user with this number; for any other number only pretend.

    DomainError when this phone asked less than a minute ago or too often today, or the address too often this hour.
    """
    asked = OneTimeCode.objects.filter(purpose=PURPOSE)
    latest = asked.filter(key=phone).order_by("-issued_at").values_list("issued_at", flat=True).first()
    if latest is not None and at - latest < PAUSE:
        raise DomainError("验证码刚刚发送过，请 60 秒后再试。", code="too_soon", field="phone")
    if asked.filter(key=phone, issued_at__gt=at - timedelta(days=1)).count() >= PER_PHONE_AND_DAY:
        raise DomainError("该手机号今天获取验证码次数过多，请改用密码登录。", code="too_many", field="phone")
    if (
        ip
        and asked.filter(payload__ip=ip, issued_at__gt=at - timedelta(hours=1)).count()
        >= PER_ADDRESS_AND_HOUR
    ):
        raise DomainError(
            "本网络获取验证码次数过多，请稍后再试或改用密码登录。", code="too_many", field="phone"
        )
    user = _user_of(phone)
    issued = issue_one_time_code(
        purpose=PURPOSE, key=phone, at=at, lifetime=LIFETIME, user=user, payload={"ip": ip}, digits=True
    )
    if user is not None:
        send_sms(phone=phone, text=f"您的登录验证码是 {issued.code}，5 分钟内有效，请勿告诉他人。")


def redeem_sms_code(*, phone: str, code: str, at: datetime) -> User:
    """The user who may sign in now. DomainError for a wrong, used or old code; five wrong tries void it."""
    row = redeem_one_time_code(purpose=PURPOSE, key=phone, code=code, at=at)
    if row.user is None or not row.user.is_active:
        raise DomainError(
            "验证码或链接不正确、已使用或已过期，请核对后重试，或重新获取。",
            code="code_refused",
            field="code",
        )
    return row.user


def _user_of(phone: str) -> User | None:
    users = list(User.objects.filter(phone=phone, is_active=True)[:2]) if phone else []
    return users[0] if len(users) == 1 else None
