"""The states of cultivation's records, as tables (design §1). Applied by one conditional UPDATE."""

from __future__ import annotations

from cultivation.enums import (
    BackfillState,
    CorrectionState,
    ImportState,
    TransferState,
    WorkItemState,
    WorkPlanState,
)
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.workflow import Transition, Workflow

# The shell command acts for the system.
SYSTEM = "SYSTEM"
IMPORTERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
_MAY_IMPORT = frozenset({*(role.value for role in IMPORTERS), SYSTEM})
_OPEN = frozenset({ImportState.STAGED, ImportState.MAPPED, ImportState.CHECKED})

IMPORT_WORKFLOW = Workflow(
    "导入批次",
    dict(ImportState.choices),
    [
        Transition("map", "确认列对应", _OPEN, ImportState.MAPPED, _MAY_IMPORT),
        Transition(
            "check",
            "校验",
            frozenset({ImportState.MAPPED, ImportState.CHECKED}),
            ImportState.CHECKED,
            _MAY_IMPORT,
        ),
        Transition(
            "confirm", "确认导入", frozenset({ImportState.CHECKED}), ImportState.CONFIRMED, _MAY_IMPORT
        ),
        Transition("cancel", "放弃导入", _OPEN, ImportState.CANCELLED, _MAY_IMPORT),
        Transition("undo", "撤销本批", frozenset({ImportState.CONFIRMED}), ImportState.UNDONE, _MAY_IMPORT),
    ],
)

_ASKED = frozenset({TransferState.REQUESTED})
_ASKERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
_DECIDERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE})
TRANSFER_WORKFLOW = Workflow(
    "划转申请",
    dict(TransferState.choices),
    [
        Transition("accept", "接收", _ASKED, TransferState.ACCEPTED, _DECIDERS),
        Transition("refuse", "退回", _ASKED, TransferState.REFUSED, _DECIDERS),
        Transition("withdraw", "撤回", _ASKED, TransferState.WITHDRAWN, _ASKERS),
    ],
)

# 工作方案 (notice 三（二）2): the district prepares, its office hands in, the city office takes it or gives it back.
_PREPARERS = frozenset({Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
_DISTRICT_OFFICE = frozenset({Role.DISTRICT_OFFICE})
_CITY_OFFICE = frozenset({Role.CITY_OFFICE})
_UNFILED = frozenset({WorkPlanState.DRAFT, WorkPlanState.RETURNED})
WORK_PLAN_WORKFLOW = Workflow(
    "工作方案",
    dict(WorkPlanState.choices),
    [
        Transition("submit", "报送", _UNFILED, WorkPlanState.SUBMITTED, _DISTRICT_OFFICE),
        Transition(
            "withdraw", "撤回", frozenset({WorkPlanState.SUBMITTED}), WorkPlanState.DRAFT, _DISTRICT_OFFICE
        ),
        Transition(
            "accept", "接收", frozenset({WorkPlanState.SUBMITTED}), WorkPlanState.ACCEPTED, _CITY_OFFICE
        ),
        Transition(
            "return_for_changes",
            "退回修改",
            frozenset({WorkPlanState.SUBMITTED, WorkPlanState.ACCEPTED}),
            WorkPlanState.RETURNED,
            _CITY_OFFICE,
        ),
    ],
)

# The person an item is given to may report it done, whatever else that person may do.
RESPONSIBLE = "RESPONSIBLE"
_ITEM_KEEPERS = frozenset({Role.CITY_OFFICE.value, Role.CITY_MEMBER.value, *(r.value for r in _PREPARERS)})
_OPEN_ITEM = frozenset({WorkItemState.OPEN})
WORK_ITEM_WORKFLOW = Workflow(
    "责任分解事项",
    dict(WorkItemState.choices),
    [
        Transition("finish", "办结", _OPEN_ITEM, WorkItemState.DONE, _ITEM_KEEPERS | {RESPONSIBLE}),
        Transition("cancel", "取消", _OPEN_ITEM, WorkItemState.CANCELLED, _ITEM_KEEPERS),
        Transition(
            "reopen",
            "重新办理",
            frozenset({WorkItemState.DONE, WorkItemState.CANCELLED}),
            WorkItemState.OPEN,
            _ITEM_KEEPERS,
        ),
    ],
)

_CONSENT_ASKED = frozenset({BackfillState.ASKED})
BACKFILL_WORKFLOW = Workflow(
    "补录申请",
    dict(BackfillState.choices),
    [
        Transition("consent", "同意", _CONSENT_ASKED, BackfillState.CONSENTED, _CITY_OFFICE),
        Transition("refuse", "不同意", _CONSENT_ASKED, BackfillState.REFUSED, _CITY_OFFICE),
        Transition(
            "revoke", "撤销同意", frozenset({BackfillState.CONSENTED}), BackfillState.REVOKED, _CITY_OFFICE
        ),
    ],
)

# 更正 of a closed year (design §3): the unit's office asks, the city office answers, the unit makes it within the term.
_REQUESTED = frozenset({CorrectionState.REQUESTED})
_OFFICES = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE})
CORRECTION_WORKFLOW = Workflow(
    "更正申请",
    dict(CorrectionState.choices),
    [
        Transition("consent", "同意", _REQUESTED, CorrectionState.CONSENTED, _CITY_OFFICE),
        Transition("refuse", "不同意", _REQUESTED, CorrectionState.REFUSED, _CITY_OFFICE),
        Transition("withdraw", "撤回", _REQUESTED, CorrectionState.WITHDRAWN, _OFFICES),
        Transition("finish", "办结", frozenset({CorrectionState.CONSENTED}), CorrectionState.DONE, _OFFICES),
    ],
)
