"""Small builders for tests. Each makes one thing with sensible defaults; append your own below the last section."""

from __future__ import annotations

import itertools
from datetime import date
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client

from cultivation.enums import SubjectKind
from cultivation.models import (
    CampaignYear,
    Coordinator,
    GuidanceVisit,
    LiaisonAssignment,
    Pairing,
    Subject,
    SubjectProfile,
    VisitParticipant,
)
from cultivation.rules.subjects import derive_names
from cultivation.services.campaign import load_campaign_years
from zaozhuang_portal.accounts.actors import Actor, list_capacities
from zaozhuang_portal.accounts.enums import SIDE_OF_UNIT, Level, MemberUnitKind, OrganizationKind, Role
from zaozhuang_portal.accounts.models import Membership, MemberUnit, Organization, User
from zaozhuang_portal.accounts.selectors.memberships import capacity_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.credit_code import make_credit_code

PASSWORD = "Qinglang-2026-Shuwei"
_numbers = itertools.count(1)

# --- accounts: organizations, people, actors --------------------------------------------------------------------------

_PARENT_LEVEL = {
    Level.CITY: Level.PROVINCE,
    Level.DISTRICT: Level.CITY,
    Level.TOWNSHIP: Level.DISTRICT,
    Level.PARK: Level.DISTRICT,
}
_KIND = {
    Level.PROVINCE: OrganizationKind.PROVINCE,
    Level.CITY: OrganizationKind.CITY,
    Level.DISTRICT: OrganizationKind.COUNTY_LEVEL,
    Level.TOWNSHIP: OrganizationKind.STREET,
    Level.PARK: OrganizationKind.PARK,
}


def make_organization(
    level: str = Level.DISTRICT,
    *,
    name: str = "",
    code: str = "",
    parent: Organization | None = None,
    legal_parent: Organization | None = None,
    kind: str = "",
    carries_quota: bool | None = None,
) -> Organization:
    """A node of the tree; missing ancestors are made (province and city only once)."""
    fixed = {Level.PROVINCE: ("370000", "山东省"), Level.CITY: ("370400", "枣庄市")}.get(Level(level))
    if fixed and not code:
        existing = Organization.objects.filter(code=fixed[0]).first()
        if existing is not None:
            return existing
        code, name = fixed[0], name or fixed[1]
    number = next(_numbers)
    code = code or f"T{number:05d}"
    if parent is None and level != Level.PROVINCE:
        parent = make_organization(_PARENT_LEVEL[Level(level)])
    return Organization.objects.create(
        code=code,
        name=name or f"测试{Level(level).label}{number}",
        level=level,
        kind=kind or _KIND[Level(level)],
        parent=parent,
        legal_parent=legal_parent,
        path=f"{parent.path if parent else '/'}{code}/",
        carries_quota=(level == Level.DISTRICT) if carries_quota is None else carries_quota,
        sort_order=number % 30000,
    )


def make_member_unit(
    organization: Organization, *, kind: str = MemberUnitKind.HRSS, name: str = ""
) -> MemberUnit:
    return MemberUnit.objects.create(
        organization=organization,
        kind=kind,
        side=SIDE_OF_UNIT[MemberUnitKind(kind)],
        name=name or f"{organization.name}{MemberUnitKind(kind).label}{next(_numbers)}",
    )


@cache
def _password_hash() -> str:
    return make_password(PASSWORD)


