"""三方机构: seats in their three states, kept by the city and by each district for itself."""

from __future__ import annotations

import pytest

from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import MemberUnitKind, Role, SeatState
from zaozhuang_portal.accounts.models import AuditEntry, MemberUnit, Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.services.bodies import add_member_unit, edit_body, edit_seat
from zaozhuang_portal.accounts.services.organizations import load_organizations
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture
def zone():
    load_organizations(at=NOW)
    return Organization.objects.get(code="3704GX")


def test_zone_office_sets_up_a_unit_and_gives_it_the_seat(client, zone):
    office = make_actor(Role.DISTRICT_OFFICE, zone)
    login(client, office)
    body = TripartiteBody.objects.get(organization=zone)
    page = client.get("/people/bodies/").content.decode()
    assert "枣庄高新区党群工作部" in page
    assert "滕州市总工会" not in page
    form = {"name": "枣庄高新区企业家协会", "kind": "ENTERPRISE_CONFEDERATION"}
    assert client.post(f"/people/bodies/{body.pk}/units/new/", form).status_code == 302
    assert client.post(f"/people/bodies/{body.pk}/units/new/", form).status_code == 422
    seat = Seat.objects.get(body=body, kind=MemberUnitKind.ENTERPRISE_CONFEDERATION)
    unit = MemberUnit.objects.get(name="枣庄高新区企业家协会")
    assert (
        client.post(f"/people/seats/{seat.pk}/edit/", {"state": "FILLED", "unit": unit.pk}).status_code == 302
    )
    seat.refresh_from_db()
    assert (seat.state, seat.unit) == (SeatState.FILLED, unit)
    changes = AuditEntry.objects.get(action="edit_seat").changes
    assert changes["state"] == ["由其他单位代行", "已设立"]


def test_state_and_unit_must_fit(zone):
    office = make_actor(Role.DISTRICT_OFFICE, zone)
    seat = Seat.objects.filter(body__organization=zone).first()
    foreign = MemberUnit.objects.exclude(organization=zone).first()
    for state, unit, words in (
        ("NOT_ESTABLISHED", seat.unit, "留空"),
        ("REPRESENTED", None, "请选择"),
        ("FILLED", foreign, "不属于"),
    ):
        with pytest.raises(DomainError, match=words):
            edit_seat(actor=office, at=NOW, seat=seat, state=state, unit=unit)
    edit_seat(actor=office, at=NOW, seat=seat, state="NOT_ESTABLISHED", unit=None)


def test_only_the_own_district_and_the_city_keep_bodies(zone):
    elsewhere = make_actor(Role.DISTRICT_OFFICE)
    body = TripartiteBody.objects.get(organization=zone)
    seat = body.seats.first()
    with pytest.raises(NotAllowed):
        edit_seat(actor=elsewhere, at=NOW, seat=seat, state="NOT_ESTABLISHED", unit=None)
    with pytest.raises(NotAllowed):
        add_member_unit(actor=elsewhere, at=NOW, organization=zone, name="x", kind="HRSS")
    values = {"name": body.name, "established_on": None, "document_number": ""}
    with pytest.raises(NotAllowed):
        edit_body(actor=make_actor(Role.CITY_MEMBER), at=NOW, body=body, established=False, **values)
    edit_body(actor=make_actor(Role.CITY_OFFICE), at=NOW, body=body, established=False, **values)


def test_establishment_date(zone):
    office = make_actor(Role.DISTRICT_OFFICE, zone)
    body = TripartiteBody.objects.get(organization=zone)
    values = {"name": body.name, "document_number": ""}
    today = clock.shanghai_date(NOW)
    with pytest.raises(DomainError, match="已建立"):
        edit_body(actor=office, at=NOW, body=body, established=False, established_on=today, **values)
    with pytest.raises(DomainError, match="晚于今天"):
        edit_body(
            actor=office,
            at=NOW,
            body=body,
            established=True,
            established_on=today.replace(year=today.year + 1),
            **values,
        )
