"""The states of cultivation's records, as tables (design §1). Applied by one conditional UPDATE."""

from __future__ import annotations

from cultivation.enums import ImportState, TransferState
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
