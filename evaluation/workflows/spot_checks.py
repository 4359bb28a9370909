"""The way of a round of spot checks: state × action × role → state (design §4a). Further conditions: services."""

from __future__ import annotations

from evaluation.enums import RoundState
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.workflow import Transition, Workflow

FREEZE_ROUND = "freeze_round"
UNFREEZE_ROUND = "unfreeze_round"
DRAW_ROUND = "draw_round"
CLOSE_ROUND = "close_round"

_R = RoundState
_OFFICE = frozenset({str(Role.CITY_OFFICE)})

ROUND_WORKFLOW = Workflow(
    "抽查批次",
    dict(RoundState.choices),
    [
        Transition(FREEZE_ROUND, "冻结名录", frozenset({_R.PLANNED}), _R.FROZEN, _OFFICE),
        # Before any seat has given digits or a commitment.
        Transition(UNFREEZE_ROUND, "解除冻结", frozenset({_R.FROZEN}), _R.PLANNED, _OFFICE),
        Transition(DRAW_ROUND, "抽取", frozenset({_R.FROZEN}), _R.DRAWN, _OFFICE),
        Transition(CLOSE_ROUND, "归档抽查批次", frozenset({_R.DRAWN}), _R.CLOSED, _OFFICE),
    ],
)
