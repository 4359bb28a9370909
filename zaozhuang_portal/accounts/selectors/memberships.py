"""Memberships as capacities: the source accounts registers for the capacity key "m<pk>"."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, DateField

from zaozhuang_portal.accounts.actors import Capacity
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.kernel.clock import now, shanghai_date
from zaozhuang_portal.kernel.compiled import CompiledQuery, Slot


def capacity_of(membership: Membership) -> Capacity:
    """The capacity of a membership whose organization (with parent) and member unit are loaded."""
    unit = membership.member_unit
    place = unit.name if unit is not None else membership.organization.name
    return Capacity(
        key=f"m{membership.pk}",
        role=membership.role,
        label=f"{place}·{membership.get_role_display()}",
        organization=membership.organization,
        member_unit=unit,
    )


def _membership_on_a_day() -> Any:
    return (
        Membership.objects.in_force(Slot("on", DateField()))
        .select_related("user", "organization__parent", "member_unit")
        .filter(pk=Slot("pk", BigIntegerField()))[:1]
    )


# Every request of a signed-in person asks this.
_MEMBERSHIP: CompiledQuery[Membership] = CompiledQuery(_membership_on_a_day)


def find_membership_capacity(pk: int) -> tuple[User, Capacity] | None:
    """User and capacity of a membership in force today, by one statement."""
    membership = _MEMBERSHIP.first(pk=pk, on=shanghai_date(now()))
    return (membership.user, capacity_of(membership)) if membership else None


def list_membership_capacities(user: User) -> list[Capacity]:
    """Every capacity the user holds today through a membership, oldest first."""
    memberships = (
        Membership.objects.in_force(shanghai_date(now()))
        .select_related("organization__parent", "member_unit")
        .filter(user=user)
    )
    return [capacity_of(membership) for membership in memberships]
