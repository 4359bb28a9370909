"""The shipped organization tree: 65 townships, three of them in custody, bodies with their seats."""

from __future__ import annotations

import pytest

from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, SeatState
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.rules.organizations import read_tree
from zaozhuang_portal.accounts.services.organizations import load_organizations
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    return load_organizations(at=clock.now())


def test_tree(loaded):
    districts = list(Organization.objects.districts())
    assert [d.label for d in districts] == [
        "市中区",
        "薛城区",
        "峄城区",
        "台儿庄区",
        "山亭区",
        "滕州市",
        "枣庄高新区",
    ]
    assert all(d.carries_quota for d in districts)
    townships = Organization.objects.filter(level=Level.TOWNSHIP)
    assert townships.count() == 65
    assert Organization.objects.get(level=Level.PARK).name == "山亭经济开发区"
    per_district = {d.label: townships.under(d).count() for d in districts}
    assert per_district == {
        "市中区": 11, "薛城区": 7, "峄城区": 7, "台儿庄区": 6, "山亭区": 10, "滕州市": 21, "枣庄高新区": 3,
    }  # fmt: skip


def test_streets_in_custody_report_through_the_zone(loaded):
    zone = Organization.objects.get(code="3704GX")
    streets = Organization.objects.filter(parent=zone)
    assert {s.name for s in streets} == {"兴仁街道", "兴城街道", "张范街道"}
    assert {s.legal_parent.name for s in streets} == {"薛城区"}
    assert streets[0].path.startswith(zone.path)


def test_bodies_and_seats(loaded):
    for row in [*Organization.objects.all(), *TripartiteBody.objects.all(), *Seat.objects.all()]:
        row.clean_fields()
    assert TripartiteBody.objects.filter(established=True).count() == 9
    places = TripartiteBody.objects.filter(organization__level__in=["TOWNSHIP", "PARK"])
    assert places.count() == 66 and not places.filter(established=True).exists()
    assert not Seat.objects.filter(body__in=places).exists()
    assert Seat.objects.count() == 36
    province = TripartiteBody.objects.get(organization__level="PROVINCE")
    assert province.seats.get(kind=MemberUnitKind.HRSS).unit.name == "山东省人力资源和社会保障厅"
    zone_seats = Seat.objects.filter(body__organization__code="3704GX")
    assert zone_seats.values("unit").distinct().count() == 2
    assert zone_seats.get(kind=MemberUnitKind.ENTERPRISE_CONFEDERATION).state == SeatState.REPRESENTED


def test_second_run_changes_nothing_and_keeps_edits(loaded):
    assert (loaded.created, loaded.bodies_created) == (75, 75)
    Organization.objects.filter(code="3704GX").update(carries_quota=False)
    again = load_organizations(at=clock.now())
    assert (again.created, again.bodies_created) == (0, 0)
    assert not Organization.objects.get(code="3704GX").carries_quota


def test_a_parent_that_is_not_listed_is_refused():
    with pytest.raises(ValueError, match="370999"):
        read_tree(
            ["code,name,parent_code,level", "370481001,荆河街道,370999,street"], ["zone_code,township_code"]
        )
