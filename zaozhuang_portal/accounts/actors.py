"""Actor = (user, capacity). Every queryset verb, service and audit row takes the actor (design §2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zaozhuang_portal.accounts.enums import ADMIN_ROLES, CITY_ROLES, DISTRICT_ROLES, Level, Role
from zaozhuang_portal.accounts.models import MemberUnit, Organization, User
from zaozhuang_portal.kernel.parsing import whole_number


@dataclass(frozen=True)
class Capacity:
    """当前身份. `key` is "m<membership pk>" or "s<subject contact pk>"; a contact has no organization of its own."""

    key: str
    role: str
    label: str
    organization: Organization | None = None
    member_unit: MemberUnit | None = None
    subject_id: int | None = None


@dataclass(frozen=True)
class Actor:
    user: User
    capacity: Capacity
    ip: str | None = None
    request_id: str = ""

    @property
    def role(self) -> str:
        return self.capacity.role

    @property
    def organization(self) -> Organization | None:
        return self.capacity.organization

    @property
    def subject_id(self) -> int | None:
        return self.capacity.subject_id

    @property
    def is_city(self) -> bool:
        """Works for the city body (office or member unit)."""
        return self.role in CITY_ROLES

    @property
    def is_district(self) -> bool:
        return self.role in DISTRICT_ROLES

    @property
    def is_administrator(self) -> bool:
        """One of the three administrators: sees no business record, approves nothing but account acts."""
        return self.role in ADMIN_ROLES

    @property
    def district(self) -> Organization | None:
        """The district this actor works for or in; None for city actors and subject contacts.

        For township and park staff this is the managing parent (loaded with the membership).
        """
        organization = self.organization
        if organization is None or organization.level in {Level.PROVINCE, Level.CITY}:
            return None
        return organization if organization.level == Level.DISTRICT else organization.parent

    @property
    def sees_whole_city(self) -> bool:
        """City roles, and leaders placed at the city."""
        return self.is_city or (
            self.role == Role.LEADER
            and self.organization is not None
            and self.organization.level == Level.CITY
        )


CapacityFinder = Callable[[int], "tuple[User, Capacity] | None"]
CapacityLister = Callable[[User], "list[Capacity]"]


@dataclass(frozen=True)
class CapacitySource:
    """One kind of capacity: `find(pk)` returns user and capacity by ONE statement, or None when not in force."""

    prefix: str
    find: CapacityFinder
    list: CapacityLister


_sources: dict[str, CapacitySource] = {}


def register_capacity_source(source: CapacitySource) -> None:
    """Called in AppConfig.ready(): accounts registers memberships, cultivation its subject contacts."""
    _sources[source.prefix] = source


def find_capacity(key: str) -> tuple[User, Capacity] | None:
    """The user and capacity behind a key, checked against the database now (revocation acts at once)."""
    source, number = _sources.get(key[:1]), whole_number(key[1:])
    return source.find(number) if source and number is not None else None


def list_capacities(user: User) -> list[Capacity]:
    """Everything this user may act as today, memberships first."""
    return [capacity for source in _sources.values() for capacity in source.list(user)]
