"""The way of a rectification: state × action × role → state (design §4a). Further conditions, and four eyes: services."""

from __future__ import annotations

from evaluation.enums import RectificationState
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.kernel.workflow import Transition, Workflow

ISSUE_RECTIFICATION = "issue_rectification"
SUBMIT_RECTIFICATION = "submit_rectification"
FAIL_RECHECK = "fail_recheck"
CONTINUE_RECTIFICATION = "continue_rectification"
CLOSE_RECTIFICATION = "close_rectification"
WITHDRAW_RECTIFICATION = "withdraw_rectification"

_S = RectificationState
_OFFICE = frozenset({str(Role.CITY_OFFICE)})
# The 主检 of the check it came from, whatever the capacity (permissions.rectifications.recheck_role).
INSPECTOR = "INSPECTOR"
_RECHECKERS = frozenset({*(str(role) for role in CITY_ROLES), INSPECTOR})
_UNIT = frozenset({*(str(role) for role in DISTRICT_ROLES), str(Role.SUBJECT_CONTACT)})
_OPEN = frozenset({_S.DRAFTED, _S.IN_PROGRESS, _S.AWAITING_RECHECK, _S.NOT_PASSED})

RECTIFICATION_WORKFLOW = Workflow(
    "整改",
    dict(RectificationState.choices),
    [
        Transition(ISSUE_RECTIFICATION, "下达", frozenset({_S.DRAFTED}), _S.IN_PROGRESS, _OFFICE),
        Transition(SUBMIT_RECTIFICATION, "报送复查", frozenset({_S.IN_PROGRESS}), _S.AWAITING_RECHECK, _UNIT),
        Transition(
            FAIL_RECHECK,
            "复查未通过",
            frozenset({_S.AWAITING_RECHECK}),
            _S.NOT_PASSED,
            _RECHECKERS,
        ),
        Transition(CONTINUE_RECTIFICATION, "继续整改", frozenset({_S.NOT_PASSED}), _S.IN_PROGRESS, _UNIT),
        # After a passed recheck of what was handed in last: services ask.
        Transition(CLOSE_RECTIFICATION, "销号", frozenset({_S.AWAITING_RECHECK}), _S.CLOSED, _OFFICE),
        Transition(WITHDRAW_RECTIFICATION, "撤销整改", _OPEN, _S.WITHDRAWN, _OFFICE),
    ],
)
