"""The adoption step: freeze → print → 职工（代表）大会 → minutes. An edit voids the print (DB37/T 4077)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from evaluation import workflows
from evaluation.enums import AssessmentState
from evaluation.models import Adoption, AdoptionCorrection, Assessment
from evaluation.permissions import require_city_office, require_self_entry
from evaluation.rules.lengths import MAX_ADOPTION_WORDS
from evaluation.rules.self_assessment import in_fours, read_printed_hash
from evaluation.rules.self_assessment import printed_hash as printed_hash_of
from evaluation.rules.self_assessment_checks import ADOPTION
from evaluation.selectors.adoption import Meeting, current_adoption, load_fingerprint, meeting_of
from evaluation.selectors.checks import check_before_submit
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.returns import returned_codes
from evaluation.services.saving import lock_assessment
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.services.notifications import notify

OWNER_KIND = "adoption"
MINIMUM_REASON = 5
NOT_HANDED_IN: dict[str, None] = {
    "submitted_at": None,
    "submitted_by": None,
    "review_opened_at": None,
    "review_opened_by": None,
}


@transaction.atomic
def freeze_for_adoption(*, actor: Actor, assessment: Assessment, now: datetime) -> Adoption:
    """Lock answers and evidence and fix their fingerprint for the print. Only where the set requires adoption.

    Raises DomainError while anything 必须修改 is left. An adoption already recorded for exactly this content
    stands; so does one recorded before a return, since only returned items could be changed after it. Everything
    that writes answers or evidence takes the same lock and asks the state under it: nothing is stored afterwards.
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
    fingerprint = load_fingerprint(locked)
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
    """Back to DRAFT. A print nobody has voted on yet is void; a recorded meeting stands until the content changes."""
    locked = lock_assessment(assessment.pk)
    role = require_self_entry(actor, locked)
    workflows.ASSESSMENT_WORKFLOW.apply(locked, workflows.REOPEN, role=role)
    adoption = current_adoption(locked)
    if adoption is not None and adoption.recorded_at is None:
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
    printed_hash: str = "",
) -> Adoption:
    """Record the meeting on the frozen content, once. The minutes must already be attached to the adoption.

    A congress needs two thirds of its delegates present and more than half of all delegates in favor
    (《企业民主管理规定》, 总工发〔2012〕12号). A meeting before the freeze counts when the paper bore `printed_hash` and
    it equals the frozen one, or when the city office has confirmed that the texts agree. Raises DomainError naming
    the field; ConflictError when it is recorded already: what is wrong in it is corrected, never recorded anew.
    """
    locked = lock_assessment(assessment.pk)
    require_self_entry(actor, locked)
    adoption = current_adoption(locked)
    if adoption is None or locked.state != AssessmentState.AWAITING_ADOPTION:
        raise DomainError("请先定稿并打印，再登记审议结果。", code="not_frozen")
    if adoption.recorded_at is not None:
        raise ConflictError("审议结果已经登记。登记有误的，请点“更正审议结果”，写明理由。", code="recorded")
    meeting = Meeting(held_on, delegates, participants, votes_for)
    seen = _check_meeting(locked, adoption, meeting, printed_hash, now)
    _require_minutes(adoption)
    won = Adoption.objects.filter(pk=adoption.pk, recorded_at__isnull=True, voided_at__isnull=True).update(
        **asdict(meeting), printed_hash=seen, recorded_at=now, recorded_by=actor.user
    )
    if not won:
        raise ConflictError("审议结果已经登记或定稿已作废，请刷新页面。", code="recorded")
    adoption.refresh_from_db()
    changes: dict[str, list[object]] = {"held_on": ["", str(held_on)], "votes_for": [None, votes_for]}
    if seen:
        changes["printed_hash"] = ["", in_fours(seen)]
    _audit(actor, now, "登记职代会审议", locked, changes)
    return adoption


