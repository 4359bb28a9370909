"""The way of a district's annual report: 填报 → 审核 → 报送 to the tripartite office (notice 三（四）1)."""

from __future__ import annotations

from reporting.enums import ReportState
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.workflow import Transition, Workflow

_DISTRICT = frozenset({Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
_OFFICE = frozenset({Role.DISTRICT_OFFICE})
_CITY = frozenset({Role.CITY_OFFICE})


def _step(
    action: str, label: str, source: ReportState, target: ReportState, roles: frozenset[Role]
) -> Transition:
    return Transition(action, label, frozenset({source}), target, frozenset(roles))


ANNUAL_REPORT = Workflow(
    "年度报告",
    dict(ReportState.choices),
    [
        _step("send_for_review", "送审", ReportState.DRAFT, ReportState.UNDER_REVIEW, _DISTRICT),
        _step("withdraw", "撤回", ReportState.UNDER_REVIEW, ReportState.DRAFT, _DISTRICT),
        _step("approve", "审核通过", ReportState.UNDER_REVIEW, ReportState.REVIEWED, _OFFICE),
        _step("return_for_changes", "退回修改", ReportState.UNDER_REVIEW, ReportState.DRAFT, _OFFICE),
        _step("reopen", "重新修改", ReportState.REVIEWED, ReportState.DRAFT, _OFFICE),
        _step("submit", "报送", ReportState.REVIEWED, ReportState.SUBMITTED, _OFFICE),
        _step("recall", "取回", ReportState.SUBMITTED, ReportState.REVIEWED, _OFFICE),
        _step("send_back", "市级退回", ReportState.SUBMITTED, ReportState.DRAFT, _CITY),
        _step("accept", "接收", ReportState.SUBMITTED, ReportState.ACCEPTED, _CITY),
    ],
)
