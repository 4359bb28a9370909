"""The way of an assessment through 核验 and 复核: open, return, verify, recall, send back, confirm, archive (design §4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from evaluation import workflows
from evaluation.enums import AssessmentState, CitySource, Layer
from evaluation.models import Answer, Assessment, Declaration, ReturnedItem, ReturnRound
from evaluation.permissions import require_reviewer
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers
from evaluation.selectors.reviews import unjudged_codes
from evaluation.services.declarations import declarable
from evaluation.services.reviews import open_layer
from evaluation.services.saving import lock_assessment
from evaluation.services.score_sheets import write_sheets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition
from zaozhuang_portal.kernel.lengths import require_length, too_long
from zaozhuang_portal.operations.services.notifications import notify

MINIMUM_COMMENT = 5


def _move(
    actor: Actor, locked: Assessment, action: str, now: datetime, changes: dict[str, Any], reason: str = ""
) -> None:
    old = locked.state
    transition = workflows.ASSESSMENT_WORKFLOW.apply(
        locked, action, role=actor.role, changes={**changes, "updated_at": now}
    )
    record_audit(
        actor=actor,
        at=now,
        action=transition.label,
        kind="Assessment",
        object_id=locked.pk,
        label=str(locked),
        changes={"state": [old, locked.state]},
        reason=reason,
    )


@transaction.atomic
def open_review(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """开始核验: from now on the subject cannot withdraw. The open return round, if any, is closed."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    _move(
        actor,
        locked,
        workflows.OPEN_REVIEW,
        now,
        {"review_opened_at": now, "review_opened_by": actor.user},
    )
    ReturnRound.objects.filter(assessment=locked, closed_at__isnull=True).update(closed_at=now)
    return locked


@transaction.atomic
def return_for_changes(
    *,
    actor: Actor,
    assessment: Assessment,
    comment: str,
    items: Mapping[str, str],
    due_on: date,
    now: datetime,
) -> ReturnRound:
    """退回修改, all defects at once (一次性告知): only the named items are unlocked, each with its comment.

    The district's judgement of those items is dropped: they are judged anew. Due date today or later.
    """
    opened = open_layer(actor, assessment)
    locked = opened.assessment
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.RETURN_FOR_CHANGES, actor.role)
    if len(comment.strip()) < MINIMUM_COMMENT:
        raise DomainError("请写明退回意见（至少5个字）。", code="comment_required", field="comment")
    if not items:
        raise DomainError("请至少选择一个需要修改的事项。", code="items_required", field="items")
    codes = {item.code for item in opened.definition.indicators} | set(declarable(opened.definition))
    unknown = sorted(set(items) - codes)
    if unknown:
        raise DomainError(
            f"没有这些事项：{'、'.join(unknown)}，请刷新页面。", code="unknown_code", field="items"
        )
    blank = sorted(code for code, text in items.items() if not text.strip())
    if blank:
        raise DomainError(
            f"请写明 {'、'.join(blank)} 哪里需要修改。",
            code="item_comment_required",
            field=f"comment-{blank[0]}",
        )
    require_length("退回意见（总）", comment, MAX_COMMENT, field="comment")
    for code, text in sorted(items.items()):
        if refused := too_long(f"{code} 的退回意见", text.strip(), MAX_COMMENT):
            raise DomainError(refused, code="item_comment_too_long", field=f"comment-{code}")
    if due_on < shanghai_date(now):
        raise DomainError("修改截止日不能早于今天。", code="due_on", field="due_on")
    number = ReturnRound.objects.filter(assessment=locked).count() + 1
    round_ = ReturnRound.objects.create(
        assessment=locked,
        number=number,
        returned_at=now,
        returned_by=actor.user,
        comment=comment.strip(),
        due_on=due_on,
    )
    ReturnedItem.objects.bulk_create(
        [
            ReturnedItem(
                round=round_, indicator=code, comment=text.strip(), before=opened.rows.self_content(code)
            )
            for code, text in sorted(items.items())
        ]
    )
    Answer.objects.filter(assessment=locked, layer=Layer.DISTRICT, indicator__in=items).delete()
    Declaration.objects.filter(assessment=locked, layer=Layer.DISTRICT, code__in=items).delete()
    write_sheets(
        assessment=locked,
        layers=[Layer.DISTRICT, Layer.EFFECTIVE],
        definition=opened.definition,
        rows=load_layers(locked),
        now=now,
    )
    _move(actor, locked, workflows.RETURN_FOR_CHANGES, now, {}, comment.strip())
    _tell_contacts(locked, f"自评被退回修改（{len(items)} 项）", comment.strip(), now)
    return round_


