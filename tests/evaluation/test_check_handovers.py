"""交接 of checks and rectifications: the successor takes them whole, or they stay with why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cultivation.services.handovers import hand_over, open_work
from evaluation.enums import CheckState
from evaluation.models import Inspector, Rectification, SpotCheck, TeamMember
from tests.evaluation.rectification_builders import issued
from tests.evaluation.spot_check_builders import NOW, make_check, make_drawn_round, make_inspector, make_team
from tests.factories import make_actor, make_membership, make_organization, make_subject, make_user, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, Role
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.errors import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Actor:
    return make_actor(Role.CITY_OFFICE)


def colleague(organization: Organization, role: Role) -> User:
    user = make_user()
    make_membership(user, role, organization)
    return user


def inspector(user: User | None, place: Organization, **more: Any) -> Inspector:
    values = {"organization": place, "unit_name": "市直", "active_from": NOW.date(), "created_at": NOW}
    return make_inspector(user, **values | more)


def give(actor: Actor, leaver: User, successor: User, **more: Any) -> dict[str, Any]:
    assert actor.organization is not None
    receipt = hand_over(
        actor=actor,
        organization=actor.organization,
        leaver=leaver,
        successor=successor,
        reason="工作调动离岗",
        now=NOW + timedelta(hours=1),
        **more,
    ).receipt
    return {entry["label"]: entry for entry in receipt}


def checks(office: Actor, leaver: User) -> tuple[SpotCheck, SpotCheck]:
    """One the leaver leads, one that is concluded."""
    city = office.organization
    assert city is not None
    held = make_drawn_round(office)
    one, other = inspector(leaver, city), inspector(None, city, party=MemberUnitKind.TRADE_UNION_FEDERATION)
    open_check, over = make_check(CheckState.NOTIFIED, held=held), make_check(CheckState.CONCLUDED, held=held)
    for check in (open_check, over):
        make_team(check, one, other)
    return open_check, over


def test_the_successor_leads_what_the_leaver_led(office: Actor) -> None:
    city = office.organization
    assert city is not None
    leaver, successor = colleague(city, Role.CITY_MEMBER), colleague(city, Role.CITY_MEMBER)
    check, over = checks(office, leaver)
    heir = inspector(successor, city)
    receipt = give(office, leaver, successor)
    assert receipt["抽查检查任务"]["items"] == [f"{check.number} {check.name}（主检，已通知）"]
    lead = TeamMember.objects.get(check_record=check, until_at__isnull=True, lead=True)
    assert lead.inspector == heir
    old = TeamMember.objects.get(check_record=check, inspector__user=leaver)
    assert old.until_at is not None and old.change_reason == f"交接给{successor.full_name}"
    assert TeamMember.objects.get(check_record=over, lead=True).inspector.user == leaver, "history stays"
    assert open_work(actor=office, organization=city, leaver=leaver, now=NOW) == []


def test_who_is_not_in_the_register_or_of_the_other_party_cannot_take_them(office: Actor) -> None:
    city = office.organization
    assert city is not None
    leaver, successor = colleague(city, Role.CITY_MEMBER), colleague(city, Role.CITY_MEMBER)
    check, _ = checks(office, leaver)
    with pytest.raises(DomainError, match="不在检查人员名录中"):
        give(office, leaver, successor)
    heir = inspector(successor, city, party=MemberUnitKind.TRADE_UNION_FEDERATION)
    with pytest.raises(DomainError, match="不同方的两人"):
        give(office, leaver, successor)
    Inspector.objects.filter(pk=heir.pk).update(party=MemberUnitKind.HRSS)
    give(office, leaver, successor)
    assert not SpotCheck.objects.inspected_by(leaver).exists()
    assert check in SpotCheck.objects.inspected_by(successor)


def test_a_district_gives_its_orders_and_its_inspectors_stay_for_the_city(office: Actor) -> None:
    district = make_organization(Level.DISTRICT)
    make_year(2026)
    head = make_actor(Role.DISTRICT_OFFICE, district)
    leaver, successor = colleague(district, Role.DISTRICT_MEMBER), colleague(district, Role.DISTRICT_MEMBER)
    own, of_firm = issued(office, district), issued(office, make_subject(district), clause="DC03")
    foreign = issued(office, make_organization(Level.DISTRICT), clause="DC04")
    Rectification.objects.filter(pk__in=[own.pk, of_firm.pk, foreign.pk]).update(responsible_user=leaver)
    check = make_check(CheckState.ASSIGNED, held=make_drawn_round(office))
    make_team(check, inspector(leaver, district), inspector(None, district, party="TRADE_UNION_FEDERATION"))
    with pytest.raises(DomainError, match="不能移交"):
        give(head, leaver, successor)
    receipt = give(head, leaver, successor, stays=["spot_checks"])
    assert "市三方委员会办公室" in receipt["抽查检查任务"]["stays"]
    assert len(receipt["正在办理的整改"]["items"]) == 2
    holders = dict(Rectification.objects.values_list("pk", "responsible_user"))
    assert holders == {own.pk: successor.pk, of_firm.pk: successor.pk, foreign.pk: leaver.pk}
