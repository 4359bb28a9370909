"""The contacts of a district's subjects are among the people its office helps."""

from __future__ import annotations

from datetime import date

import pytest

from cultivation.models import SubjectContact
from tests.factories import login, make_actor, make_subject, make_user
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.services.passwords import reset_sign_in
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


def test_district_resets_a_contact_unless_it_serves_another_district_too(client):
    office = make_actor(Role.DISTRICT_OFFICE)
    other = make_actor(Role.DISTRICT_OFFICE)
    user = make_user("hr.agent", full_name="孙经办")
    mine = make_subject(office.organization, name="甲厂")
    SubjectContact.objects.create(user=user, subject=mine, valid_from=date(2023, 1, 1))
    page = login(client, office).get("/people/users/").content.decode()
    assert "甲厂·经办人" in page
    assert "孙经办" not in login(client, other).get("/people/users/").content.decode()
    reset_sign_in(actor=office, at=clock.now(), user=user)
    foreign = make_subject(other.organization, name="乙厂")
    SubjectContact.objects.create(user=user, subject=foreign, valid_from=date(2023, 1, 1))
    assert "乙厂" not in login(client, office).get("/people/users/").content.decode()
    for actor in (office, other):
        with pytest.raises(NotAllowed, match="管理范围以外"):
            reset_sign_in(actor=actor, at=clock.now(), user=user)
    reset_sign_in(actor=make_actor(Role.CITY_OFFICE), at=clock.now(), user=user)
