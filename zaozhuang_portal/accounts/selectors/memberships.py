"""Memberships as capacities: the source accounts registers for the capacity key "m<pk>"."""

from __future__ import annotations

from zaozhuang_portal.accounts.actors import Capacity
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.kernel.clock import now, shanghai_date


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


def find_membership_capacity(pk: int) -> tuple[User, Capacity] | None:
    """User and capacity of a membership in force today, by one statement."""
    membership = (
        Membership.objects.in_force(shanghai_date(now()))
        .select_related("user", "organization__parent", "member_unit")
        .filter(pk=pk)
        .first()
    )
    return (membership.user, capacity_of(membership)) if membership else None


def list_membership_capacities(user: User) -> list[Capacity]:
    """Every capacity the user holds today through a membership, oldest first."""
    memberships = (
        Membership.objects.in_force(shanghai_date(now()))
        .select_related("organization__parent", "member_unit")
        .filter(user=user)
    )
    return [capacity_of(membership) for membership in memberships]