@transaction.atomic
def verify(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """完成核验: every item and declaration judged. Raises DomainError with how many are left."""
    opened = open_layer(actor, assessment)
    locked = opened.assessment
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.VERIFY, actor.role)
    left = unjudged_codes(opened.definition, opened.rows, Layer.DISTRICT)
    if left:
        named = "、".join(sorted(left)[:5]) + ("等" if len(left) > 5 else "")
        raise DomainError(f"还有 {len(left)} 项未核验（{named}），全部核验后才能完成。", code="items_left")
    _move(actor, locked, workflows.VERIFY, now, {"verified_at": now, "verified_by": actor.user})
    _tell_contacts(locked, "自评已由区（市）核验", "可在“自评结果”中查看自评与核实的差异。", now)
    return locked


@transaction.atomic
def recall(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """取回: back under review, until the city opened it."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.RECALL, actor.role)
    if locked.city_opened_at is not None:
        raise IllegalTransition("市级已开始复核，不能取回。如需修改，请联系市三方委员会办公室退回。")
    _move(actor, locked, workflows.RECALL, now, {"verified_at": None, "verified_by": None})
    return locked


@transaction.atomic
def open_city_review(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """开始复核: from now on the district cannot recall."""
    locked = lock_assessment(assessment.pk)
    if require_reviewer(actor, locked) != Layer.CITY or locked.state != AssessmentState.VERIFIED:
        raise IllegalTransition("只有区（市）已核验的自评可以开始市级复核。")
    Assessment.objects.filter(pk=locked.pk, city_opened_at__isnull=True).update(
        city_opened_at=now, updated_at=now
    )
    locked.refresh_from_db(fields=["city_opened_at"])
    record_audit(
        actor=actor, at=now, action="开始市级复核", kind="Assessment", object_id=locked.pk, label=str(locked)
    )
    return locked


@transaction.atomic
def send_back(*, actor: Actor, assessment: Assessment, reason: str, now: datetime) -> Assessment:
    """退回区（市）, with a reason of at least five characters. What the city's review entered is dropped.

    Refused after a spot check's conclusion was written: what was found on site is not undone by sending back.
    """
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.SEND_BACK, actor.role)
    if len(reason.strip()) < MINIMUM_COMMENT:
        raise DomainError("请写明退回区（市）的理由（至少5个字）。", code="reason_required", field="reason")
    if any(
        rows.filter(assessment=locked, source=CitySource.SPOT_CHECK).exists()
        for rows in (Answer.objects, Declaration.objects)
    ):
        raise IllegalTransition("抽查结论已写入这份自评的市级层，不能再退回区（市）。")
    Answer.objects.filter(assessment=locked, source=CitySource.REVIEW).delete()
    Declaration.objects.filter(assessment=locked, source=CitySource.REVIEW).delete()
    changes = {"verified_at": None, "verified_by": None, "city_opened_at": None}
    _move(actor, locked, workflows.SEND_BACK, now, changes, reason.strip())
    write_sheets(
        assessment=locked,
        layers=[Layer.CITY, Layer.EFFECTIVE],
        definition=definition_of(locked.indicator_set),
        rows=load_layers(locked),
        now=now,
    )
    return locked


@transaction.atomic
def confirm(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """市级确认 of what the city has opened. The EFFECTIVE sheet is what lists and titles are fed from."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.find(locked.state, workflows.CONFIRM, actor.role)
    require_opened_by_city(locked)
    _move(actor, locked, workflows.CONFIRM, now, {"confirmed_at": now, "confirmed_by": actor.user})
    return locked


def require_opened_by_city(assessment: Assessment) -> None:
    """Nobody confirms what the city has not opened since the district verified it (a recall takes that back)."""
    if assessment.city_opened_at is None:
        raise IllegalTransition("市级尚未开始复核，不能确认。请先点“开始复核”，查看后再确认。")


@transaction.atomic
def archive(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """归档 of a confirmed assessment, by the city."""
    locked = lock_assessment(assessment.pk)
    require_reviewer(actor, locked)
    _move(actor, locked, workflows.ARCHIVE, now, {"archived_at": now})
    return locked


def _tell_contacts(assessment: Assessment, title: str, body: str, now: datetime) -> None:
    people = User.objects.filter(
        is_active=True, subject_contacts__in=assessment.subject.contacts.in_force(shanghai_date(now))
    ).distinct()
    notify(
        users=people,
        title=f"{assessment.subject.name}：{title}",
        body=body,
        url=f"/a/{assessment.pk}/",
        now=now,
        kind="Assessment",
        object_id=assessment.pk,
    )
