"""One-time codes: once, in time, few wrong tries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zaozhuang_portal.accounts.models import OneTimeCode
from zaozhuang_portal.accounts.services.codes import (
    find_one_time_code,
    issue_one_time_code,
    redeem_one_time_code,
)
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

pytestmark = pytest.mark.django_db
NOW = clock.now()
CLAIM = {"purpose": "claim", "key": "91350100M000100Y43"}


def issue(**options):
    return issue_one_time_code(at=NOW, lifetime=timedelta(days=7), **(CLAIM | options))


def test_works_once_and_takes_it_as_typed():
    issued = issue(payload={"subject": 7})
    typed = f" {issued.grouped.lower()} "
    assert find_one_time_code(code=typed, at=NOW, **CLAIM).payload == {"subject": 7}
    assert redeem_one_time_code(code=typed, at=NOW, **CLAIM).used_at == NOW
    with pytest.raises(DomainError):
        redeem_one_time_code(code=typed, at=NOW, **CLAIM)


def test_the_plain_code_is_not_stored():
    issued = issue()
    assert issued.code not in str(OneTimeCode.objects.values().get())


def test_bound_to_purpose_and_key():
    issued = issue()
    with pytest.raises(DomainError):
        redeem_one_time_code(purpose="activate", key=CLAIM["key"], code=issued.code, at=NOW)
    with pytest.raises(DomainError):
        redeem_one_time_code(purpose="claim", key="other", code=issued.code, at=NOW)


def test_a_new_code_voids_the_old_one():
    old, new = issue(), issue()
    with pytest.raises(DomainError):
        redeem_one_time_code(code=old.code, at=NOW, **CLAIM)
    redeem_one_time_code(code=new.code, at=NOW, **CLAIM)


def test_expires():
    issued = issue()
    with pytest.raises(DomainError):
        redeem_one_time_code(code=issued.code, at=NOW + timedelta(days=7), **CLAIM)


def test_five_wrong_tries_void_a_short_code():
    issued = issue(digits=True)
    assert len(issued.code) == 6
    wrong = "000000" if issued.code != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(DomainError):
            redeem_one_time_code(code=wrong, at=NOW, **CLAIM)
    with pytest.raises(DomainError):
        redeem_one_time_code(code=issued.code, at=NOW, **CLAIM)
