"""整改提升: a lost point is taken up in one act, worked on, done or dropped. None of it changes a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from evaluation.enums import ImprovementState
from evaluation.models import Assessment, Improvement
from evaluation.permissions.improvements import require_improver
from evaluation.selectors.rectifications.improvements import lost_items_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length, shortened

SHORTEST_REASON = 5


@dataclass(frozen=True)
class ImprovementPlan:
    """措施, 责任人, 完成时限; each may still be open."""

    measure: str = ""
    person: str = ""
    due_on: date | None = None


def _audit(actor: Actor, row: Improvement, action: str, now: datetime, reason: str = "") -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="Improvement",
        object_id=row.pk,
        label=f"{row.assessment.subject.name} {row}",
        reason=reason,
    )


@transaction.atomic
def take_up(*, actor: Actor, assessment: Assessment, code: str, now: datetime) -> tuple[Improvement, bool]:
    """列入整改提升: one item that lost points, once. Returns the row and whether this act took it up.

    What was dropped is taken up again. Raises NotAllowed, or DomainError when the item lost nothing.
    """
    require_improver(actor, assessment)
    held = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("subject", "indicator_set")
        .get(pk=assessment.pk)
    )
    item = lost_items_of(held).get(code)
    row = Improvement.objects.filter(assessment=held, indicator=code).first()
    if row is not None and row.state != ImprovementState.DROPPED:
        return row, False
    if item is None:
        raise DomainError(f"{code} 没有失分，不用列入整改提升。", code="no_loss")
    if row is None:
        row = Improvement(assessment=held, indicator=code, created_at=now, created_by=actor.user)
    row.title, row.lost = shortened(item.name, 200), item.lost
    row.state, row.result, row.done_on, row.updated_at = ImprovementState.OPEN, "", None, now
    row.save()
    _audit(actor, row, "列入整改提升", now)
    return row, True


def _held(actor: Actor, improvement: Improvement) -> Improvement:
    held = (
        Improvement.objects.select_for_update(of=("self",))
        .select_related("assessment__subject")
        .get(pk=improvement.pk)
    )
    require_improver(actor, held.assessment)
    if held.state != ImprovementState.OPEN:
        raise ConflictError(f"该项已是“{held.get_state_display()}”，不能再改。请刷新页面。")
    return held


def _save(held: Improvement, plan: ImprovementPlan, now: datetime, **more: Any) -> Improvement:
    held.measure = require_length("措施", plan.measure, 1000, field="measure")
    held.person = require_length("责任人", plan.person, 40, field="person")
    held.due_on = plan.due_on
    for name, value in more.items():
        setattr(held, name, value)
    held.updated_at = now
    held.save()
    return held


@transaction.atomic
def plan_improvement(
    *, actor: Actor, improvement: Improvement, plan: ImprovementPlan, now: datetime
) -> Improvement:
    """Measure, person and date of an item that is open."""
    held = _save(_held(actor, improvement), plan, now)
    _audit(actor, held, "修改整改提升", now)
    return held


@transaction.atomic
def finish_improvement(
    *,
    actor: Actor,
    improvement: Improvement,
    plan: ImprovementPlan,
    result: str,
    done_on: date | None,
    now: datetime,
) -> Improvement:
    """已完成, with what came of it and the day. Raises no score: a new assessment does."""
    held = _held(actor, improvement)
    result = require_length("完成情况", result, 1000, field="result")
    if not result:
        raise DomainError("请填写完成情况。", code="required", field="result")
    if done_on is None:
        raise DomainError("请填写完成日期。", code="required", field="done_on")
    if done_on > shanghai_date(now):
        raise DomainError("完成日期不能晚于今天。", code="future", field="done_on")
    for field, label in (("measure", "措施"), ("person", "责任人")):
        if not getattr(plan, field).strip():
            raise DomainError(f"请填写{label}。", code="required", field=field)
    _save(held, plan, now, state=ImprovementState.DONE, result=result, done_on=done_on)
    _audit(actor, held, "完成整改提升", now)
    return held


@transaction.atomic
def drop_improvement(
    *, actor: Actor, improvement: Improvement, plan: ImprovementPlan, reason: str, now: datetime
) -> Improvement:
    """不再进行, with its reason; the item may be taken up again."""
    held = _held(actor, improvement)
    reason = require_length("理由", reason, 1000, field="result")
    if len(reason) < SHORTEST_REASON:
        raise DomainError(
            f"请在“完成情况或理由”中写明不再进行的理由（至少{SHORTEST_REASON}个字）。",
            code="required",
            field="result",
        )
    _save(held, plan, now, state=ImprovementState.DROPPED, result=reason)
    _audit(actor, held, "不再进行整改提升", now, reason)
    return held
