"""The way of one spot check: drawn, assigned, told, judged on site, answered, concluded (design §4a).

The one source of which act goes from which state; the services' UPDATEs and the pages take their states from here. Who acts
is asked beside the table: TEAM is anybody of the team in its time, INSPECTOR its 主检, UNIT the inspected (a district office, or
the subject's contact), CITY the city office.
"""

from __future__ import annotations

from evaluation.enums import CheckState
from zaozhuang_portal.kernel.workflow import Transition, Workflow

ASSIGN = "assign"
NOTIFY = "notify"
JUDGE = "judge"
VISIT = "visit"
PROPOSE = "propose"
ANSWER = "answer"
PROOF = "proof"
CONCLUDE = "conclude"
SKIP = "skip"
TEAM, INSPECTOR, UNIT, CITY = "TEAM", "INSPECTOR", "UNIT", "CITY"

_C = CheckState
_ON_SITE = frozenset({_C.NOTIFIED, _C.UNDER_WAY})


def _act(
    action: str, label: str, sources: frozenset[CheckState], target: CheckState, party: str
) -> Transition:
    return Transition(action, label, frozenset(sources), target, frozenset({party}))


CHECK_WORKFLOW = Workflow(
    "抽查",
    dict(CheckState.choices),
    [
        _act(ASSIGN, "派检查组", frozenset({_C.SELECTED}), _C.ASSIGNED, CITY),
        # Anew, once the notice before was withdrawn.
        _act(NOTIFY, "发检查通知书", frozenset({_C.ASSIGNED, _C.NOTIFIED}), _C.NOTIFIED, CITY),
        # The first judgement, or the first words about the visit, begins it.
        _act(JUDGE, "判断", _ON_SITE, _C.UNDER_WAY, TEAM),
        _act(VISIT, "登记检查情况", _ON_SITE, _C.UNDER_WAY, TEAM),
        _act(PROPOSE, "提出初步结论", _ON_SITE, _C.PROVISIONAL, INSPECTOR),
        _act(ANSWER, "反馈意见", frozenset({_C.PROVISIONAL}), _C.ANSWERED, UNIT),
        _act(PROOF, "上传佐证材料", frozenset({_C.PROVISIONAL}), _C.PROVISIONAL, UNIT),
        _act(CONCLUDE, "作出结论", frozenset({_C.PROVISIONAL, _C.ANSWERED}), _C.CONCLUDED, CITY),
        # Nothing was seen on site yet.
        _act(SKIP, "改为未检", frozenset({_C.SELECTED, _C.ASSIGNED, _C.NOTIFIED}), _C.SKIPPED, CITY),
    ],
)