def make_user(username: str = "", **fields: Any) -> User:
    """A user who signs in with PASSWORD and owes nothing (no forced change)."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "full_name": f"张测试{number}",
        "password": _password_hash(),
        "must_change_password": False,
        "password_changed_at": clock.now(),
    }
    return User.objects.create(username=username or f"user{number}", **(values | fields))


def make_membership(
    user: User,
    role: str,
    organization: Organization,
    *,
    member_unit: MemberUnit | None = None,
    valid_from: date = date(2023, 1, 1),
    valid_to: date | None = None,
) -> Membership:
    return Membership.objects.create(
        user=user,
        role=role,
        organization=organization,
        member_unit=member_unit,
        valid_from=valid_from,
        valid_to=valid_to,
    )


_LEVEL_OF_ROLE = {
    Role.DISTRICT_OFFICE: Level.DISTRICT,
    Role.DISTRICT_MEMBER: Level.DISTRICT,
    Role.INSTRUCTOR: Level.DISTRICT,
    Role.TOWNSHIP_STAFF: Level.TOWNSHIP,
}


def make_actor(
    role: str = Role.DISTRICT_OFFICE,
    organization: Organization | None = None,
    *,
    user: User | None = None,
    member_unit: MemberUnit | None = None,
) -> Actor:
    """A new user with one membership, as an actor. Without an organization a fitting one is made.

    For enterprise contacts make a SubjectContact and use `actor_for(user)`.
    """
    organization = organization or make_organization(_LEVEL_OF_ROLE.get(Role(role), Level.CITY))
    user = user or make_user()
    membership = make_membership(user, role, organization, member_unit=member_unit)
    return Actor(user, capacity_of(membership))


def actor_for(user: User, capacity_key: str = "") -> Actor:
    """The user in the named capacity, or in the first one."""
    capacities = list_capacities(user)
    return Actor(user, next(c for c in capacities if not capacity_key or c.key == capacity_key))


def login(client: Client, who: User | Actor, capacity: str = "") -> Client:
    """Sign a user or an actor in on a test client, acting in the capacity (key) if given."""
    user = who.user if isinstance(who, Actor) else who
    key = capacity or (who.capacity.key if isinstance(who, Actor) else "")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    if key:
        session = client.session
        session["capacity"] = key
        session.save()
    return client


# --- cultivation: years and subjects ----------------------------------------------------------------------------------


def make_year(year: int = 2026) -> CampaignYear:
    """A campaign year with the defaults of the notice; targets for every district that carries a quota.

    The portal is in use from 2026, as in the demo city.
    """
    load_campaign_years(now=clock.now(), first_in_use=2026)
    return CampaignYear.objects.get(pk=year)


def make_subject(
    organization: Organization | None = None,
    *,
    kind: str = SubjectKind.ENTERPRISE,
    name: str = "",
    **fields: Any,
) -> Subject:
    """A register record by direct insert; an enterprise gets a fictitious valid credit code."""
    number = next(_numbers)
    organization = organization or make_organization(Level.DISTRICT)
    name = name or f"测试{SubjectKind(kind).label}{number}号"
    if kind == SubjectKind.ENTERPRISE:
        fields.setdefault("credit_code", make_credit_code(f"91370400{number:09d}"))
    if kind == SubjectKind.TOWNSHIP:
        fields.setdefault("township", make_organization(Level.TOWNSHIP, parent=organization))
    if kind == SubjectKind.INDUSTRY_PILOT:
        fields.setdefault("pilot_year", 2023)
    derived = derive_names(name)
    subject = Subject.objects.create(
        kind=kind,
        name=name,
        normalized_name=derived.normalized_name,
        search_name=derived.search_name,
        name_bigrams=derived.name_bigrams,
        managing_organization=organization,
        created_at=clock.now(),
        updated_at=clock.now(),
        **fields,
    )
    SubjectProfile.objects.create(subject=subject)
    return subject


# --- cultivation: pairings, liaisons, visits ----------------------------------------------------------------------------


def _record(subject: Subject, fields: dict[str, Any]) -> dict[str, Any]:
    """What every ledger row has, by direct insert: the subject's district, the year 2026."""
    moment = clock.now()
    common = {
        "subject": subject,
        "organization": subject.managing_organization,
        "township": subject.township,
        "year_id": 2026,
        "created_at": moment,
        "updated_at": moment,
    }
    return common | fields


def make_pairing(
    subject: Subject, *, unit: MemberUnit | None = None, person: User | None = None, **fields: Any
) -> Pairing:
    """An open 主结对 from the start of 2026 unless told otherwise; the year must exist."""
    fields.setdefault("starts_on", date(2026, 1, 1))
    fields.setdefault("person_name", person.full_name if person else "" if unit else "周结对")
    return Pairing.objects.create(**_record(subject, fields), unit=unit, person=person)


def make_liaison(subject: Subject, user: User | None = None, **fields: Any) -> LiaisonAssignment:
    """定点联系 by a coordinator of the subject's district; the year must exist."""
    common = {key: value for key, value in _record(subject, {}).items() if key != "subject"}
    coordinator = Coordinator.objects.create(
        **common, name=user.full_name if user else "吴协调", appointed_on=date(2024, 1, 1), user=user
    )
    fields.setdefault("starts_on", date(2026, 1, 1))
    return LiaisonAssignment.objects.create(**_record(subject, fields), coordinator=coordinator)


def make_visit(
    subject: Subject, *, on: date = date(2026, 3, 10), by: User | None = None, **fields: Any
) -> GuidanceVisit:
    """A visit with one participant: `by`, or a name; the year must exist."""
    fields.setdefault("topic", "劳动合同规范指导")
    fields.setdefault("participant_words", by.full_name if by else "郑参加")
    visit = GuidanceVisit.objects.create(**_record(subject, fields), happened_on=on)
    VisitParticipant.objects.create(visit=visit, user=by, name=by.full_name if by else "郑参加")
    return visit
