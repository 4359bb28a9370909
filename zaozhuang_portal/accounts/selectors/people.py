"""Reading people: the list, the detail, the locked-out."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.accounts.permissions.people import manageable_memberships, visible_users
from zaozhuang_portal.accounts.selectors.code_tables import OrganizationEntry, organization_table


def list_users(
    actor: Actor, *, text: str = "", organization_id: int | None = None, state: str = ""
) -> QuerySet[User]:
    """The users an actor manages. `text` is part of name, username or phone; `state` active, disabled, dormant or ''.

    `organization_id` matches a present membership in that organization (the actor's reach is not widened by it).
    """
    users = User.objects.filter(visible_users(actor))
    if text:
        users = users.filter(
            Q(full_name__icontains=text) | Q(username__icontains=text) | Q(phone__icontains=text)
        )
    if organization_id:
        users = users.filter(
            pk__in=Membership.objects.filter(
                manageable_memberships(actor), organization_id=organization_id, valid_to__isnull=True
            ).values("user_id")
        )
    if state in {"active", "disabled"}:
        users = users.filter(is_active=state == "active")
    if state == "dormant":
        users = users.filter(is_active=True, dormancy_warned_on__isnull=False)
    return users


def with_memberships(users: QuerySet[User], actor: Actor, *, on: date) -> QuerySet[User]:
    """Adds `current_memberships`: those in force that the actor manages, by one more statement."""
    memberships = (
        Membership.objects.in_force(on)
        .filter(manageable_memberships(actor))
        .select_related("organization__parent", "member_unit")
    )
    return users.prefetch_related(
        Prefetch("memberships", queryset=memberships, to_attr="current_memberships")
    )


def manageable_units(actor: Actor) -> list[OrganizationEntry]:
    """The units of the list's filter, from the code table: the same reach as `assignable_organizations`."""
    entries = organization_table().values()
    if actor.role == Role.SYSTEM_ADMIN:
        return [entry for entry in entries if entry.level != Level.PROVINCE]
    if actor.role == Role.CITY_OFFICE:
        return [entry for entry in entries if entry.level in {Level.CITY, Level.DISTRICT}]
    own = actor.organization.pk if actor.organization else None
    return [entry for entry in entries if own is not None and own in {entry.pk, entry.parent_id}]


def memberships_of(user: User, actor: Actor) -> QuerySet[Membership]:
    """Past and present memberships within the actor's reach, newest first."""
    return (
        Membership.objects.filter(manageable_memberships(actor), user=user)
        .select_related("organization__parent", "member_unit")
        .order_by("-valid_from", "-id")
    )
