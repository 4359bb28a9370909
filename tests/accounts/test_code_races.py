"""Two presses on a button that issues a code: each gets an answer, and one code is open (issue 8 §7)."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import override_settings

from cultivation.services.contacts import issue_claim
from tests.factories import make_actor, make_subject, make_user
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import OneTimeCode
from zaozhuang_portal.accounts.services.codes import issue_one_time_code, redeem_one_time_code
from zaozhuang_portal.accounts.services.passwords import issue_activation
from zaozhuang_portal.accounts.services.sms_codes import request_sms_code
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)
NOW = clock.now()
PRESSES = 6


def press_together(act) -> Counter[str]:
    """What came of PRESSES calls at one moment: "done", the code of a DomainError, or the name of any other error."""
    gate = threading.Barrier(PRESSES)
    came: list[str] = []

    def press() -> None:
        try:
            gate.wait(20)
            act()
            came.append("done")
        except DomainError as error:
            came.append(error.code)
        except BaseException as problem:  # an IntegrityError would be the 500
            came.append(type(problem).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(PRESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(came)


def open_codes(purpose: str) -> int:
    return OneTimeCode.objects.filter(purpose=purpose, used_at=None, revoked_at=None).count()


def test_every_press_on_a_claim_code_gets_one_and_the_last_is_open():
    office = make_actor(Role.DISTRICT_OFFICE)
    subject = make_subject(office.organization)
    assert press_together(partial(issue_claim, actor=office, subject=subject, now=NOW)) == {"done": PRESSES}
    assert open_codes("claim") == 1


def test_activations_share_the_lock():
    person = make_user()
    assert press_together(partial(issue_activation, user=person, at=NOW, issued_by=None)) == {"done": PRESSES}
    assert open_codes("activate") == 1


@override_settings(SMS_BACKEND="zaozhuang_portal.accounts.sms.ConsoleSmsBackend")
def test_one_message_is_sent_to_a_phone_pressed_twice():
    """The pause of a minute is asked under the lock, so the second press meets the first one's code."""
    ask = partial(request_sms_code, phone="13800000001", at=NOW, ip="10.0.0.1")
    assert press_together(ask) == {"done": 1, "too_soon": PRESSES - 1}
    assert open_codes("sms_sign_in") == 1


def test_one_code_opens_once_however_many_try_it():
    issued = issue_one_time_code(purpose="p", key="k", at=NOW, lifetime=timedelta(days=1))
    redeem = partial(redeem_one_time_code, purpose="p", key="k", code=issued.code, at=NOW)
    assert press_together(redeem) == {"done": 1, "code_refused": PRESSES - 1}
