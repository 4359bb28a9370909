"""The adoption step: freeze → print → 职工（代表）大会 → minutes. An edit voids the print (DB37/T 4077)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from evaluation import workflows
from evaluation.enums import Layer
from evaluation.models import Adoption, Assessment
from evaluation.permissions import require_self_entry
from evaluation.rules.self_assessment import content_hash
from evaluation.rules.self_assessment_checks import ADOPTION
from evaluation.selectors.checks import check_before_submit
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import LayerRows, load_layers, stored_answer
from evaluation.selectors.returns import returned_codes
from evaluation.services.saving import lock_assessment
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Attachment

OWNER_KIND = "adoption"
NOT_HANDED_IN: dict[str, None] = {
    "submitted_at": None,
    "submitted_by": None,
    "review_opened_at": None,
    "review_opened_by": None,
}


def hash_of(assessment: Assessment, rows: LayerRows) -> str:
    """The fingerprint of the SELF layer as it stands."""
    return content_hash(
        assessment.indicator_set.content_hash,
        {code: stored_answer(row) for code, row in rows.answers_of(Layer.SELF).items()},
        {code: row.value for code, row in rows.declarations_of(Layer.SELF).items()},
    )


def current_adoption(assessment: Assessment) -> Adoption | None:
    return Adoption.objects.filter(assessment=assessment, voided_at__isnull=True).first()


@transaction.atomic
def freeze_for_adoption(*, actor: Actor, assessment: Assessment, now: datetime) -> Adoption:
    """Lock the answers and fix their fingerprint for the print. Only where the set requires adoption.

    Raises DomainError while anything 必须修改 is left. An adoption already recorded for exactly these answers
    stands; so does one recorded before a return, since only returned items could be changed after it.
    """
    locked = lock_assessment(assessment.pk)
    role = require_self_entry(actor, locked)
    if not definition_of(locked.indicator_set).requires_adoption:
        raise DomainError("本标准不要求职工（代表）大会审议，可直接提交。", code="adoption_not_required")
    errors = check_before_submit(locked, now=now).result.errors_but(ADOPTION)
    if errors:
        raise DomainError(
            f"还有 {len(errors)} 处必须修改，全部改好后才能定稿。请先打开“提交前检查”。", code="not_complete"
        )
    fingerprint = hash_of(locked, load_layers(locked, (Layer.SELF,)))
    workflows.ASSESSMENT_WORKFLOW.apply(locked, workflows.FREEZE, role=role, changes=NOT_HANDED_IN)
    adoption = current_adoption(locked)
    kept = adoption is not None and (
        adoption.content_hash == fingerprint or returned_codes(locked) is not None
    )
    if adoption is not None and not kept:
        _void(adoption, "重新定稿", now)
    if adoption is None or not kept:
        adoption = Adoption.objects.create(
            assessment=locked, frozen_at=now, frozen_by=actor.user, content_hash=fingerprint
        )
    _audit(actor, now, "定稿送审议", locked, {"content_hash": ["", adoption.content_hash]})
    return adoption


@transaction.atomic
def reopen(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """Back to DRAFT; the print and any meeting held on it are void."""
    locked = lock_assessment(assessment.pk)
    role = require_self_entry(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.apply(locked, workflows.REOPEN, role=role)
    adoption = current_adoption(locked)
    if adoption is not None:
        _void(adoption, "取消定稿", now)
    _audit(actor, now, "取消定稿", locked, {})
    return locked


@transaction.atomic
def record_adoption(
    *,
    actor: Actor,
    assessment: Assessment,
    held_on: date,
    delegates: int,
    participants: int,
    votes_for: int,
    now: datetime,
) -> Adoption:
    """Record the meeting on the frozen print. The minutes must already be attached to the adoption.

    A congress needs two thirds of its delegates present and more than half of all delegates in favor
    (《企业民主管理规定》, 总工发〔2012〕12号). Raises DomainError naming the field.
    """
    locked = lock_assessment(assessment.pk)
    require_self_entry(actor, locked)
    adoption = current_adoption(locked)
    if adoption is None or locked.state != "AWAITING_ADOPTION":
        raise DomainError("请先定稿并打印，再登记审议结果。", code="not_frozen")
    _check_meeting(locked, adoption, held_on, delegates, participants, votes_for, now)
    if not Attachment.objects.filter(
        owner_kind=OWNER_KIND, owner_id=adoption.pk, removed_at__isnull=True
    ).exists():
        raise DomainError(
            "请上传职工（代表）大会决议或会议纪要（签字盖章）。", code="minutes_required", field="minutes"
        )
    adoption.held_on, adoption.delegates = held_on, delegates
    adoption.participants, adoption.votes_for = participants, votes_for
    adoption.recorded_at, adoption.recorded_by = now, actor.user
    adoption.save()
    _audit(
        actor, now, "登记职代会审议", locked, {"held_on": ["", str(held_on)], "votes_for": [None, votes_for]}
    )
    return adoption


def _check_meeting(
    assessment: Assessment,
    adoption: Adoption,
    held_on: date,
    delegates: int,
    participants: int,
    votes_for: int,
    now: datetime,
) -> None:
    if held_on > shanghai_date(now):
        raise DomainError("会议日期不能晚于今天。请在会后登记。", code="future_meeting", field="held_on")
    frozen_on = shanghai_date(adoption.frozen_at)
    on_paper = assessment.entered_on_behalf_of or assessment.backfilled
    if held_on < frozen_on and not on_paper:
        raise DomainError(
            f"会议日期早于定稿日期 {frozen_on}：审议的须是本次定稿的内容。请核对日期，或按定稿重新审议。",
            code="meeting_before_print",
            field="held_on",
        )
    if delegates < 1:
        raise DomainError("请填写应到代表（职工）人数。", code="delegates", field="delegates")
    if not votes_for <= participants <= delegates:
        raise DomainError(
            "人数不合：应到 ≥ 实到 ≥ 赞成。请按会议签到和表决记录核对。", code="counts", field="participants"
        )
    if participants * 3 < delegates * 2:
        raise DomainError(
            "实到人数不足应到人数的三分之二，会议无效。请核对人数或重新召开。",
            code="quorum",
            field="participants",
        )
    if votes_for * 2 <= delegates:
        raise DomainError(
            "赞成人数未超过全体代表的半数，审议未通过。请修改自评后重新审议。",
            code="majority",
            field="votes_for",
        )


def _void(adoption: Adoption, reason: str, now: datetime) -> None:
    adoption.voided_at, adoption.void_reason = now, reason
    adoption.save(update_fields=["voided_at", "void_reason"])


def _audit(
    actor: Actor, now: datetime, action: str, assessment: Assessment, changes: dict[str, list[object]]
) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="Assessment",
        object_id=assessment.pk,
        label=str(assessment),
        changes=changes,
    )