@transaction.atomic
def correct_adoption(
    *,
    actor: Actor,
    assessment: Assessment,
    held_on: date,
    delegates: int,
    participants: int,
    votes_for: int,
    reason: str,
    now: datetime,
    printed_hash: str = "",
) -> AdoptionCorrection:
    """Put right what was recorded of a meeting, with a reason; the record and earlier corrections stay as they are.

    Until the city has confirmed the assessment, in whatever state it is: no new meeting, no new freeze. Raises
    DomainError naming the field, also for figures under which the meeting could not have adopted anything.
    """
    locked = lock_assessment(assessment.pk)
    require_self_entry(actor, locked)
    if locked.state in {AssessmentState.CONFIRMED, AssessmentState.ARCHIVED}:
        raise DomainError(
            "市级已确认，审议结果不能再更正。确有错误的，请联系市三方委员会办公室。", code="locked"
        )
    adoption = current_adoption(locked)
    before = meeting_of(adoption) if adoption is not None else None
    if adoption is None or before is None:
        raise DomainError("还没有登记审议结果，没有可更正的内容。", code="not_recorded")
    why = require_length("更正理由", reason, MAX_ADOPTION_WORDS, field="reason")
    if len(why) < MINIMUM_REASON:
        raise DomainError("请写明更正的理由（至少5个字）。", code="reason_required", field="reason")
    meeting = Meeting(held_on, delegates, participants, votes_for)
    if meeting == before:
        raise DomainError("更正的内容与原登记相同，请改好后再保存。", code="unchanged", field="held_on")
    known = next((row.printed_hash for row in reversed(adoption.corrections.all()) if row.printed_hash), "")
    seen = _check_meeting(locked, adoption, meeting, printed_hash or known or adoption.printed_hash, now)
    correction = AdoptionCorrection.objects.create(
        adoption=adoption,
        **asdict(meeting),
        printed_hash=seen,
        reason=why,
        corrected_at=now,
        corrected_by=actor.user,
    )
    _audit(
        actor,
        now,
        "更正职代会审议",
        locked,
        {
            name: [str(old), str(new)]
            for (name, old), new in zip(asdict(before).items(), asdict(meeting).values(), strict=True)
            if old != new
        },
        why,
    )
    return correction


@transaction.atomic
def ask_for_text(*, actor: Actor, assessment: Assessment, words: str, now: datetime) -> Adoption:
    """The meeting was held on a paper without the portal's code: ask the city office to confirm that the texts agree.

    From then on the city office may read the frozen answers. The minutes must be attached.
    """
    locked = lock_assessment(assessment.pk)
    require_self_entry(actor, locked)
    adoption = _unrecorded(locked)
    _require_minutes(adoption)
    said = require_length("说明", words, MAX_ADOPTION_WORDS, field="words")
    if len(said) < MINIMUM_REASON:
        raise DomainError(
            "请说明会议何时召开、用的是什么稿件（至少5个字）。", code="words_required", field="words"
        )
    if adoption.text_asked_at is not None:
        raise ConflictError("已经申请过，请等待市三方委员会办公室确认。", code="asked")
    adoption.text_asked_at, adoption.text_asked_by, adoption.text_asked_words = now, actor.user, said
    adoption.save(update_fields=["text_asked_at", "text_asked_by", "text_asked_words"])
    _audit(actor, now, "申请确认审议文本", locked, {}, said)
    office = User.objects.filter(
        is_active=True,
        memberships__in=Membership.objects.in_force(shanghai_date(now)).filter(role=Role.CITY_OFFICE),
    ).distinct()
    notify(
        users=office,
        title=f"请确认审议文本一致：{locked.subject.name}（{locked.year_id}年度自评）",
        body=said,
        url=reverse("evaluation:adoption_text", args=[locked.pk]),
        now=now,
        kind="Assessment",
        object_id=locked.pk,
    )
    return adoption


@transaction.atomic
def answer_for_text(
    *, actor: Actor, assessment: Assessment, agrees: bool, reason: str, now: datetime
) -> Adoption:
    """The city office confirms that what was voted on is what is frozen, or says that it is not; both with a reason."""
    require_city_office(actor)
    locked = lock_assessment(assessment.pk)
    adoption = _unrecorded(locked)
    if adoption.text_asked_at is None or adoption.text_agreed_at is not None:
        raise ConflictError("没有待确认的申请，或已经确认。请刷新页面。", code="not_asked")
    why = require_length("理由", reason, MAX_ADOPTION_WORDS, field="reason")
    if len(why) < MINIMUM_REASON:
        raise DomainError("请写明理由（至少5个字），企业会看到。", code="reason_required", field="reason")
    if agrees:
        adoption.text_agreed_at, adoption.text_agreed_by, adoption.text_agreed_words = now, actor.user, why
        adoption.save(update_fields=["text_agreed_at", "text_agreed_by", "text_agreed_words"])
    else:
        adoption.text_asked_at = adoption.text_asked_by = None
        adoption.text_asked_words = ""
        adoption.save(update_fields=["text_asked_at", "text_asked_by", "text_asked_words"])
    words = "确认审议文本一致" if agrees else "不能确认审议文本一致"
    _audit(actor, now, words, locked, {}, why)
    people = User.objects.filter(
        is_active=True, subject_contacts__in=locked.subject.contacts.in_force(shanghai_date(now))
    ).distinct()
    notify(
        users=people,
        title=f"{locked.subject.name}：市级{words}",
        body=why,
        url=reverse("evaluation:assessment_adoption", args=[locked.pk]),
        now=now,
        kind="Assessment",
        object_id=locked.pk,
    )
    return adoption


