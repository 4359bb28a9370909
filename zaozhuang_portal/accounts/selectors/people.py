"""Reading people: the list, the detail, the locked-out."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.accounts.permissions.people import manageable_memberships, visible_users


def list_users(
    actor: Actor, *, text: str = "", organization_id: int | None = None, state: str = ""
) -> QuerySet[User]:
    """The users an actor manages. `text` is part of name, username or phone; `state` active, disabled or ''.

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


def memberships_of(user: User, actor: Actor) -> QuerySet[Membership]:
    """Past and present memberships within the actor's reach, newest first."""
    return (
        Membership.objects.filter(manageable_memberships(actor), user=user)
        .select_related("organization__parent", "member_unit")
        .order_by("-valid_from", "-id")
    )
