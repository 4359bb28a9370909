"""How the code that opens an account reaches the person concerned: by SMS to a number he confirmed himself, or in two halves
that two people hand over. Neither half opens anything, so neither of the two can become a second person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from zaozhuang_portal.accounts.enums import AccountAct, AccountRequestState, Delivery, Waiver
from zaozhuang_portal.accounts.models import AccountRequest, OneTimeCode, User
from zaozhuang_portal.accounts.services.codes import LETTERS, group_code
from zaozhuang_portal.accounts.services.passwords import ACTIVATION, issue_activation
from zaozhuang_portal.accounts.sms import send_sms

# Eight letters are 39 bits; tries are counted.
HALF_LENGTH = 8
OPENING_ACTS = frozenset({AccountAct.CREATE, AccountAct.RESET})
FIRST, SECOND = "甲联", "乙联"


@dataclass(frozen=True)
class Slip:
    """What one of the two hands over. `name` is 甲联 (from who asked), 乙联 (from who approved) or empty: the whole code."""

    request: AccountRequest
    name: str
    code: str
    expires_at: datetime | None

    @property
    def is_whole(self) -> bool:
        return not self.name

    @property
    def grouped(self) -> str:
        return group_code(self.code)


def _half(request: AccountRequest, name: str) -> str:
    """Derived from the secret key, so that the page can show it again until it is used; nothing plain is stored."""
    digest = salted_hmac(
        "zaozhuang_portal.accounts.activation_half", f"{request.pk} {request.seed} {name}", algorithm="sha256"
    ).digest()
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(HALF_LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


def reaches_owner(user: User | None) -> bool:
    """Whether a message to the user's number reaches the user, and nobody who typed a number for him."""
    return bool(settings.SMS_SIGN_IN and user and user.phone and user.phone_confirmed_at)


def deliver_activation(*, request: AccountRequest, user: User, at: datetime, base_url: str) -> Delivery:
    """Issue the activation of an approved request. `base_url` of the portal stands in the SMS."""
    code = _half(request, FIRST) + _half(request, SECOND)
    if request.waiver == Waiver.FIRST_START:
        delivery = Delivery.LINK
    else:
        delivery = Delivery.SMS if reaches_owner(user) else Delivery.SLIPS
    issue_activation(
        user=user,
        at=at,
        issued_by=request.requested_by,
        code=code,
        payload={"request": request.pk, "halves": delivery == Delivery.SLIPS},
    )
    if delivery == Delivery.SMS:
        path = reverse("accounts:activate_link", args=[user.pk, code])
        text = (
            f"{user.full_name}您好，请打开链接设置密码，72 小时内有效，勿转发：{base_url.rstrip('/')}{path}"
        )
        transaction.on_commit(lambda: send_sms(phone=user.phone, text=text))
    return delivery


def slips_for(viewer: User, requests: list[AccountRequest]) -> list[Slip]:
    """The halves this person holds: of what he asked for the first, of what he approved the second; until they are used.

    One statement. A waiting request already has its first half, which opens nothing before the second exists.
    """
    opening = [row for row in requests if row.act in OPENING_ACTS]
    codes = {
        code.payload.get("request"): code
        for code in OneTimeCode.objects.filter(
            purpose=ACTIVATION,
            key__in=[str(row.user_id) for row in opening if row.user_id],
            used_at=None,
            revoked_at=None,
        )
    }
    slips = []
    for row in opening:
        code = codes.get(row.pk)
        if row.state == AccountRequestState.PENDING:
            if row.requested_by_id == viewer.pk and not reaches_owner(row.user):
                slips.append(Slip(row, FIRST, _half(row, FIRST), None))
        elif code is None or row.delivery == Delivery.SMS:
            continue
        elif row.delivery == Delivery.LINK:
            if row.requested_by_id == viewer.pk:
                slips.append(Slip(row, "", _half(row, FIRST) + _half(row, SECOND), code.expires_at))
        elif row.requested_by_id == viewer.pk:
            slips.append(Slip(row, FIRST, _half(row, FIRST), code.expires_at))
        elif row.decided_by_id == viewer.pk:
            slips.append(Slip(row, SECOND, _half(row, SECOND), code.expires_at))
    return slips
