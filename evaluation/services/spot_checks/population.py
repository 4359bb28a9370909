"""抽查对象名录: frozen with its hash, shown to the districts, doubted and answered before the seed (design §4a)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from evaluation.enums import RoundState
from evaluation.models import PopulationRow, SeedTicket, SpotCheckRound
from evaluation.permissions.roles import ROUND_DISPUTERS
from evaluation.permissions.spot_checks import require_round_keeper
from evaluation.rules.spot_checks.draw import Candidate, DrawError, check_population, population_sha256
from evaluation.rules.spot_checks.plans import MAX_REASON, SHORTEST_REASON
from evaluation.selectors.spot_checks.frame import FrameView, build_frame
from evaluation.services.spot_checks.rounds import audit_round, guard_round_year, lock_round
from evaluation.workflows.spot_checks import FREEZE_ROUND, ROUND_WORKFLOW, UNFREEZE_ROUND
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length

# A doubt stays with its subject when the list is made anew.
_DISPUTE = (
    "disputed_at",
    "disputed_by_id",
    "dispute",
    "dispute_answer",
    "dispute_answered_at",
    "dispute_answered_by_id",
)


def require_reason(label: str, text: str, *, field: str = "reason") -> str:
    text = require_length(label, text, MAX_REASON, field=field)
    if len(text) < SHORTEST_REASON:
        raise DomainError(f"请写明{label}（至少{SHORTEST_REASON}个字）。", code="required", field=field)
    return text


@transaction.atomic
def freeze_round(*, actor: Actor, held: SpotCheckRound, seen_revision: int, now: datetime) -> SpotCheckRound:
    """Write the list as of today and its SHA-256. Raises ConflictError when the plan is not the one that was read.

    DomainError: an empty list, a stratum with a rate of its own that the list does not have.
    """
    require_round_keeper(actor)
    guard_round_year(actor, held.year_id, now, "冻结抽查对象名录")
    held = lock_round(held.pk)
    if held.state == RoundState.PLANNED and held.revision != seen_revision:
        raise ConflictError("抽查方案在您打开之后被他人修改，没有冻结。请核对后再冻结。")
    frame = build_frame(held, shanghai_date(now))
    sha256 = _sha256(held, frame)
    ROUND_WORKFLOW.apply(
        held,
        FREEZE_ROUND,
        role=actor.role,
        changes={"population_sha256": sha256, "frozen_at": now, "frozen_by": actor.user},
    )
    former = {
        row.subject_id: row for row in PopulationRow.objects.filter(round=held, disputed_at__isnull=False)
    }
    for row in frame.rows:
        if row.subject_id in former:
            for name in _DISPUTE:
                setattr(row, name, getattr(former[row.subject_id], name))
    PopulationRow.objects.filter(round=held).delete()
    PopulationRow.objects.bulk_create(frame.rows, batch_size=500)
    audit_round(actor, held, "冻结名录", now, {"population_sha256": ["", sha256]})
    return held


def _sha256(held: SpotCheckRound, frame: FrameView) -> str:
    candidates = [Candidate(row.code, row.name, row.stratum, row.weight) for row in frame.included]
    try:
        check_population(candidates)
    except DrawError as error:
        raise DomainError("；".join(one.message for one in error.problems), code="population") from error
    known = {row.code for row in frame.strata}
    if stray := sorted(set(held.strata) - known - {"default"}):
        words = "、".join(stray)
        raise DomainError(f"比例表写了名录中没有的层：{words}。请在比例表中清空后再冻结。", code="strata")
    return population_sha256(candidates)


@transaction.atomic
def unfreeze_round(*, actor: Actor, held: SpotCheckRound, reason: str, now: datetime) -> SpotCheckRound:
    """解除冻结 with its reason, before any seat has given digits or a commitment; a new freezing follows."""
    require_round_keeper(actor)
    guard_round_year(actor, held.year_id, now, "解除冻结")
    reason = require_reason("解除冻结的理由", reason)
    held = lock_round(held.pk)
    if held.state == RoundState.FROZEN and SeedTicket.objects.filter(round=held).exists():
        raise DomainError("已有席位给出数字或承诺值，名录不能再改动。", code="committed")
    former = held.population_sha256
    ROUND_WORKFLOW.apply(
        held,
        UNFREEZE_ROUND,
        role=actor.role,
        changes={
            "population_sha256": "",
            "frozen_at": None,
            "frozen_by": None,
            "revision": held.revision + 1,
        },
    )
    audit_round(actor, held, "解除冻结", now, {"population_sha256": [former, ""]}, reason)
    return held


def _frozen(pk: int) -> SpotCheckRound:
    held = lock_round(pk)
    if held.state != RoundState.FROZEN:
        raise ConflictError("名录只在冻结之后、抽取之前可以提出疑问和答复。请刷新页面查看最新状态。")
    return held


@transaction.atomic
def dispute_row(*, actor: Actor, row: PopulationRow, words: str, now: datetime) -> PopulationRow:
    """A district says a row of its own is wrong. Raises NotAllowed, ConflictError after the draw or when one stands."""
    if (
        actor.role not in ROUND_DISPUTERS
        or actor.district is None
        or actor.district.pk != row.organization_id
    ):
        raise NotAllowed("对名录的疑问由该对象所在的区（市）提出。")
    words = require_reason("疑问", words, field="dispute")
    held = _frozen(row.round_id)
    changed = PopulationRow.objects.filter(pk=row.pk, disputed_at__isnull=True).update(
        disputed_at=now, disputed_by=actor.user, dispute=words
    )
    if not changed:
        raise ConflictError("这一行已提出疑问，没有重复登记。请刷新页面查看。")
    row.refresh_from_db()
    audit_round(actor, held, "对名录提出疑问", now, reason=f"{row.name}：{words}")
    return row


@transaction.atomic
def answer_dispute(*, actor: Actor, row: PopulationRow, words: str, now: datetime) -> PopulationRow:
    """The city office answers a doubt. Raises ConflictError when it is answered already or the draw was made."""
    require_round_keeper(actor)
    words = require_reason("答复", words, field="dispute_answer")
    held = _frozen(row.round_id)
    changed = PopulationRow.objects.filter(
        pk=row.pk, disputed_at__isnull=False, dispute_answered_at__isnull=True
    ).update(dispute_answered_at=now, dispute_answered_by=actor.user, dispute_answer=words)
    if not changed:
        raise ConflictError("这一行没有待答复的疑问。请刷新页面查看。")
    row.refresh_from_db()
    audit_round(actor, held, "答复名录疑问", now, reason=f"{row.name}：{words}")
    return row
