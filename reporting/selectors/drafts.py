"""草稿: what the actor began and has not handed in or confirmed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Value
from django.urls import reverse

from cultivation.enums import GuideState, ImportState, WorkPlanState
from cultivation.models import ImportBatch, IndustryGuide, WorkPlan
from cultivation.selectors.todo_case import TodoCase, name_and_year, of_year
from evaluation.enums import AssessmentState
from evaluation.models import Assessment, IndicatorSet
from reporting.enums import ReportState
from reporting.models import AnnualReport
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.operations.selectors.todos import TodoPart

_NOT_CONFIRMED = (ImportState.STAGED, ImportState.MAPPED, ImportState.CHECKED)
_UNFINISHED = (AssessmentState.DRAFT, AssessmentState.AWAITING_ADOPTION, AssessmentState.RETURNED)


def draft_parts(case: TodoCase | None) -> list[TodoPart]:
    if case is None:
        return []
    actor = case.actor
    parts: list[TodoPart] = []
    if actor.role in DISTRICT_ROLES:
        plans = WorkPlan.objects.visible_to(actor).live()
        reports = AnnualReport.objects.visible_to(actor).filter(state=ReportState.DRAFT)
        parts += [
            _draft(
                f"plan_{state.lower()}",
                "工作方案",
                plans.filter(state=state),
                str(state.label),
                "cultivation:plan_edit",
                "title",
                "updated_at",
            )
            for state in (WorkPlanState.DRAFT, WorkPlanState.RETURNED)
        ]
        parts.append(
            _draft(
                "reports",
                "年度报告",
                reports,
                str(ReportState.DRAFT.label),
                "reporting:report_detail",
                of_year("书面报告"),
                "created_at",
            )
        )
    if actor.role in DISTRICT_ROLES or actor.role == Role.SUBJECT_CONTACT:
        parts += _assessments(case)
    if actor.role in CITY_ROLES | DISTRICT_ROLES:
        parts += _own_entries(case)
    if actor.role == Role.CITY_OFFICE:
        sets = IndicatorSet.objects.filter(state="DRAFT")
        parts.append(
            _draft(
                "standards", "评价标准", sets, "未发布", "evaluation:standard_detail", "title", "loaded_at"
            )
        )
    return parts


def _draft(
    key: str, act: str, rows: QuerySet[Any], state: str, page: str, what: Any, saved: str, **fixed: Any
) -> TodoPart:
    return TodoPart(
        key=key,
        act=act,
        label=act,
        unit="份",
        rows=rows,
        page=lambda target, aux: reverse(page, kwargs={"pk": target, **fixed}),
        what=what,
        note=Value(state),
        arrived=saved,
    )


def _assessments(case: TodoCase) -> list[TodoPart]:
    """A contact's own; a district's are those it types from paper (代录)."""
    rows = Assessment.objects.visible_to(case.actor)
    if case.actor.role != Role.SUBJECT_CONTACT:
        rows = rows.exclude(entered_on_behalf_of="")
    return [
        _draft(
            f"self_{state.lower()}",
            "自评",
            rows.filter(state=state),
            str(state.label),
            "evaluation:assessment_home",
            name_and_year("subject__name"),
            "updated_at",
        )
        for state in _UNFINISHED
    ]


def _own_entries(case: TodoCase) -> list[TodoPart]:
    actor = case.actor
    batches = ImportBatch.objects.visible_to(actor).filter(started_by=actor.user)
    guides = IndustryGuide.objects.visible_to(actor).live().filter(created_by=actor.user)
    return [
        *(
            _draft(
                f"import_{state.lower()}",
                "导入",
                batches.filter(state=state),
                str(state.label),
                "cultivation:import_detail",
                "label",
                "started_at",
            )
            for state in _NOT_CONFIRMED
        ),
        _draft(
            "guides",
            "行业指引",
            guides.filter(state=GuideState.DRAFT),
            str(GuideState.DRAFT.label),
            "cultivation:ledger_detail",
            "title",
            "updated_at",
            slug="industry-guides",
        ),
    ]
