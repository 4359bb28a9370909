"""The ways of records: state × action × role → state, by room (design §4, §4a)."""

from evaluation.workflows.assessments import (
    ARCHIVE,
    ASSESSMENT_WORKFLOW,
    CONFIRM,
    FREEZE,
    OPEN_REVIEW,
    RECALL,
    REOPEN,
    RETURN_FOR_CHANGES,
    SEND_BACK,
    SUBMIT,
    SYSTEM,
    VERIFY,
    WITHDRAW,
)

__all__ = [
    "ARCHIVE",
    "ASSESSMENT_WORKFLOW",
    "CONFIRM",
    "FREEZE",
    "OPEN_REVIEW",
    "RECALL",
    "REOPEN",
    "RETURN_FOR_CHANGES",
    "SEND_BACK",
    "SUBMIT",
    "SYSTEM",
    "VERIFY",
    "WITHDRAW",
]
