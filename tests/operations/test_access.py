"""Files of a kind of owner nobody registered: refused by default, for everybody, to read and to write."""

from __future__ import annotations

import pytest

from tests.factories import make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.operations import access
from zaozhuang_portal.operations.models import Attachment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role.values)
def test_a_kind_nobody_registered_is_refused(role: str) -> None:
    actor = make_actor(Role(role)) if role != Role.SUBJECT_CONTACT else make_actor(Role.CITY_OFFICE)
    stray = Attachment(owner_kind="NobodysKind", owner_id=1)
    assert not access.may_read_attachment(actor, stray)
    assert not access.may_write_attachments(actor, "NobodysKind", 1)
    assert access.attachment_access("NobodysKind") is None
    assert access.purposes_of("NobodysKind") == access.ONLY_OTHER


def test_a_registered_kind_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the refusal above is the default's and not everybody's."""
    monkeypatch.setattr(access, "_access", {})
    actor = make_actor(Role.CITY_OFFICE)
    access.register_attachment_access("Known", lambda who, file: True, lambda who, owner: True)
    assert access.may_read_attachment(actor, Attachment(owner_kind="Known", owner_id=1))
    assert access.may_write_attachments(actor, "Known", 1)
    assert not access.may_read_attachment(actor, Attachment(owner_kind="Unknown", owner_id=1))
