"""One-time codes and links. The plain code is returned once, to be shown once; only its keyed hash is stored."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from zaozhuang_portal.accounts.models import OneTimeCode, User
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.locks import lock_name

DIGITS = "0123456789"
# Without 0/O, 1/I/L and U: can be read out on the telephone. 12 characters are 58 bits.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS_LENGTH = 12
DIGITS_LENGTH = 6
# A stranger who types wrong codes must not void somebody's slip: with one half of a split code known (39 bits), 20,000
# tries succeed once in 25 million.
MAX_FAILURES = {DIGITS: 5, LETTERS: 20_000}
_REFUSED = "验证码或链接不正确、已使用或已过期，请核对后重试，或重新获取。"


@dataclass(frozen=True)
class IssuedCode:
    """`code` is plain and exists only here: print or show it now."""

    row: OneTimeCode
    code: str

    @property
    def grouped(self) -> str:
        return group_code(self.code)


def group_code(code: str) -> str:
    """ABCD-EFGH-JKMN, to be read and typed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _clean(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()


def _hash(purpose: str, key: str, code: str) -> str:
    salt = "zaozhuang_portal.accounts.one_time_code"
    return salted_hmac(salt, f"{purpose}\n{key}\n{code}", algorithm="sha256").hexdigest()


@transaction.atomic
def issue_one_time_code(
    *,
    purpose: str,
    key: str,
    at: datetime,
    lifetime: timedelta,
    user: User | None = None,
    payload: Mapping[str, Any] | None = None,
    issued_by: User | None = None,
    digits: bool = False,
    code: str = "",
) -> IssuedCode:
    """A new code for (purpose, key), e.g. ("claim", credit code); an older open one is void from now on.

    Two that ask at the same moment both get one; the later is the one that opens.
    `digits`: six digits for a telephone (short-lived, five tries); otherwise twelve letters for paper, link or QR.
    `code`: one made elsewhere, of two halves that two people hand over (services.activations).
    """
    lock_name(f"one_time_code {purpose} {key}")
    OneTimeCode.objects.filter(purpose=purpose, key=key, used_at=None, revoked_at=None).update(revoked_at=at)
    alphabet, length = (DIGITS, DIGITS_LENGTH) if digits else (LETTERS, LETTERS_LENGTH)
    code = code or "".join(secrets.choice(alphabet) for _ in range(length))
    row = OneTimeCode.objects.create(
        purpose=purpose,
        key=key,
        code_hash=_hash(purpose, key, code),
        short=digits,
        user=user,
        payload=dict(payload or {}),
        issued_at=at,
        issued_by=issued_by,
        expires_at=at + lifetime,
    )
    return IssuedCode(row, code)


def find_one_time_code(
    *, purpose: str, key: str, code: str, at: datetime, count_failure: bool = True
) -> OneTimeCode:
    """The open code, without using it. DomainError when there is none.

    A wrong try is counted and too many void the code; a page that is only looked at (GET) passes
    `count_failure=False`, which is safe for the long codes only, and not where somebody knows half of one.
    """
    cleaned = _clean(code)
    row = (
        OneTimeCode.objects.filter(purpose=purpose, key=key, used_at=None, revoked_at=None, expires_at__gt=at)
        .select_related("user")
        .first()
    )
    if row is None:
        raise DomainError(_REFUSED, code="code_refused", field="code")
    if constant_time_compare(row.code_hash, _hash(purpose, key, cleaned)):
        return row
    if not count_failure:
        raise DomainError(_REFUSED, code="code_refused", field="code")
    limit = MAX_FAILURES[DIGITS if row.short else LETTERS]
    OneTimeCode.objects.filter(pk=row.pk).update(failures=F("failures") + 1)
    OneTimeCode.objects.filter(pk=row.pk, failures__gte=limit, used_at=None, revoked_at=None).update(
        revoked_at=at
    )
    raise DomainError(_REFUSED, code="code_refused", field="code")


def redeem_one_time_code(*, purpose: str, key: str, code: str, at: datetime) -> OneTimeCode:
    """Use the code: of two that redeem it at the same moment exactly one succeeds. DomainError otherwise.

    Call it outside a transaction that will be rolled back, so that a wrong try stays counted.
    """
    row = find_one_time_code(purpose=purpose, key=key, code=code, at=at)
    used = OneTimeCode.objects.filter(pk=row.pk, used_at=None, revoked_at=None).update(used_at=at)
    if not used:
        raise DomainError(_REFUSED, code="code_refused", field="code")
    row.used_at = at
    return row