def _unrecorded(assessment: Assessment) -> Adoption:
    adoption = current_adoption(assessment)
    if adoption is None or assessment.state != AssessmentState.AWAITING_ADOPTION:
        raise DomainError("请先定稿，再申请确认文本。", code="not_frozen")
    if adoption.recorded_at is not None:
        raise ConflictError("审议结果已经登记，不需再确认文本。", code="recorded")
    return adoption


def _require_minutes(adoption: Adoption) -> None:
    if not Attachment.objects.of(OWNER_KIND, adoption.pk).exists():
        raise DomainError(
            "请上传职工（代表）大会决议或会议纪要（签字盖章）。", code="minutes_required", field="minutes"
        )


def _check_meeting(
    assessment: Assessment, adoption: Adoption, meeting: Meeting, printed: str, now: datetime
) -> str:
    """The code read on the paper, when one was given; raises DomainError for a meeting that adopted nothing."""
    if meeting.held_on > shanghai_date(now):
        raise DomainError("会议日期不能晚于今天。请在会后登记。", code="future_meeting", field="held_on")
    seen = _check_paper(assessment, adoption, meeting, printed)
    if meeting.delegates < 1:
        raise DomainError("请填写应到代表（职工）人数。", code="delegates", field="delegates")
    if not meeting.votes_for <= meeting.participants <= meeting.delegates:
        raise DomainError(
            "人数不合：应到 ≥ 实到 ≥ 赞成。请按会议签到和表决记录核对。", code="counts", field="participants"
        )
    if meeting.participants * 3 < meeting.delegates * 2:
        raise DomainError(
            "实到人数不足应到人数的三分之二，会议无效。请核对人数或重新召开。",
            code="quorum",
            field="participants",
        )
    if meeting.votes_for * 2 <= meeting.delegates:
        raise DomainError(
            "赞成人数未超过全体代表的半数，审议未通过。请修改自评后重新审议。",
            code="majority",
            field="votes_for",
        )
    return seen


def _check_paper(assessment: Assessment, adoption: Adoption, meeting: Meeting, printed: str) -> str:
    """What was voted on is what is frozen: by the day, by the code on the paper, or by the city office's word.

    The stamped paper of a 代录 or of a back-filled year was voted on before anybody typed it in; its scan stands for it.
    """
    seen = read_printed_hash(printed)
    if seen and seen != printed_hash_of(adoption.content_hash):
        raise DomainError(
            f"纸上的校验码与定稿不一致：定稿为 {adoption.short_hash}。请核对抄录；纸上确为别的校验码的，"
            "审议的不是本次定稿的内容，须按定稿重新审议，或恢复当时的内容后重新定稿。",
            code="other_print",
            field="printed_hash",
        )
    frozen_on = shanghai_date(adoption.frozen_at)
    on_paper = assessment.entered_on_behalf_of or assessment.backfilled
    if meeting.held_on < frozen_on and not (seen or on_paper or adoption.text_agreed_at):
        raise DomainError(
            f"会议日期早于定稿日期 {frozen_on}。审议的是本系统打印的稿件的，请填写纸上的内容校验码；"
            "纸上没有校验码的，请申请市三方委员会办公室确认文本一致，不必重新开会。",
            code="meeting_before_print",
            field="held_on",
        )
    return seen


def _void(adoption: Adoption, reason: str, now: datetime) -> None:
    adoption.voided_at, adoption.void_reason = now, reason
    adoption.save(update_fields=["voided_at", "void_reason"])


def _audit(
    actor: Actor,
    now: datetime,
    action: str,
    assessment: Assessment,
    changes: dict[str, list[object]],
    reason: str = "",
) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="Assessment",
        object_id=assessment.pk,
        label=str(assessment),
        changes=changes,
        reason=reason,
    )
