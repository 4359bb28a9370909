"""States of 账号审批. Who may decide which request is in permissions.account_requests."""

from __future__ import annotations

from zaozhuang_portal.accounts.enums import AccountRequestState
from zaozhuang_portal.kernel.workflow import Transition, Workflow

REQUESTER = "requester"
APPROVER = "approver"
SWEEPER = "sweeper"
_PENDING = frozenset({AccountRequestState.PENDING})

ACCOUNT_REQUEST = Workflow(
    "账号审批",
    {state.value: str(state.label) for state in AccountRequestState},
    [
        Transition("approve", "批准", _PENDING, AccountRequestState.APPROVED, frozenset({APPROVER})),
        Transition("refuse", "不予批准", _PENDING, AccountRequestState.REFUSED, frozenset({APPROVER})),
        Transition("withdraw", "撤回", _PENDING, AccountRequestState.WITHDRAWN, frozenset({REQUESTER})),
        Transition("expire", "记为过期", _PENDING, AccountRequestState.EXPIRED, frozenset({SWEEPER})),
    ],
)
