"""账号审批: which acts need a second person, and who that may be. Four eyes are four: nobody alone becomes another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import ADMIN_ROLES, CITY_ROLES, DISTRICT_ROLES, AccountAct, Role
from zaozhuang_portal.accounts.models import AccountRequest, User
from zaozhuang_portal.accounts.permissions.people import MANAGER_ROLES
from zaozhuang_portal.kernel.errors import NotAllowed

# They review, countersign, receive or watch: a second one in the same hand would undo the first.
GUARDED_ROLES = CITY_ROLES | DISTRICT_ROLES | ADMIN_ROLES
# Taking away acts at once; only the watchers cannot be shut out by one alone.
_TAKING = frozenset({AccountAct.DISABLE, AccountAct.DISMISS, AccountAct.END})
REQUEST_READERS = MANAGER_ROLES | ADMIN_ROLES

# Whose requests a role decides. An administrator's are decided by another of the three (系统、安全、审计).
DECIDES: Mapping[str, frozenset[str]] = {
    Role.DISTRICT_OFFICE: frozenset({Role.DISTRICT_OFFICE}),
    Role.CITY_OFFICE: frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE}),
    Role.SYSTEM_ADMIN: frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE}),
    Role.SECURITY_ADMIN: frozenset({Role.SYSTEM_ADMIN, Role.CITY_OFFICE}),
    Role.AUDITOR: frozenset({Role.SYSTEM_ADMIN}),
}
APPROVER_ROLES = frozenset(DECIDES)
_SEES: Mapping[str, frozenset[str]] = {
    Role.DISTRICT_OFFICE: frozenset({Role.DISTRICT_OFFICE}),
    Role.CITY_OFFICE: frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE}),
    **dict.fromkeys(ADMIN_ROLES, MANAGER_ROLES),
}


def approval_needed(*, act: str, requester_role: str, roles: Collection[str], reaches_owner: bool) -> bool:
    """Whether a second person must agree. `roles`: what the person concerned holds or is to hold; `reaches_owner`: the
    activation code goes to a number only the owner has.
    """
    concerned = set(roles)
    if act in _TAKING:
        return bool(concerned & ADMIN_ROLES)
    if requester_role in ADMIN_ROLES or concerned & ADMIN_ROLES:
        return True
    if act == AccountAct.ENABLE:
        return False
    if concerned & GUARDED_ROLES:
        return True
    return act in {AccountAct.CREATE, AccountAct.RESET} and not reaches_owner


def visible_requests(actor: Actor) -> Q:
    """Over AccountRequest: a district its own, the city the offices', the three administrators all."""
    condition = Q(requester_role__in=_SEES.get(actor.role, frozenset()))
    if actor.role == Role.DISTRICT_OFFICE:
        condition &= Q(organization=actor.organization)
    return condition


def decidable_requests(actor: Actor) -> Q:
    """Over AccountRequest: those waiting that this actor may decide; never one's own, nor one about oneself."""
    condition = (
        Q(state="PENDING", requester_role__in=DECIDES.get(actor.role, frozenset()))
        & ~Q(requested_by=actor.user)
        & (Q(user__isnull=True) | ~Q(user=actor.user))
    )
    if actor.role == Role.DISTRICT_OFFICE:
        condition &= Q(organization=actor.organization)
    if actor.user.phone:
        condition &= ~Q(requested_by__phone=actor.user.phone)
    return condition


def is_same_person(one: User, other: User) -> bool:
    """One account, or two with one telephone: what links the accounts of a person here."""
    return one.pk == other.pk or bool(one.phone and one.phone == other.phone)


def check_may_decide(actor: Actor, request: AccountRequest) -> None:
    """Raise NotAllowed with the reason unless the actor is a second person for this request."""
    if is_same_person(actor.user, request.requested_by):
        raise NotAllowed("不能批准自己提出的申请，请由另一人办理。", code="own_request")
    if request.user is not None and is_same_person(actor.user, request.user):
        raise NotAllowed("申请涉及您本人的账号，请由另一人办理。", code="own_account")
    foreign = actor.role == Role.DISTRICT_OFFICE and (
        actor.organization is None or request.organization_id != actor.organization.pk
    )
    if foreign or request.requester_role not in DECIDES.get(actor.role, frozenset()):
        raise NotAllowed(f"这项申请由{approver_words(request.requester_role)}批准。")


def approver_words(requester_role: str) -> str:
    """Who may approve what this role asks for, in words."""
    return {
        Role.DISTRICT_OFFICE: "本区（市）三方办公室的另一人或市三方委员会办公室",
        Role.CITY_OFFICE: "市三方委员会办公室的另一人或系统、安全管理员",
        Role.SYSTEM_ADMIN: "安全管理员或审计管理员",
    }[Role(requester_role)]
