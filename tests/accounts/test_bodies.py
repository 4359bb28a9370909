"""三方机构: seats in their three states, kept by the city and by each district for itself."""

from __future__ import annotations

import pytest

from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import MemberUnitKind, Role, SeatState
from zaozhuang_portal.accounts.models import AuditEntry, MemberUnit, Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.services.bodies import add_park, edit_body, establish_bodies
from zaozhuang_portal.accounts.services.organizations import load_organizations
from zaozhuang_portal.accounts.services.seats import (
    add_member_unit,
    add_seat,
    edit_member_unit,
    edit_seat,
    remove_seat,
)
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


def test_a_district_marks_several_townships_at_once(client, zone):
    office = make_actor(Role.DISTRICT_OFFICE, zone)
    login(client, office)
    places = TripartiteBody.objects.filter(organization__parent=zone).order_by("id")
    assert places.count() == 3
    first, second, _ = places
    page = client.get("/people/bodies/establish/").content.decode()
    assert "兴仁街道" in page and "荆河街道" not in page
    ticks = {"body": [first.pk, second.pk], "established_on": "2023.9.1", "document_number": ""}
    refused = client.post("/people/bodies/establish/", ticks)
    assert refused.status_code == 422 and "文号" in refused.content.decode()
    assert f'id="body-{first.pk}" checked' in refused.content.decode()
    ticks["document_number"] = "枣高三方〔2023〕2号"
    assert client.post("/people/bodies/establish/", ticks).status_code == 302
    assert list(places.values_list("established", flat=True)) == [True, True, False]
    assert AuditEntry.objects.filter(action="edit_body", object_id=str(first.pk)).count() == 1
    foreign = TripartiteBody.objects.get(organization__name="荆河街道")
    assert client.post("/people/bodies/establish/", {**ticks, "body": [foreign.pk]}).status_code == 404
    with pytest.raises(NotAllowed):
        establish_bodies(
            actor=office, at=NOW, bodies=[foreign], established_on=NOW.date(), document_number="x"
        )
    foreign.refresh_from_db()
    assert not foreign.established


def test_a_park_becomes_a_place_with_a_body(client, zone):
    office = make_actor(Role.DISTRICT_OFFICE, zone)
    body = add_park(actor=office, at=NOW, district=zone, name="锂电产业园")
    assert (body.organization.parent, body.organization.level) == (zone, "PARK")
    assert body.organization.path.startswith(zone.path) and not body.established
    with pytest.raises(DomainError, match="已有"):
        add_park(actor=office, at=NOW, district=zone, name="锂电产业园")
    with pytest.raises(NotAllowed):
        add_park(actor=make_actor(Role.DISTRICT_OFFICE), at=NOW, district=zone, name="别处园区")
    login(client, office)
    assert "锂电产业园" in client.get("/people/bodies/").content.decode()


def test_seats_and_units_of_a_township(client, zone):
    office = make_actor(Role.DISTRICT_OFFICE, zone)
    login(client, office)
    body = TripartiteBody.objects.get(organization__name="兴仁街道")
    unit = add_member_unit(actor=office, at=NOW, organization=body.organization, name="兴仁街道总工会",
                           kind="TRADE_UNION_FEDERATION")  # fmt: skip
    seat = add_seat(actor=office, at=NOW, body=body, kind="TRADE_UNION_FEDERATION")
    with pytest.raises(DomainError, match="已有"):
        add_seat(actor=office, at=NOW, body=body, kind="TRADE_UNION_FEDERATION")
    edit_seat(actor=office, at=NOW, seat=seat, state="FILLED", unit=unit)
    form = {"name": "兴仁街道总工会", "kind": "TRADE_UNION_FEDERATION", "phone": "0632-8691234"}
    assert client.post(f"/people/units/{unit.pk}/edit/", form).status_code == 302
    page = client.get(f"/people/bodies/{body.pk}/").content.decode()
    assert "0632-8691234" in page and "兴仁街道总工会" in page and "修改成员单位" in page
    with pytest.raises(DomainError, match="5个字"):
        remove_seat(actor=office, at=NOW, seat=seat, reason="无")
    remove_seat(actor=office, at=NOW, seat=seat, reason="街道未设总工会")
    assert not body.seats.exists()
    other = make_actor(Role.DISTRICT_OFFICE)
    with pytest.raises(NotAllowed):
        edit_member_unit(actor=other, at=NOW, unit=unit, **form)


@pytest.mark.parametrize("url", ["/people/bodies/", "/people/bodies/establish/"])
def test_statements_do_not_grow_with_the_bodies(client, zone, django_assert_max_num_queries, url):
    login(client, make_actor(Role.CITY_OFFICE))
    client.get(url)
    with django_assert_max_num_queries(4):
        client.get(url)
