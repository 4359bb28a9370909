"""The way of one spot check: drawn, assigned, told, judged on site, answered, concluded (design §4a).

Who acts is asked beside the table: INSPECTOR is the 主检 of the team, UNIT the inspected (a district office, or the
subject's contact), CITY the city office.
"""

from __future__ import annotations

from evaluation.enums import CheckState
from zaozhuang_portal.kernel.workflow import Transition, Workflow

PROPOSE = "propose"
ANSWER = "answer"
CONCLUDE = "conclude"
INSPECTOR, UNIT, CITY = "INSPECTOR", "UNIT", "CITY"

_C = CheckState

CHECK_WORKFLOW = Workflow(
    "抽查",
    dict(CheckState.choices),
    [
        Transition(
            PROPOSE,
            "提出初步结论",
            frozenset({_C.NOTIFIED, _C.UNDER_WAY}),
            _C.PROVISIONAL,
            frozenset({INSPECTOR}),
        ),
        Transition(ANSWER, "反馈意见", frozenset({_C.PROVISIONAL}), _C.ANSWERED, frozenset({UNIT})),
        Transition(
            CONCLUDE, "作出结论", frozenset({_C.PROVISIONAL, _C.ANSWERED}), _C.CONCLUDED, frozenset({CITY})
        ),
    ],
)
