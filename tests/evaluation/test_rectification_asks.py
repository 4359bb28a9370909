"""延期 and 异议 of a rectification: the term moves only when granted; one objection; answered once."""

from __future__ import annotations

from datetime import date

import pytest

from evaluation.enums import AskState
from evaluation.services.rectifications.asks import (
    ask_extension,
    decide_extension,
    decide_objection,
    raise_objection,
)
from tests.evaluation.rectification_builders import NOW, issued
from tests.factories import make_actor, make_organization
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

LATER = date(2026, 12, 1)


@pytest.mark.django_db
def test_the_term_moves_only_when_the_office_grants_it() -> None:
    office, district = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT)
    unit, record = make_actor(Role.DISTRICT_OFFICE, district), issued(office, district)
    with pytest.raises(DomainError, match="晚于"):
        ask_extension(actor=unit, rectification=record, until=date(2026, 11, 19), reason="待发文", now=NOW)
    asked = ask_extension(actor=unit, rectification=record, until=LATER, reason="待发文", now=NOW)
    with pytest.raises(ConflictError, match="待答复"):
        ask_extension(actor=unit, rectification=record, until=LATER, reason="待发文", now=NOW)
    with pytest.raises(NotAllowed):
        decide_extension(actor=unit, extension=asked, granted=True, decision="同意", now=NOW)
    decide_extension(actor=office, extension=asked, granted=False, decision="不同意", now=NOW)
    record.refresh_from_db()
    assert record.due_on == date(2026, 11, 19)
    asked = ask_extension(actor=unit, rectification=record, until=LATER, reason="待发文", now=NOW)
    decide_extension(actor=office, extension=asked, granted=True, decision="同意", now=NOW)
    record.refresh_from_db()
    assert record.due_on == LATER
    with pytest.raises(ConflictError, match="已经答复"):
        decide_extension(actor=office, extension=asked, granted=False, decision="不同意", now=NOW)


@pytest.mark.django_db
def test_an_objection_is_raised_once_and_answered_once() -> None:
    office, district = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT)
    unit, record = make_actor(Role.DISTRICT_OFFICE, district), issued(office, district)
    found = raise_objection(actor=unit, rectification=record, ground="FACTS", words="已有文件", now=NOW)
    with pytest.raises(ConflictError, match="一次"):
        raise_objection(actor=unit, rectification=record, ground="FACTS", words="再提", now=NOW)
    found = decide_objection(actor=office, objection=found, granted=False, decision="文件未盖章", now=NOW)
    assert found.state == AskState.REFUSED
    with pytest.raises(ConflictError, match="已经答复"):
        decide_objection(actor=office, objection=found, granted=True, decision="同意", now=NOW)
