"""Who manages whose accounts (design §2): a district its own people and township staff, the city city and district people."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import ADMIN_ROLES, Level, Role
from zaozhuang_portal.accounts.models import Membership, Organization, User
from zaozhuang_portal.accounts.scopes import people_scopes
from zaozhuang_portal.kernel.errors import NotAllowed

# Levels at which a role is held.
LEVELS_OF_ROLE: dict[str, frozenset[str]] = {
    Role.CITY_OFFICE: frozenset({Level.CITY}),
    Role.CITY_MEMBER: frozenset({Level.CITY}),
    Role.DISTRICT_OFFICE: frozenset({Level.DISTRICT}),
    Role.DISTRICT_MEMBER: frozenset({Level.DISTRICT}),
    Role.TOWNSHIP_STAFF: frozenset({Level.TOWNSHIP, Level.PARK}),
    Role.INSTRUCTOR: frozenset({Level.CITY, Level.DISTRICT}),
    Role.LEADER: frozenset({Level.CITY, Level.DISTRICT}),
    Role.SYSTEM_ADMIN: frozenset({Level.CITY}),
    Role.SECURITY_ADMIN: frozenset({Level.CITY}),
    Role.AUDITOR: frozenset({Level.CITY}),
}
MEMBER_ROLES = frozenset({Role.CITY_MEMBER, Role.DISTRICT_MEMBER})
MANAGER_ROLES = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.SYSTEM_ADMIN})
_CITY_GIVES = frozenset(
    {
        Role.CITY_OFFICE,
        Role.CITY_MEMBER,
        Role.DISTRICT_OFFICE,
        Role.DISTRICT_MEMBER,
        Role.INSTRUCTOR,
        Role.LEADER,
    }
)
_DISTRICT_GIVES = frozenset(
    {Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER, Role.TOWNSHIP_STAFF, Role.INSTRUCTOR, Role.LEADER}
)


def assignable_roles(actor: Actor) -> list[str]:
    """The roles this actor may give, in the order of the role list."""
    if actor.role == Role.SYSTEM_ADMIN:
        return [role for role in Role.values if role != Role.SUBJECT_CONTACT]
    given = {Role.CITY_OFFICE: _CITY_GIVES, Role.DISTRICT_OFFICE: _DISTRICT_GIVES}.get(
        Role(actor.role), frozenset()
    )
    return [role for role in Role.values if role in given]


def manageable_memberships(actor: Actor) -> Q:
    """Over Membership: those whose holder this actor manages."""
    if actor.role == Role.SYSTEM_ADMIN:
        return Q()
    if actor.role == Role.CITY_OFFICE:
        return Q(organization__level__in=[Level.CITY, Level.DISTRICT], role__in=_CITY_GIVES)
    if actor.role == Role.DISTRICT_OFFICE and actor.organization is not None:
        return Q(organization__path__startswith=actor.organization.path, role__in=_DISTRICT_GIVES)
    return Q(pk__in=[])


def visible_users(actor: Actor) -> Q:
    """Over User: those this actor sees in user management, through any membership past or present."""
    if actor.role == Role.SYSTEM_ADMIN:
        return Q()
    if actor.role not in MANAGER_ROLES:
        return Q(pk__in=[])
    condition = Q(pk__in=Membership.objects.filter(manageable_memberships(actor)).values("user_id"))
    for scope in people_scopes():
        through = scope.visible(actor)
        if through is not None:
            condition |= through
    return condition


def assignable_organizations(actor: Actor) -> Q:
    """Over Organization: where this actor may place somebody."""
    if actor.role == Role.SYSTEM_ADMIN:
        return ~Q(level=Level.PROVINCE)
    if actor.role == Role.CITY_OFFICE:
        return Q(level__in=[Level.CITY, Level.DISTRICT])
    if actor.role == Role.DISTRICT_OFFICE and actor.organization is not None:
        return Q(path__startswith=actor.organization.path)
    return Q(pk__in=[])


def check_may_assign(actor: Actor, *, role: str, organization: Organization) -> None:
    """Raise NotAllowed unless the actor may give this role in this organization."""
    if role not in assignable_roles(actor):
        raise NotAllowed("您当前的身份不能授予该角色。")
    if organization.level not in LEVELS_OF_ROLE[role]:
        place = f"{organization.name}（{organization.get_level_display()}）"
        raise NotAllowed(f"“{Role(role).label}”不能设在{place}，请改选单位或角色。")
    if not Organization.objects.filter(assignable_organizations(actor), pk=organization.pk).exists():
        raise NotAllowed("您只能为本单位及下级单位登记任职。")


def check_may_manage(actor: Actor, user: User, *, on: date) -> None:
    """Raise NotAllowed unless everything the user holds on that day or later lies within the actor's reach.

    Otherwise a district could take over, by a reset, the account of somebody who also works for the city.
    """
    if actor.role not in MANAGER_ROLES:
        raise NotAllowed
    if actor.role == Role.SYSTEM_ADMIN:
        return
    held = Membership.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), user=user)
    beyond = held.exclude(pk__in=Membership.objects.filter(manageable_memberships(actor)).values("pk"))
    if beyond.exists() or any(scope.reaches_beyond(actor, user) for scope in people_scopes()):
        raise NotAllowed(
            f"{user.full_name}还在您管理范围以外任职，账号请由市三方委员会办公室或系统管理员办理。"
        )


def check_separation(roles: set[str]) -> None:
    """三员分立 (等保 访问控制): an administrator holds that one role and no business role."""
    administrators = roles & ADMIN_ROLES
    if administrators and len(roles) > 1:
        raise NotAllowed(
            "系统、安全、审计管理员须由不同的账号担任，不能兼任业务角色，请另建账号。",
            code="separation",
        )
