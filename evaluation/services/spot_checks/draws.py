"""公开抽取: what the seats commit to and read out, the seed written once, the order and the checks it gives (design §4a)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from evaluation.enums import CheckKind, RoundState, Selection
from evaluation.models import Assessment, PopulationRow, SeedTicket, SpotCheck, SpotCheckRound
from evaluation.permissions.spot_checks import require_round_keeper
from evaluation.rules.spot_checks.draw import Candidate, draw, read_shares
from evaluation.rules.spot_checks.plans import MAX_SPEAKER, check_number
from evaluation.rules.spot_checks.seeds import SeatDigits, SeedError, check_commitment, join_seed
from evaluation.selectors.spot_checks.classes import class_reason
from evaluation.selectors.spot_checks.seats import SeatView, seats_of
from evaluation.services.spot_checks.rounds import audit_round, guard_round_year, lock_round
from evaluation.workflows.spot_checks import DRAW_ROUND, ROUND_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import SeatState
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length


@dataclass(frozen=True)
class SpokenDigits:
    """What the operator typed for one seat."""

    speaker: str = ""
    digits: str = ""
    nonce: str = ""


@transaction.atomic
def commit_seat(
    *, actor: Actor, held: SpotCheckRound, seat: str, commitment: str, now: datetime
) -> SeedTicket:
    """Keep what a seat commits to before the draw: SHA-256 of digits LF nonce, once. Raises DomainError, ConflictError."""
    require_round_keeper(actor)
    guard_round_year(actor, held.year_id, now, "登记承诺值")
    commitment = commitment.strip().lower()
    check_commitment(commitment, seat=seat)
    held = lock_round(held.pk)
    if held.state != RoundState.FROZEN:
        raise ConflictError("承诺值在名录冻结之后、抽取之前登记。请刷新页面查看最新状态。")
    found = {one.seat: one for one in seats_of(held)}
    if seat not in found or found[seat].state == SeatState.NOT_ESTABLISHED:
        raise DomainError("该席位未建立，不登记承诺值。", code="seat", field="seat")
    if found[seat].commitment:
        raise ConflictError(f"{found[seat].label}已登记承诺值，不能更换。")
    made = SeedTicket.objects.create(
        round=held,
        seat=seat,
        seat_state=found[seat].state,
        unit_name=found[seat].unit_name,
        commitment=commitment,
        committed_at=now,
        committed_by=actor.user,
    )
    audit_round(actor, held, "登记承诺值", now, reason=f"{found[seat].label}：{commitment}")
    return made


def joined_seed(held: SpotCheckRound, seats: list[SeatView], spoken: Mapping[str, SpokenDigits]) -> str:
    """The seed of what was typed; every problem is told at once. Raises SeedError."""
    used = SpotCheckRound.objects.exclude(pk=held.pk).filter(seed__isnull=False)
    return join_seed(
        [
            SeatDigits(
                seat=one.seat,
                state=one.state,
                digits=spoken.get(one.seat, SpokenDigits()).digits,
                speaker=spoken.get(one.seat, SpokenDigits()).speaker,
                unit_name=one.unit_name,
                commitment=one.commitment,
                nonce=spoken.get(one.seat, SpokenDigits()).nonce.strip().lower(),
            )
            for one in seats
        ],
        used={seed for seed in used.values_list("seed", flat=True) if seed},
    )


@transaction.atomic
def draw_round(
    *, actor: Actor, held: SpotCheckRound, spoken: Mapping[str, SpokenDigits], now: datetime
) -> SpotCheckRound:
    """The seed once, the order and the checks, in one transaction. Of racing calls one wins.

    Raises SeedError (digits), IllegalTransition (drawn already, not frozen), ConflictError (seed used meanwhile).
    """
    require_round_keeper(actor)
    guard_round_year(actor, held.year_id, now, "抽取")
    held = lock_round(held.pk)
    ROUND_WORKFLOW.find(held.state, DRAW_ROUND, actor.role)
    if waiting := PopulationRow.objects.filter(
        round=held, disputed_at__isnull=False, dispute_answered_at__isnull=True
    ).count():
        raise DomainError(f"名录还有 {waiting} 处疑问没有答复，答复后再抽取。", code="disputed")
    seats = seats_of(held)
    seed = joined_seed(held, seats, spoken)
    rows = list(PopulationRow.objects.filter(round=held).select_related("organization"))
    drawn = draw(
        [Candidate(row.code, row.name, row.stratum, row.weight) for row in rows if row.included],
        seed,
        read_shares(held.strata),
    )
    if drawn.population_sha256 != held.population_sha256:
        raise ConflictError("名录与冻结时的指纹不符，没有抽取。请联系系统管理员核对审计日志。")
    try:
        with transaction.atomic():
            ROUND_WORKFLOW.apply(
                held,
                DRAW_ROUND,
                role=actor.role,
                changes={"seed": seed, "drawn_at": now, "drawn_by": actor.user},
            )
    except IntegrityError as error:
        raise ConflictError("这个种子刚刚被另一批次使用。请各方重新读数字。") from error
    places = {place.id: place for place in drawn.order}
    for row in rows:
        if row.included:
            place = places[row.code]
            row.ticket, row.position, row.drawn = place.ticket, place.position, place.drawn
    PopulationRow.objects.bulk_update(
        [row for row in rows if row.included], ["ticket", "position", "drawn"], batch_size=400
    )
    _keep_digits(held, seats, spoken, now)
    _make_checks(held, rows, now)
    audit_round(actor, held, "抽取", now, {"seed": [None, seed]})
    return held


def _keep_digits(
    held: SpotCheckRound, seats: list[SeatView], spoken: Mapping[str, SpokenDigits], now: datetime
) -> None:
    for one in seats:
        given = spoken.get(one.seat, SpokenDigits())
        values: dict[str, object] = {"seat_state": one.state, "unit_name": one.unit_name}
        if one.state != SeatState.NOT_ESTABLISHED:
            values |= {
                "speaker": require_length("宣读人", given.speaker, MAX_SPEAKER, field=one.seat),
                "digits": given.digits.replace(" ", ""),
                "nonce": given.nonce.strip().lower() if one.commitment else "",
                "revealed_at": now,
            }
        SeedTicket.objects.update_or_create(round=held, seat=one.seat, defaults=values)


def _make_checks(held: SpotCheckRound, rows: list[PopulationRow], now: datetime) -> None:
    """All units first, then the drawn by stratum and position, then the members of a class that were not drawn."""
    filed = Assessment.objects.filter(year_id=held.year_id, submitted_at__isnull=False).order_by("pk")
    assessments = dict(filed.values_list("subject_id", "pk"))
    made = [
        SpotCheck(
            kind=CheckKind.DISTRICT,
            organization=unit,
            code=unit.code,
            name=unit.name,
            selection=Selection.UNIT,
        )
        for unit in Organization.objects.districts().filter(is_active=True)
    ]
    chosen = [row for row in rows if row.drawn] + [
        row for row in rows if row.included and row.classes and not row.drawn
    ]
    for row in sorted(chosen, key=lambda one: (not one.drawn, one.stratum, one.position or 0)):
        made.append(check_of_row(row, Selection.RANDOM if row.drawn else Selection.CLASS, assessments))
    for serial, check in enumerate(made, 1):
        check.round, check.updated_at = held, now
        check.number = check_number(held.year_id, held.batch, serial)
    SpotCheck.objects.bulk_create(made, batch_size=300)


def check_of_row(row: PopulationRow, selection: str, assessments: Mapping[int, int]) -> SpotCheck:
    """The unsaved check of a row of the list, without number and time."""
    return SpotCheck(
        kind=CheckKind.SUBJECT,
        organization_id=row.organization_id,
        subject_id=row.subject_id,
        code=row.code,
        name=row.name,
        selection=selection,
        selection_classes=row.classes,
        selection_reason=class_reason(row.classes),
        stratum=row.stratum,
        ticket=row.ticket,
        position=row.position,
        assessment_id=assessments.get(row.subject_id),
    )


__all__ = ["SeedError", "SpokenDigits", "check_of_row", "commit_seat", "draw_round", "joined_seed"]
