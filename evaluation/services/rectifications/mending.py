"""What the unit does (measures, handing in, continuing) and what the city answers (re-check, 销号)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from evaluation.models import Rectification, RectificationMeasure, RectificationRecheck
from evaluation.permissions.rectifications import require_other_eyes, require_rechecker, require_rectifier
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.selectors.rectifications.words import (
    last_recheck,
    leading_inspectors,
    nameable_people,
    state_words,
)
from evaluation.services.rectifications.common import (
    audit_rectification,
    changed_columns,
    filled,
    held_by_unit,
    held_row,
    move_rectification,
    tell_people,
    tell_unit,
)
from evaluation.workflows.rectifications import (
    CLOSE_RECTIFICATION,
    CONTINUE_RECTIFICATION,
    FAIL_RECHECK,
    RECTIFICATION_WORKFLOW,
    SUBMIT_RECTIFICATION,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length


@dataclass(frozen=True)
class MeasureEntry:
    """A measure with person and day; done, with its result and the day its proof is of."""

    words: str
    person: str
    due_on: date | None
    result: str = ""
    done_on: date | None = None
    evidence_of: date | None = None


def _measure(entry: MeasureEntry, today: date) -> dict[str, Any]:
    """The columns. Raises DomainError with the field that lacks something."""
    result = require_length("完成情况", entry.result, 1000, field="result")
    if entry.done_on is None and result:
        raise DomainError("请填写完成日期；还没有完成的，完成情况请留空。", code="required", field="done_on")
    if entry.done_on is not None and not result:
        raise DomainError("请填写完成情况；还没有完成的，完成日期请留空。", code="required", field="result")
    if entry.due_on is None:
        raise DomainError("请填写完成时限。", code="required", field="due_on")
    for field, label in (("done_on", "完成日期"), ("evidence_of", "佐证所属日期")):
        day = getattr(entry, field)
        if day is not None and day > today:
            raise DomainError(f"{label}不能晚于今天。", code="future", field=field)
    return {
        "words": filled("措施", entry.words, 1000, "words"),
        "person": filled("责任人", entry.person, 40, "person"),
        "due_on": entry.due_on,
        "result": result,
        "done_on": entry.done_on,
        "evidence_of": entry.evidence_of,
    }


@transaction.atomic
def add_measure(
    *, actor: Actor, rectification: Rectification, entry: MeasureEntry, now: datetime
) -> RectificationMeasure:
    """登记措施 by the unit. Who registers the first is 整改责任人 until another is named."""
    held = held_by_unit(actor, rectification, "登记措施")
    measure = RectificationMeasure.objects.create(
        rectification=held,
        created_at=now,
        created_by=actor.user,
        **_measure(entry, shanghai_date(now)),
    )
    Rectification.objects.filter(pk=held.pk, responsible_user__isnull=True).update(
        responsible_user=actor.user, updated_at=now
    )
    audit_rectification(actor, held, "登记整改措施", now)
    return measure


@transaction.atomic
def change_measure(
    *, actor: Actor, measure: RectificationMeasure, entry: MeasureEntry, seen_revision: int, now: datetime
) -> RectificationMeasure:
    """What is planned and what came of it, until it was handed in. Raises ConflictError when others saved meanwhile."""
    held = held_by_unit(actor, measure.rectification, "登记措施")
    columns = _measure(entry, shanghai_date(now))
    rows = RectificationMeasure.objects.filter(pk=measure.pk, handed_in=False)
    if not rows.filter(revision=seen_revision).update(**columns, revision=F("revision") + 1):
        if not rows.exists():
            raise ConflictError("该措施已报送复查，不能再修改；有新的措施请另行登记。")
        raise ConflictError("该措施刚刚被他人修改，请核对现在的内容后再保存。")
    # The entry is the order's, which has a due_on of its own.
    changes = {f"measure_{name}": pair for name, pair in changed_columns(measure, columns).items()}
    measure.refresh_from_db()
    audit_rectification(actor, held, "修改整改措施", now, changes=changes)
    return measure


@transaction.atomic
def name_responsible(
    *, actor: Actor, rectification: Rectification, user: User, now: datetime
) -> Rectification:
    """整改责任人: an account of the unit, named by the unit while the order is open."""
    require_rectifier(actor, rectification)
    held = held_row(rectification)
    if not Rectification.objects.open().filter(pk=held.pk).exists():
        raise ConflictError(f"整改当前为“{held.get_state_display()}”，不用再改派。")
    if user not in nameable_people(actor, held, shanghai_date(now)):
        raise DomainError("责任人请从本单位的账号中选择。", code="choice", field="user")
    former = held.responsible_user
    Rectification.objects.filter(pk=held.pk).update(responsible_user=user, updated_at=now)
    held.refresh_from_db()
    names = [former.full_name if former else "", user.full_name]
    audit_rectification(actor, held, "指定整改责任人", now, changes={"responsible_user": names})
    return held


@transaction.atomic
def submit_rectification(*, actor: Actor, rectification: Rectification, now: datetime) -> Rectification:
    """报送复查: at least one measure that was carried out."""
    require_rectifier(actor, rectification)
    held = held_row(rectification)
    RECTIFICATION_WORKFLOW.find(held.state, SUBMIT_RECTIFICATION, actor.role)
    if not held.measures.filter(done_on__isnull=False).exists():
        raise DomainError("请先登记至少一项已完成的整改措施，再报送复查。", code="no_measure")
    held.measures.filter(done_on__isnull=False).update(handed_in=True)
    changes = {"submitted_at": now, "submitted_by": actor.user}
    move_rectification(actor, held, SUBMIT_RECTIFICATION, now, changes)
    audit_rectification(actor, held, "报送整改复查", now)
    leads = leading_inspectors(held)
    tell_people(held, leads, "整改已报送，请复查", state_words(held), now)
    return held


@transaction.atomic
def continue_rectification(*, actor: Actor, rectification: Rectification, now: datetime) -> Rectification:
    """继续整改 after a re-check that was not passed."""
    require_rectifier(actor, rectification)
    held = held_row(rectification)
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
    role = require_rechecker(actor, rectification)
    held = held_row(rectification)
    RECTIFICATION_WORKFLOW.find(held.state, FAIL_RECHECK, role)
    today = shanghai_date(now)
    require_other_eyes(actor, held, today)
    handed_in = shanghai_date(held.submitted_at) if held.submitted_at else today
    if not handed_in <= checked_on <= today:
        raise DomainError(f"复查日期应在报送日期 {handed_in} 至今天之间。", code="day", field="checked_on")
    last = last_recheck(held)
    if passed and last is not None and last.passed:
        raise ConflictError("本次报送已由复查人员复查通过，等待销号，不用再登记通过。")
    recheck = RectificationRecheck.objects.create(
        rectification=held,
        passed=passed,
        way=filled("复查方式", way, 100, "way"),
        words=filled("复查意见", words, MAX_COMMENT, "words"),
        checked_on=checked_on,
        checked_at=now,
        checked_by=actor.user,
    )
    if not passed:
        move_rectification(actor, held, FAIL_RECHECK, now, role=role)
    audit_rectification(actor, held, "复查通过" if passed else "复查未通过", now)
    tell_unit(held, "整改复查结果", now)
    return recheck


@transaction.atomic
def close_rectification(*, actor: Actor, rectification: Rectification, now: datetime) -> Rectification:
    """销号 after the last re-check of what was handed in last passed. Raises no score."""
    held = held_row(rectification)
    RECTIFICATION_WORKFLOW.find(held.state, CLOSE_RECTIFICATION, actor.role)
    require_other_eyes(actor, held, shanghai_date(now))
    last = last_recheck(held)
    if last is None or not last.passed:
        raise ConflictError("本次报送还没有复查通过，不能销号。")
    move_rectification(actor, held, CLOSE_RECTIFICATION, now, {"closed_at": now, "closed_by": actor.user})
    audit_rectification(actor, held, "整改销号", now)
    tell_unit(held, "整改已销号", now)
    return held
