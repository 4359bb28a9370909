"""延期 and 异议: asked by the unit while the order lies with it, answered by the city office; the objection once."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from evaluation.enums import AskState, ObjectionGround
from evaluation.models import Rectification, RectificationExtension, RectificationObjection
from evaluation.permissions.rectifications import require_rectification_office
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.services.rectifications.common import (
    audit_rectification,
    filled,
    held_by_unit,
    tell_unit,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError


@transaction.atomic
def ask_extension(
    *, actor: Actor, rectification: Rectification, until: date, reason: str, now: datetime
) -> RectificationExtension:
    """申请延期 to a later day than the term; one at a time. The term moves only when it is granted."""
    held = held_by_unit(actor, rectification, "申请")
    if held.due_on is None or until <= max(held.due_on, shanghai_date(now)):
        raise DomainError("延期日期应晚于现在的整改截止和今天。", code="day", field="until")
    reason = filled("延期理由", reason, 300, "reason")
    if held.extensions.filter(state=AskState.PENDING).exists():
        raise ConflictError("已有一次延期申请待答复，请等答复后再申请。")
    extension = RectificationExtension.objects.create(
        rectification=held, until=until, reason=reason, asked_at=now, asked_by=actor.user
    )
    audit_rectification(actor, held, "申请整改延期", now, reason)
    return extension


@transaction.atomic
def decide_extension(
    *, actor: Actor, extension: RectificationExtension, granted: bool, decision: str, now: datetime
) -> RectificationExtension:
    """答复 once; granted it moves the term. Refused when the order was closed or withdrawn meanwhile."""
    require_rectification_office(actor)
    decision = filled("答复", decision, 300, "decision")
    order = Rectification.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=extension.rectification_id
    )
    if not Rectification.objects.open().filter(pk=order.pk).exists():
        raise ConflictError(f"整改当前为“{order.get_state_display()}”，不用再答复。")
    changed = RectificationExtension.objects.filter(pk=extension.pk, state=AskState.PENDING).update(
        state=AskState.GRANTED if granted else AskState.REFUSED,
        decided_at=now,
        decided_by=actor.user,
        decision=decision,
    )
    if not changed:
        raise ConflictError("该延期申请已经答复。")
    if granted:
        Rectification.objects.filter(pk=order.pk).update(due_on=extension.until, updated_at=now)
    audit_rectification(actor, order, "同意整改延期" if granted else "不同意整改延期", now, decision)
    extension.refresh_from_db()
    tell_unit(order, f"延期申请{'已同意' if granted else '未同意'}", now)
    return extension


@transaction.atomic
def raise_objection(
    *, actor: Actor, rectification: Rectification, ground: str, words: str, now: datetime
) -> RectificationObjection:
    """异议 to the facts or the procedure, once per order."""
    held = held_by_unit(actor, rectification, "申请")
    if ground not in ObjectionGround.values:
        raise DomainError("请选择异议事项。", code="required", field="ground")
    words = filled("异议内容", words, MAX_COMMENT, "words")
    if RectificationObjection.objects.filter(rectification=held).exists():
        raise ConflictError("每份整改通知书只能提出一次异议，已经提出过。")
    objection = RectificationObjection.objects.create(
        rectification=held, ground=ground, words=words, raised_at=now, raised_by=actor.user
    )
    audit_rectification(actor, held, "提出整改异议", now)
    return objection


@transaction.atomic
def decide_objection(
    *, actor: Actor, objection: RectificationObjection, granted: bool, decision: str, now: datetime
) -> RectificationObjection:
    """答复 once. Granted it changes nothing by itself: the office withdraws the order by its own act."""
    require_rectification_office(actor)
    changed = RectificationObjection.objects.filter(pk=objection.pk, state=AskState.PENDING).update(
        state=AskState.GRANTED if granted else AskState.REFUSED,
        decided_at=now,
        decided_by=actor.user,
        decision=filled("答复", decision, MAX_COMMENT, "decision"),
    )
    if not changed:
        raise ConflictError("该异议已经答复。")
    objection.refresh_from_db()
    audit_rectification(actor, objection.rectification, "答复整改异议", now)
    tell_unit(objection.rectification, "整改异议已答复", now)
    return objection
