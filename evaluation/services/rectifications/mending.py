"""What the unit does (measures, handing in, continuing) and what the city answers (re-check, 销号)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from evaluation.models import Rectification, RectificationMeasure, RectificationRecheck
from evaluation.models.rectifications.rectifications import WITH_UNIT
from evaluation.permissions.rectifications import require_other_eyes, require_rectifier
from evaluation.permissions.roles import RECTIFICATION_RECHECKERS
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.services.rectifications.orders import audit_rectification, move_rectification
from evaluation.workflows.rectifications import (
    CLOSE_RECTIFICATION,
    CONTINUE_RECTIFICATION,
    FAIL_RECHECK,
    RECTIFICATION_WORKFLOW,
    SUBMIT_RECTIFICATION,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length


def _held(rectification: Rectification) -> Rectification:
    """The row, held until the transaction ends: what hangs at it is written while its state stands."""
    return Rectification.objects.select_for_update(no_key=True, of=("self",)).get(pk=rectification.pk)


def _filled(label: str, words: str, most: int, field: str) -> str:
    words = require_length(label, words, most, field=field)
    if not words:
        raise DomainError(f"请填写{label}。", code="required", field=field)
    return words


@transaction.atomic
def add_measure(
    *,
    actor: Actor,
    rectification: Rectification,
    words: str,
    person: str,
    due_on: date,
    now: datetime,
    result: str = "",
    done_on: date | None = None,
    evidence_of: date | None = None,
) -> RectificationMeasure:
    """A measure with person and date; done, with its result and the day its proof is of."""
    require_rectifier(actor, rectification)
    held = _held(rectification)
    if held.state not in WITH_UNIT:
        raise ConflictError(f"整改当前为“{held.get_state_display()}”，不能登记措施。请刷新页面。")
    result = require_length("完成情况", result, 1000, field="result")
    if (done_on is None) != (not result):
        raise DomainError("完成日期和完成情况请一起填写。", code="required", field="result")
    if done_on is not None and done_on > shanghai_date(now):
        raise DomainError("完成日期不能晚于今天。", code="future", field="done_on")
    measure = RectificationMeasure.objects.create(
        rectification=held,
        words=_filled("措施", words, 1000, "words"),
        person=_filled("责任人", person, 40, "person"),
        due_on=due_on,
        result=result,
        done_on=done_on,
        evidence_of=evidence_of,
        created_at=now,
        created_by=actor.user,
    )
    audit_rectification(actor, held, "登记整改措施", now)
    return measure


@transaction.atomic
def submit_rectification(*, actor: Actor, rectification: Rectification, now: datetime) -> Rectification:
    """报送复查: at least one measure that was carried out."""
    require_rectifier(actor, rectification)
    held = _held(rectification)
    RECTIFICATION_WORKFLOW.find(held.state, SUBMIT_RECTIFICATION, actor.role)
    if not held.measures.filter(done_on__isnull=False).exists():
        raise DomainError("请先登记至少一项已完成的整改措施，再报送复查。", code="no_measure")
    changes = {"submitted_at": now, "submitted_by": actor.user}
    move_rectification(actor, held, SUBMIT_RECTIFICATION, now, changes)
    audit_rectification(actor, held, "报送整改复查", now)
    return held


@transaction.atomic
def continue_rectification(*, actor: Actor, rectification: Rectification, now: datetime) -> Rectification:
    """继续整改 after a re-check that was not passed."""
    require_rectifier(actor, rectification)
    held = _held(rectification)
    move_rectification(actor, held, CONTINUE_RECTIFICATION, now)
    audit_rectification(actor, held, "继续整改", now)
    return held


@transaction.atomic
def recheck_rectification(
    *,
    actor: Actor,
    rectification: Rectification,
    passed: bool,
    way: str,
    words: str,
    checked_on: date,
    now: datetime,
) -> RectificationRecheck:
    """复查 by other eyes. Passed it waits for 销号, which is another act; not passed it goes back."""
    held = _held(rectification)
    if actor.role not in RECTIFICATION_RECHECKERS:
        raise NotAllowed("复查由市级人员办理。")
    RECTIFICATION_WORKFLOW.find(held.state, FAIL_RECHECK, actor.role)
    today = shanghai_date(now)
    require_other_eyes(actor, held, today)
    handed_in = shanghai_date(held.submitted_at) if held.submitted_at else today
    if not handed_in <= checked_on <= today:
        raise DomainError(f"复查日期应在报送日期 {handed_in} 至今天之间。", code="day", field="checked_on")
    recheck = RectificationRecheck.objects.create(
        rectification=held,
        passed=passed,
        way=_filled("复查方式", way, 100, "way"),
        words=_filled("复查意见", words, MAX_COMMENT, "words"),
        checked_on=checked_on,
        checked_at=now,
        checked_by=actor.user,
    )
    if not passed:
        move_rectification(actor, held, FAIL_RECHECK, now)
    audit_rectification(actor, held, "复查通过" if passed else "复查未通过", now)
    return recheck


@transaction.atomic
def close_rectification(*, actor: Actor, rectification: Rectification, now: datetime) -> Rectification:
    """销号 after the last re-check of what was handed in last passed. Raises no score."""
    held = _held(rectification)
    RECTIFICATION_WORKFLOW.find(held.state, CLOSE_RECTIFICATION, actor.role)
    require_other_eyes(actor, held, shanghai_date(now))
    last = held.rechecks.filter(checked_at__gte=held.submitted_at).order_by("-id").first()
    if last is None or not last.passed:
        raise ConflictError("本次报送还没有复查通过，不能销号。")
    move_rectification(actor, held, CLOSE_RECTIFICATION, now, {"closed_at": now, "closed_by": actor.user})
    audit_rectification(actor, held, "整改销号", now)
    return held
