"""Opening, resetting, leaving; who may do it to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount

from tests.factories import (
    PASSWORD,
    login,
    make_actor,
    make_member_unit,
    make_membership,
    make_organization,
    make_user,
)
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry, Membership, User
from zaozhuang_portal.accounts.permissions.people import visible_users
from zaozhuang_portal.accounts.services.memberships import add_membership, end_membership
from zaozhuang_portal.accounts.services.passwords import activate_user, issue_activation, reset_sign_in
from zaozhuang_portal.accounts.services.users import (
    create_user,
    dismiss_user,
    set_user_active,
    update_user,
)
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
NOW = clock.now()
NEW = "Haitang-Lvshu-77"


@pytest.fixture
def district():
    return make_organization(Level.DISTRICT)


@pytest.fixture
def office(district):
    return make_actor(Role.DISTRICT_OFFICE, district)


def activate(activation, password=NEW, at=NOW):
    return activate_user(
        user_id=activation.user.pk, code=activation.issued.grouped.lower(), password=password, at=at, ip=None
    )


def issue(user):
    """The activation as the person concerned gets it; who hands it over is tests/accounts/test_four_eyes.py."""
    return issue_activation(user=user, at=NOW, issued_by=None)


def open_account(actor, organization, role=Role.TOWNSHIP_STAFF, **fields):
    return create_user(
        actor=actor,
        at=NOW,
        username="wang.li",
        full_name="王丽",
        role=role,
        organization=organization,
        **fields,
    )


def test_district_opens_an_account_and_its_owner_sets_the_password(office, district):
    township = make_organization(Level.TOWNSHIP, parent=district)
    user = open_account(office, township)
    activation = issue(user)
    assert not user.has_usable_password()
    activate(activation)
    user.refresh_from_db()
    assert user.check_password(NEW)
    with pytest.raises(DomainError, match="已使用或已过期"):
        activate(activation, "Another-Pass-88x")
    actions = set(AuditEntry.objects.filter(kind="User").values_list("action", flat=True))
    assert actions == {"create_user", "add_membership", "activate_user"}
    assert activation.issued.code not in str(list(AuditEntry.objects.values()))


def test_activation_expires_after_72_hours(office, district):
    activation = issue(open_account(office, district, Role.DISTRICT_OFFICE))
    with pytest.raises(DomainError):
        activate(activation, at=NOW + timedelta(hours=72))
    activate(activation, at=NOW + timedelta(hours=71, minutes=59))


def test_weak_password_does_not_use_up_the_code(office, district):
    activation = issue(open_account(office, district, Role.DISTRICT_OFFICE))
    with pytest.raises(DomainError, match="地名"):
        activate(activation, "Zaozhuang2026!")
    activate(activation)


@pytest.mark.parametrize(
    ("role", "level"),
    [(Role.CITY_OFFICE, Level.CITY), (Role.SYSTEM_ADMIN, Level.CITY), (Role.LEADER, Level.CITY)],
)
def test_district_cannot_give_more_than_it_has(office, role, level):
    with pytest.raises(NotAllowed):
        open_account(office, make_organization(level), role)


def test_district_cannot_place_people_in_another_district(office):
    with pytest.raises(NotAllowed):
        open_account(office, make_organization(Level.DISTRICT), Role.DISTRICT_OFFICE)
    assert not User.objects.filter(username="wang.li").exists()


def test_role_must_fit_the_level(office, district):
    with pytest.raises(NotAllowed, match="不能设在"):
        open_account(office, district, Role.TOWNSHIP_STAFF)


def test_member_role_needs_a_unit_of_that_organization(office, district):
    with pytest.raises(DomainError, match="须选择成员单位"):
        open_account(office, district, Role.DISTRICT_MEMBER)
    foreign = make_member_unit(make_organization())
    with pytest.raises(DomainError, match="不属于"):
        open_account(office, district, Role.DISTRICT_MEMBER, member_unit=foreign)
    open_account(office, district, Role.DISTRICT_MEMBER, member_unit=make_member_unit(district))


def test_username_is_unique_without_regard_to_case(office, district):
    make_user("wang.li")
    with pytest.raises(DomainError, match="已被使用"):
        create_user(
            actor=office,
            at=NOW,
            username="Wang.Li ",
            full_name="王丽",
            role=Role.DISTRICT_OFFICE,
            organization=district,
        )


def test_reset_kills_password_and_sessions(client, office, district):
    other = make_actor(Role.DISTRICT_OFFICE, district)
    login(client, other)
    assert client.get("/accounts/password/change/").status_code != 302
    SocialAccount.objects.create(user=other.user, provider="unified", uid="u1")
    reset_sign_in(actor=office, at=NOW, user=other.user)
    assert not SocialAccount.objects.exists()
    activation = issue(other.user)
    other.user.refresh_from_db()
    assert not other.user.check_password(PASSWORD)
    assert client.get("/accounts/password/change/").status_code == 302
    activate(activation)


def test_reset_of_somebody_who_also_works_for_the_city_is_refused(office, district):
    other = make_actor(Role.DISTRICT_OFFICE, district)
    make_membership(other.user, Role.CITY_OFFICE, make_organization(Level.CITY))
    for act in (
        lambda: reset_sign_in(actor=office, at=NOW, user=other.user),
        lambda: set_user_active(actor=office, at=NOW, user=other.user, active=False, reason="离岗"),
        lambda: update_user(actor=office, at=NOW, user=other.user, full_name="李四", phone="", email=""),
    ):
        with pytest.raises(NotAllowed, match="管理范围以外"):
            act()


def test_administrators_are_separate_from_business(district):
    admin = make_actor(Role.SYSTEM_ADMIN)
    city = make_organization(Level.CITY)
    officer = make_actor(Role.CITY_OFFICE)
    with pytest.raises(NotAllowed, match="不能兼任"):
        add_membership(actor=admin, at=NOW, user=officer.user, role=Role.AUDITOR, organization=city)
    with pytest.raises(NotAllowed, match="不能兼任"):
        add_membership(actor=admin, at=NOW, user=admin.user, role=Role.CITY_OFFICE, organization=city)


def test_leaver(client, office, district):
    other = make_actor(Role.DISTRICT_OFFICE, district)
    login(client, other)
    dismiss_user(actor=office, at=NOW, user=other.user, reason="调离")
    assert client.get("/accounts/2fa/").status_code == 302
    today = clock.shanghai_date(NOW)
    assert not Membership.objects.in_force(today).filter(user=other.user).exists()
    entry = AuditEntry.objects.get(action="dismiss_user")
    assert entry.reason == "调离"
    assert entry.changes["memberships"][1] == []


def test_nobody_ends_the_capacity_in_use_or_disables_oneself(office):
    own = Membership.objects.get(user=office.user)
    with pytest.raises(DomainError, match="正在使用"):
        end_membership(actor=office, at=NOW, membership=own, reason="x")
    with pytest.raises(DomainError, match="自己"):
        set_user_active(actor=office, at=NOW, user=office.user, active=False, reason="x")


def test_visible_users(office, district):
    township = make_organization(Level.TOWNSHIP, parent=district)
    mine = make_actor(Role.TOWNSHIP_STAFF, township).user
    sibling = make_actor(Role.DISTRICT_OFFICE).user
    city = make_actor(Role.CITY_OFFICE)
    admin = make_actor(Role.SYSTEM_ADMIN)

    def seen(actor):
        return set(User.objects.filter(visible_users(actor)))

    assert seen(office) == {office.user, mine}
    assert seen(city) == {office.user, sibling, city.user}
    assert seen(admin) == set(User.objects.all())
    assert seen(make_actor(Role.TOWNSHIP_STAFF, township)) == set()
    assert seen(make_actor(Role.AUDITOR)) == set()
