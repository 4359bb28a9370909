"""People of the demo city: the printed sign-ins, and an office and a member for every other district."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from django.contrib.auth.hashers import make_password

from cultivation.models import Subject, SubjectContact
from reporting.demo.accounts import DEMO_PASSWORD, DEMO_SIGN_INS, SHOWN_DISTRICT, DemoSignIn
from zaozhuang_portal.accounts.actors import Actor, Capacity, list_capacities
from zaozhuang_portal.accounts.enums import AccountAct, Level, Role
from zaozhuang_portal.accounts.models import MemberUnit, Organization, User
from zaozhuang_portal.accounts.services.account_requests import request_account_act
from zaozhuang_portal.accounts.services.memberships import add_membership
from zaozhuang_portal.accounts.services.users import new_user

SINCE = date(2023, 6, 1)


@dataclass
class People:
    """Actors by role; `offices` and `members` by district code."""

    city: Actor
    offices: dict[str, Actor] = field(default_factory=dict)
    members: dict[str, Actor] = field(default_factory=dict)


# One slow hash for the whole city: sixty of them would be most of the loading time.
_hashed = cache(make_password)


def _person(entry: DemoSignIn, now: datetime) -> User:
    user = new_user(username=entry.username, full_name=entry.full_name, phone="")
    user.password = _hashed(entry.password)
    user.must_change_password = False
    user.password_expires_at = None
    user.password_changed_at = now
    user.save(
        update_fields=["password", "must_change_password", "password_expires_at", "password_changed_at"]
    )
    return user


def _actor(user: User) -> Actor:
    capacity: Capacity = list_capacities(user)[0]
    return Actor(user, capacity)


def appoint(entry: DemoSignIn, organization: Organization, now: datetime) -> Actor:
    """The account with its membership; of a member unit when the sign-in names a party."""
    unit = (
        MemberUnit.objects.filter(organization=organization, kind=entry.unit_kind).first()
        if entry.unit_kind
        else None
    )
    if entry.unit_kind and unit is None:
        unit = MemberUnit.objects.filter(organization=organization).first()
    user = _person(entry, now)
    add_membership(
        actor=None,
        at=now,
        user=user,
        role=entry.role,
        organization=organization,
        member_unit=unit,
        valid_from=SINCE,
    )
    return _actor(user)


def create_people(*, now: datetime) -> People:
    """Everybody but enterprise contacts, who need their enterprise first."""
    city = Organization.objects.get(level=Level.CITY)
    made: dict[str, Actor] = {}
    for entry in DEMO_SIGN_INS:
        if entry.role == Role.SUBJECT_CONTACT:
            continue
        place = Organization.objects.get(code=entry.district) if entry.district else city
        made[entry.username] = appoint(entry, place, now)
    people = People(city=made["shiban"])
    people.offices["370481"], people.members["370481"] = made["tengzhou"], made["tengzhou2"]
    for district in Organization.objects.districts().exclude(code="370481"):
        key = district.code.lower()
        office = DemoSignIn(f"q{key}", f"{district.name}办", Role.DISTRICT_OFFICE, district.code)
        member = DemoSignIn(
            f"q{key}-2", f"{district.name}员", Role.DISTRICT_MEMBER, district.code, "TRADE_UNION_FEDERATION"
        )
        people.offices[district.code] = appoint(office, district, now)
        people.members[district.code] = appoint(member, district, now)
    return people


def ask_for_a_colleague(people: People, now: datetime) -> None:
    """One account act that waits for a second person: the district asks, the city's office finds it in its inbox."""
    office = people.offices[SHOWN_DISTRICT]
    request_account_act(
        actor=office,
        at=now,
        act=AccountAct.CREATE,
        base_url="",
        username="tengzhou3",
        full_name="刘新任",
        role=Role.DISTRICT_OFFICE,
        organization=office.organization,
        post="科员",
        reason="接替调离的同志，负责企业自评核验",
    )


def contact_of(subject: Subject, *, now: datetime) -> Actor:
    """The subject's contact: the printed sign-in for the first subject of its district, else one made for it."""
    printed = next(entry for entry in DEMO_SIGN_INS if entry.role == Role.SUBJECT_CONTACT)
    existing = SubjectContact.objects.filter(subject=subject).select_related("user").first()
    if existing is None:
        shown = subject.managing_organization.code == printed.district
        free = not User.objects.filter(username=printed.username).exists()
        entry = (
            printed
            if shown and free
            else DemoSignIn(
                f"hr{subject.pk}", f"{subject.name[:2]}经办", Role.SUBJECT_CONTACT, password=DEMO_PASSWORD
            )
        )
        existing = SubjectContact.objects.create(user=_person(entry, now), subject=subject, valid_from=SINCE)
    capacity = next(c for c in list_capacities(existing.user) if c.subject_id == subject.pk)
    return Actor(existing.user, capacity)
