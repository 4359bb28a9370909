"""The task list of a self-assessment: five statuses, no sixth (ux F1, F2)."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.enums import AssessmentState, Layer
from evaluation.rules.definitions import Dimension
from evaluation.rules.marking import UNANSWERED
from evaluation.rules.self_assessment_checks import ADOPTION
from evaluation.selectors.checks import SubmitCheck
from evaluation.selectors.self_pages import SelfPage

NOT_STARTED, DONE, LOCKED = "未开始", "已完成", "暂不能开始"


@dataclass(frozen=True)
class TaskStatus:
    """`kind` is the tag (empty for plain words); `locked` rows are no link."""

    kind: str
    text: str
    locked: bool = False


@dataclass(frozen=True)
class DimensionTask:
    dimension: Dimension
    status: TaskStatus


@dataclass(frozen=True)
class TaskList:
    profile: TaskStatus
    dimensions: list[DimensionTask]
    declarations: TaskStatus
    adoption: TaskStatus | None
    check: TaskStatus
    submit: TaskStatus


def not_started() -> TaskStatus:
    return TaskStatus("neutral", NOT_STARTED)


def under_way(done: int, total: int) -> TaskStatus:
    return TaskStatus("info", f"填写中 {done}/{total}")


def to_mend(count: int) -> TaskStatus:
    return TaskStatus("danger", f"需要修改 {count} 项")


def done() -> TaskStatus:
    return TaskStatus("", DONE)


def locked() -> TaskStatus:
    return TaskStatus("", LOCKED, locked=True)


def _status(troubles: int, answered: int, total: int, begun: bool) -> TaskStatus:
    if troubles:
        return to_mend(troubles)
    if answered == total:
        return done()
    return under_way(answered, total) if begun or answered else not_started()


def dimension_status(page: SelfPage, dimension: Dimension) -> TaskStatus:
    codes = [item.code for item in dimension.indicators]
    troubles = sum(code in page.sheet.problems or page.is_open_return(code) for code in codes)
    answered = sum(page.lines[code].state != UNANSWERED for code in codes)
    begun = any(page.has_begun(item) for item in dimension.indicators)
    return _status(troubles, answered, len(codes), begun)


def declarations_status(page: SelfPage) -> TaskStatus:
    definition = page.definition
    codes = [veto.code for veto in definition.vetoes]
    codes += [deduction.code for deduction in definition.deductions]
    codes += [survey.code for survey in definition.surveys]
    declared = page.rows.declarations_of(Layer.SELF)
    troubles = sum(code in page.sheet.problems or page.is_open_return(code) for code in codes)
    answered = sum(bool(code in declared and declared[code].value) for code in codes)
    return _status(troubles, answered, len(codes), False)


def task_list(page: SelfPage, check: SubmitCheck) -> TaskList:
    assessment = page.assessment
    handed_in = assessment.submitted_at is not None and assessment.state != AssessmentState.RETURNED
    errors = check.result.errors
    blank = any(line.state == UNANSWERED for line in page.lines.values())
    if handed_in or check.ready:
        checked = done()
    else:
        checked = not_started() if blank or not errors else to_mend(len(errors))
    return TaskList(
        profile=done() if assessment.profile_checked_at else not_started(),
        dimensions=[
            DimensionTask(found, dimension_status(page, found)) for found in page.definition.dimensions
        ],
        declarations=declarations_status(page),
        adoption=_adoption(page, check, handed_in) if page.definition.requires_adoption else None,
        check=checked,
        submit=done() if handed_in else not_started() if check.ready else locked(),
    )


def _adoption(page: SelfPage, check: SubmitCheck, handed_in: bool) -> TaskStatus:
    if handed_in or not check.facts.adoption:
        return done()
    if page.assessment.state == AssessmentState.AWAITING_ADOPTION:
        return under_way(1, 2)
    return locked() if check.result.errors_but(ADOPTION) else not_started()
