"""The way of an assessment: state × action × role → state (design §4). Further conditions: services."""

from __future__ import annotations

from evaluation.enums import AssessmentState
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.kernel.workflow import Transition, Workflow

FREEZE = "freeze"
REOPEN = "reopen"
SUBMIT = "submit"
WITHDRAW = "withdraw"
OPEN_REVIEW = "open_review"
RETURN_FOR_CHANGES = "return_for_changes"
VERIFY = "verify"
RECALL = "recall"
SEND_BACK = "send_back"
CONFIRM = "confirm"
ARCHIVE = "archive"

# The role of acts nobody signed in for (year's end).
SYSTEM = "SYSTEM"

_S = AssessmentState
# A district entering the SELF layer from stamped paper (代录) acts in the place of the subject's contact.
_CONTACT = frozenset({str(Role.SUBJECT_CONTACT)})
_DISTRICT = frozenset(str(role) for role in DISTRICT_ROLES)
_CITY = frozenset(str(role) for role in CITY_ROLES)

ASSESSMENT_WORKFLOW = Workflow(
    "自评",
    dict(AssessmentState.choices),
    [
        Transition(FREEZE, "定稿送审议", frozenset({_S.DRAFT, _S.RETURNED}), _S.AWAITING_ADOPTION, _CONTACT),
        Transition(REOPEN, "取消定稿", frozenset({_S.AWAITING_ADOPTION}), _S.DRAFT, _CONTACT),
        Transition(
            SUBMIT,
            "提交自评",
            frozenset({_S.AWAITING_ADOPTION, _S.DRAFT, _S.RETURNED}),
            _S.SUBMITTED,
            _CONTACT,
        ),
        Transition(WITHDRAW, "撤回", frozenset({_S.SUBMITTED}), _S.DRAFT, _CONTACT),
        Transition(OPEN_REVIEW, "开始核验", frozenset({_S.SUBMITTED}), _S.UNDER_REVIEW, _DISTRICT),
        Transition(RETURN_FOR_CHANGES, "退回修改", frozenset({_S.UNDER_REVIEW}), _S.RETURNED, _DISTRICT),
        Transition(VERIFY, "完成核验", frozenset({_S.UNDER_REVIEW}), _S.VERIFIED, _DISTRICT),
        Transition(RECALL, "取回", frozenset({_S.VERIFIED}), _S.UNDER_REVIEW, _DISTRICT),
        Transition(SEND_BACK, "退回区（市）", frozenset({_S.VERIFIED}), _S.UNDER_REVIEW, _CITY),
        Transition(CONFIRM, "市级确认", frozenset({_S.VERIFIED}), _S.CONFIRMED, _CITY),
        Transition(ARCHIVE, "归档", frozenset({_S.CONFIRMED}), _S.ARCHIVED, _CITY | {SYSTEM}),
    ],
)
