"""The sample after the draw: 未检（递补） with its reason, and 指定 apart (design §4a)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cultivation.models import Subject
from evaluation.enums import CheckKind, CheckState, LetterKind, RoundState, Selection
from evaluation.models import Assessment, Letter, PopulationRow, SpotCheck, SpotCheckRound
from evaluation.permissions.spot_checks import require_round_keeper
from evaluation.rules.spot_checks.plans import MAX_SIGNER, check_number
from evaluation.selectors.spot_checks.frame import NO_CODE, code_of
from evaluation.selectors.spot_checks.notices import ABOUT
from evaluation.services.letters import withdraw_letter
from evaluation.services.spot_checks.draws import check_of_row
from evaluation.services.spot_checks.population import require_reason
from evaluation.services.spot_checks.rounds import audit_round, guard_round_year, lock_round
from evaluation.workflows.checks import CHECK_WORKFLOW, SKIP
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length

SKIPPABLE = CHECK_WORKFLOW.sources(SKIP)
DRAWN_BY_LOT = (Selection.RANDOM, Selection.RESERVE)


def _drawn(pk: int) -> SpotCheckRound:
    held = lock_round(pk)
    if held.state != RoundState.DRAWN:
        raise ConflictError("抽取之后、归档之前才能办理。请刷新页面查看最新状态。")
    return held


def _number(held: SpotCheckRound) -> str:
    """Checks are never deleted: the next number is their count plus one; the round is locked."""
    return check_number(held.year_id, held.batch, SpotCheck.objects.filter(round=held).count() + 1)


def _assessments(held: SpotCheckRound, subject: int) -> dict[int, int]:
    filed = Assessment.objects.filter(
        year_id=held.year_id, subject_id=subject, submitted_at__isnull=False
    ).order_by("pk")
    return dict(filed.values_list("subject_id", "pk"))


@transaction.atomic
def skip_check(*, actor: Actor, check: SpotCheck, reason: str, now: datetime) -> SpotCheck | None:
    """未检 with its reason; of one drawn by lot the next of its stratum enters. None: no 候补 is left, or none is due.

    Its 检查通知书 is withdrawn. Raises ConflictError when the check has begun or was skipped already,
    DomainError for a district's own check.
    """
    require_round_keeper(actor)
    reason = require_reason("未检理由", reason)
    if check.kind == CheckKind.DISTRICT:
        raise DomainError("各区（市）落实情况每批次必查，不能改为未检。", code="unit")
    held = _drawn(check.round_id)
    changed = SpotCheck.objects.filter(pk=check.pk, state__in=SKIPPABLE).update(
        state=CheckState.SKIPPED, skip_reason=reason, updated_at=now
    )
    if not changed:
        raise ConflictError("这项检查已经开始、已作结论或已改为未检，不能再改。请刷新页面查看最新状态。")
    _withdraw_notice(actor, check, now)
    entered = _enter_reserve(held, check, now) if check.selection in DRAWN_BY_LOT else None
    words = f"{check.number} {check.name}：{reason}"
    if check.selection in DRAWN_BY_LOT:
        words += f"；递补 {entered.number} {entered.name}" if entered else "；该层已无候补"
    audit_round(actor, held, "改为未检", now, reason=words)
    check.refresh_from_db()
    return entered


def _withdraw_notice(actor: Actor, check: SpotCheck, now: datetime) -> None:
    """Who was told to expect the visit is told that it does not come."""
    for letter in Letter.objects.filter(
        kind=LetterKind.CHECK_NOTICE, about_kind=ABOUT, about_id=check.pk, withdrawn_at__isnull=True
    ):
        withdraw_letter(actor=actor, letter=letter, reason=f"{check.number} 改为未检，不再检查。", now=now)


def _enter_reserve(held: SpotCheckRound, check: SpotCheck, now: datetime) -> SpotCheck | None:
    """The first 候补 of the stratum that the round does not check already (a class, 指定)."""
    taken = SpotCheck.objects.filter(round=held, subject__isnull=False).values("subject_id")
    row = (
        PopulationRow.objects.filter(round=held, stratum=check.stratum, included=True, drawn=False)
        .exclude(subject_id__in=taken)
        .order_by("position")
        .first()
    )
    if row is None:
        return None
    entered = check_of_row(row, Selection.RESERVE, _assessments(held, row.subject_id))
    entered.round, entered.number, entered.updated_at = held, _number(held), now
    entered.save()
    SpotCheck.objects.filter(pk=check.pk).update(replaced_by=entered)
    return entered


@transaction.atomic
def name_check(
    *, actor: Actor, held: SpotCheckRound, subject: Subject, reason: str, signer: str, now: datetime
) -> SpotCheck:
    """指定 apart from the draw, with reason and signer; never counted as random. Raises DomainError, ConflictError."""
    require_round_keeper(actor)
    guard_round_year(actor, held.year_id, now, "指定检查对象")
    reason = require_reason("指定理由", reason)
    signer = require_length("签发人", signer, MAX_SIGNER, field="signer")
    if not signer:
        raise DomainError("请填写签发人姓名。", code="required", field="signer")
    held = _drawn(held.pk)
    code = code_of(subject)
    if not code:
        raise DomainError(f"“{subject.name}”{NO_CODE}，请先补登代码。", code="code", field="subject")
    if SpotCheck.objects.filter(round=held, subject=subject).exists():
        raise ConflictError(f"“{subject.name}”已在本批次中，不用再指定。", field="subject")
    made = SpotCheck.objects.create(
        round=held,
        number=_number(held),
        kind=CheckKind.SUBJECT,
        organization_id=subject.managing_organization_id,
        subject=subject,
        code=code,
        name=subject.name,
        selection=Selection.NAMED,
        selection_reason=reason,
        signer=signer,
        assessment_id=_assessments(held, subject.pk).get(subject.pk),
        updated_at=now,
    )
    audit_round(actor, held, "指定检查对象", now, reason=f"{made.number} {made.name}：{reason}（{signer}）")
    return made
