"""账号审批: the one door through which accounts are opened, reset, given capacities and taken away. Some acts need a second
person; those that need none are written down as well, with the reason why.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from zaozhuang_portal.accounts.actors import Actor, find_capacity
from zaozhuang_portal.accounts.enums import AccountAct, AccountRequestState, Role, Waiver
from zaozhuang_portal.accounts.models import AccountRequest, Membership, MemberUnit, Organization, User
from zaozhuang_portal.accounts.permissions.account_requests import (
    approval_needed,
    approver_words,
    check_may_decide,
)
from zaozhuang_portal.accounts.selectors.account_requests import (
    administrators_of,
    first_start_is_over,
    roles_held,
)
from zaozhuang_portal.accounts.services.activations import OPENING_ACTS, deliver_activation, reaches_owner
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.memberships import add_membership, end_membership
from zaozhuang_portal.accounts.services.passwords import reset_sign_in
from zaozhuang_portal.accounts.services.users import (
    clean_username,
    create_user,
    dismiss_user,
    set_user_active,
)
from zaozhuang_portal.accounts.telling import tell
from zaozhuang_portal.accounts.workflows import ACCOUNT_REQUEST, APPROVER, REQUESTER, SWEEPER
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.locks import lock_name

LIFETIME = timedelta(days=14)


@transaction.atomic
def request_account_act(
    *,
    actor: Actor,
    at: datetime,
    act: AccountAct,
    base_url: str,
    user: User | None = None,
    username: str = "",
    full_name: str = "",
    role: str = "",
    organization: Organization | None = None,
    member_unit: MemberUnit | None = None,
    membership: Membership | None = None,
    phone: str = "",
    email: str = "",
    post: str = "",
    valid_from: date | None = None,
    reason: str = "",
) -> AccountRequest:
    """Ask for an act on an account. What needs no second person is done at once (`state` APPROVED), the rest waits.

    The act is tried first and taken back, so that whatever would refuse it (reach, 三员分立, a name in use) is said to the
    one who asks: the errors of the services below. DomainError also when the same is waiting already.
    """
    expire_account_requests(now=at)
    if act == AccountAct.CREATE:
        username = clean_username(username)
    elif user is not None:
        username, full_name = user.username, user.full_name
    lock_name(f"account_request {act} {username}")
    waiting = AccountRequest.objects.filter(act=act, username=username, state=AccountRequestState.PENDING)
    if waiting.exists():
        raise DomainError(
            f"{full_name}（{username}）的“{act.label}”已有申请在等待批准，不必重复提出。",
            code="waiting",
            field="username" if act == AccountAct.CREATE else "",
        )
    if membership is not None:
        role, organization, member_unit = membership.role, membership.organization, membership.member_unit
    row = AccountRequest(
        act=act,
        user=user,
        username=username,
        full_name=full_name.strip(),
        role=role,
        place=str(member_unit or organization or ""),
        payload={
            "organization": organization.pk if organization else None,
            "member_unit": member_unit.pk if member_unit else None,
            "membership": membership.pk if membership else None,
            "phone": phone,
            "email": email,
            "post": post,
            "valid_from": valid_from.isoformat() if valid_from else None,
        },
        reason=reason.strip(),
        requested_by=actor.user,
        requested_at=at,
        capacity_key=actor.capacity.key,
        requester_role=actor.role,
        organization=actor.organization,
        seed=secrets.token_hex(16),
        expires_at=at + LIFETIME,
    )
    _try(row, actor, at)
    row.waiver = _waiver(row, actor)
    if row.waiver:
        row.state, row.decided_at = AccountRequestState.APPROVED, at
    row.save()
    if row.waiver:
        _finish(row, actor, at, base_url, action="do_account_act", by=actor)
    else:
        _record(row, actor, at, "request_account_act")
        _tell_waiting(row, at)
    return row


@transaction.atomic
def approve_account_request(
    *, actor: Actor, at: datetime, request: AccountRequest, base_url: str, comment: str = ""
) -> AccountRequest:
    """A second person agrees: the act is done now, with the rights its requester has now.

    NotAllowed for the requester, the person concerned and anybody not entitled; IllegalTransition when it is decided
    already; DomainError when it has expired, when the requester has left, or when the act is no longer possible.
    """
    row = _lock(request)
    check_may_decide(actor, row)
    if row.expires_at <= at:
        raise DomainError("这项申请已过期，请申请人重新提出。", code="expired")
    found = find_capacity(row.capacity_key)
    if found is None or found[0].pk != row.requested_by_id or not found[0].is_active:
        raise DomainError("申请人已不在该岗位，不能按这项申请办理，请不予批准。", code="requester_left")
    decision = {"decided_by": actor.user, "decided_at": at, "comment": comment.strip()}
    ACCOUNT_REQUEST.apply(row, "approve", role=APPROVER, changes=decision)
    _finish(row, Actor(*found), at, base_url, action="approve_account_act", by=actor)
    return row


@transaction.atomic
def refuse_account_request(
    *, actor: Actor, at: datetime, request: AccountRequest, comment: str
) -> AccountRequest:
    """Nothing is done. DomainError without a reason; otherwise as approve_account_request."""
    row = _lock(request)
    check_may_decide(actor, row)
    if len(comment.strip()) < 2:
        raise DomainError("请写明不予批准的理由。", code="required", field="comment")
    decision = {"decided_by": actor.user, "decided_at": at, "comment": comment.strip()}
    ACCOUNT_REQUEST.apply(row, "refuse", role=APPROVER, changes=decision)
    _record(row, actor, at, "refuse_account_act")
    tell(
        users=[row.requested_by],
        title=f"未批准：{row}",
        body=f"{actor.user.full_name}：{row.comment}",
        url=_page(row),
        at=at,
        object_id=row.pk,
    )
    return row


@transaction.atomic
def withdraw_account_request(*, actor: Actor, at: datetime, request: AccountRequest) -> AccountRequest:
    """Taken back by whoever asked. NotAllowed for others, IllegalTransition when it is decided already."""
    row = _lock(request)
    if row.requested_by_id != actor.user.pk:
        raise NotAllowed("只有申请人可以撤回。")
    ACCOUNT_REQUEST.apply(row, "withdraw", role=REQUESTER, changes={"decided_at": at})
    _record(row, actor, at, "withdraw_account_act")
    return row


@transaction.atomic
def expire_account_requests(*, now: datetime) -> int:
    """What nobody decided in two weeks. Running twice changes nothing the second time."""
    late = AccountRequest.objects.filter(state=AccountRequestState.PENDING, expires_at__lte=now)
    rows = list(late.select_for_update(of=("self",)).select_related("requested_by"))
    for row in rows:
        ACCOUNT_REQUEST.apply(row, "expire", role=SWEEPER, changes={"decided_at": now})
        _record(row, None, now, "expire_account_act")
        title = f"申请过期未批准：{row}"
        tell(users=[row.requested_by], title=title, url=_page(row), at=now, object_id=row.pk)
    return len(rows)


def _lock(request: AccountRequest) -> AccountRequest:
    return (
        AccountRequest.objects.select_for_update(of=("self",))
        .select_related("requested_by", "user")
        .get(pk=request.pk)
    )


class _TakenBack(Exception):
    """Ends the trial of an act."""


def _try(row: AccountRequest, requester: Actor, at: datetime) -> None:
    try:
        with transaction.atomic():
            _execute(row, requester, at)
            raise _TakenBack
    except _TakenBack:
        return


def _waiver(row: AccountRequest, actor: Actor) -> str:
    roles = roles_held(row.user, on=shanghai_date(row.requested_at)) | ({row.role} if row.role else set())
    needed = approval_needed(
        act=row.act, requester_role=actor.role, roles=roles, reaches_owner=reaches_owner(row.user)
    )
    if not needed:
        return Waiver.NOT_NEEDED
    if actor.role == Role.SYSTEM_ADMIN and not first_start_is_over():
        return Waiver.FIRST_START
    return ""


def _finish(
    row: AccountRequest, requester: Actor, at: datetime, base_url: str, *, action: str, by: Actor
) -> None:
    """Do the act, see to the activation, tell whom it concerns."""
    user = _execute(row, requester, at)
    row.user = user
    if row.act in OPENING_ACTS:
        row.delivery = deliver_activation(request=row, user=user, at=at, base_url=base_url)
    row.save(update_fields=["user", "delivery"])
    _record(row, by, at, action)
    agreed = f"，{row.decided_by.full_name}批准" if row.decided_by else ""
    body = (
        f"{row.requested_by.full_name}申请{agreed}。不是您要求的，请立即告诉市三方委员会办公室或审计管理员。"
    )
    tell(users=[user], title=f"您的账号：{row.get_act_display()}", body=body, at=at, object_id=row.pk)
    if row.decided_by:
        tell(users=[row.requested_by], title=f"已批准：{row}", url=_page(row), at=at, object_id=row.pk)
    if row.waiver == Waiver.FIRST_START or row.requester_role == Role.SYSTEM_ADMIN:
        label = f"{row.get_waiver_display()}：" if row.waiver else ""
        title = f"系统管理员办理账号事项：{label}{row}"
        tell(users=administrators_of(Role.AUDITOR), title=title, url=_page(row), at=at, object_id=row.pk)


def _tell_waiting(row: AccountRequest, at: datetime) -> None:
    """The person concerned hears of it at once; the administrators have no 待办 that would show it."""
    if row.user is not None:
        body = f"{row.requested_by.full_name}提出，由{approver_words(row.requester_role)}批准。不是您要求的，请立即告诉他们。"
        tell(
            users=[row.user], title=f"有人申请为您{row.get_act_display()}", body=body, at=at, object_id=row.pk
        )
    deciders = {
        Role.SYSTEM_ADMIN: (Role.SECURITY_ADMIN, Role.AUDITOR),
        Role.CITY_OFFICE: (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN),
    }.get(Role(row.requester_role), ())
    people = [user for role in deciders for user in administrators_of(role) if user.pk != row.user_id]
    tell(users=people, title=f"待批准：{row}", url=_page(row), at=at, object_id=row.pk)


def _page(row: AccountRequest) -> str:
    return reverse("accounts:request_detail", args=[row.pk])


def _record(row: AccountRequest, actor: Actor | None, at: datetime, action: str) -> None:
    changes: dict[str, Any] = {"state": [None, row.get_state_display()]}
    if row.waiver:
        changes["waiver"] = [None, row.get_waiver_display()]
    if row.role:
        changes["role"] = [None, f"{row.place}·{row.get_role_display()}"]
    record_audit(
        actor=actor,
        at=at,
        action=action,
        kind="AccountRequest",
        object_id=row.pk,
        label=str(row),
        changes=changes,
        reason=row.comment or row.reason,
    )


def _execute(row: AccountRequest, requester: Actor, at: datetime) -> User:
    """The act itself, with the rights of its requester; the user concerned. New acts (a telephone, say) join here."""
    if row.act == AccountAct.CREATE:
        payload = _placement(row)
        payload |= {name: row.payload[name] for name in ("phone", "email")}
        return create_user(actor=requester, at=at, username=row.username, full_name=row.full_name, **payload)
    user = row.user
    if user is None:  # pragma: no cover - every other act names a user
        raise DomainError("申请没有写明人员。", code="no_user")
    if row.act == AccountAct.RESET:
        return reset_sign_in(actor=requester, at=at, user=user, reason=row.reason)
    if row.act == AccountAct.GRANT:
        return add_membership(actor=requester, at=at, user=user, **_placement(row)).user
    if row.act == AccountAct.END:
        membership = Membership.objects.get(pk=row.payload["membership"])
        return end_membership(actor=requester, at=at, membership=membership, reason=row.reason).user
    if row.act == AccountAct.DISMISS:
        return dismiss_user(actor=requester, at=at, user=user, reason=row.reason)
    active = row.act == AccountAct.ENABLE
    return set_user_active(actor=requester, at=at, user=user, active=active, reason=row.reason)


def _placement(row: AccountRequest) -> dict[str, Any]:
    payload: Mapping[str, Any] = row.payload
    unit, start = payload["member_unit"], payload["valid_from"]
    return {
        "role": row.role,
        "organization": Organization.objects.get(pk=payload["organization"]),
        "member_unit": MemberUnit.objects.get(pk=unit) if unit else None,
        "post": payload["post"],
        "valid_from": date.fromisoformat(start) if start else None,
    }
