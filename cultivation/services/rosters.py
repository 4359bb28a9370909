"""The confirmed roster as a paper: raised by the first confirmation, changed only with a reason (notice 三（二）2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from cultivation.enums import CorrectionArea, RosterChangeKind, RosterState
from cultivation.models import CultivationRoster, Enrollment, RosterChange
from cultivation.permissions.rosters import CONFIRMERS, may_act_for
from cultivation.services.closed_years import guard_years
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length, shortened

SHORTEST_REASON, LONGEST_REASON = 5, 200
LONGEST_NUMBER = 60
ADDING_EXAMPLE = "新增规模以上企业，经三方会议研究增补"


def lock_roster(*, organization_id: int, year_id: int) -> CultivationRoster:
    """The roster of a district and year, made when missing, locked until the transaction ends."""
    CultivationRoster.objects.get_or_create(organization_id=organization_id, year_id=year_id)
    locked: CultivationRoster = CultivationRoster.objects.select_for_update().get(
        organization_id=organization_id, year_id=year_id
    )
    return locked


def guard_roster(*, actor: Actor, roster: CultivationRoster, what: str, now: datetime) -> None:
    """A confirmed roster of a closed year, or sealed with the report the city received, changes only under a 更正.

    The first confirmation is open work of its year and needs none. Raises YearClosed. The roster is locked by the caller.
    """
    guard_years(
        actor=actor,
        places=[(roster.year_id, roster.organization_id)],
        area=CorrectionArea.ROSTER,
        now=now,
        what=what,
        sealed=roster.sealed_at is not None,
    )


def clean_change_reason(reason: str, what: str) -> str:
    """The reason of a change without spaces around it; 5 to 200 characters. Raises DomainError (field reason)."""
    cleaned = reason.strip()
    if len(cleaned) < SHORTEST_REASON:
        example = ADDING_EXAMPLE if what == "增补" else "企业已停产"
        raise DomainError(
            f"请写明{what}理由（至少{SHORTEST_REASON}个字），如“{example}”。",
            code="reason_required",
            field="reason",
        )
    return require_length(f"{what}理由", cleaned, LONGEST_REASON, field="reason")


def raise_rosters(
    *,
    actor: Actor,
    confirmed: Iterable[Enrollment],
    reason: str,
    document_number: str,
    now: datetime,
) -> list[CultivationRoster]:
    """Enter enrollments just confirmed into the rosters of their districts and years.

    The first confirmation makes the roster 已确认, revision 1. Later ones are additions: they need a reason and raise
    the revision by one. Back-filled rows name their source as the reason. Call inside the transaction of the act.
    """
    groups: dict[tuple[int, int], list[Enrollment]] = defaultdict(list)
    for enrollment in confirmed:
        groups[enrollment.organization_id, enrollment.year_id].append(enrollment)
    return [
        _raise_roster(actor, organization_id, year_id, rows, reason, document_number, now)
        for (organization_id, year_id), rows in groups.items()
    ]


def _raise_roster(
    actor: Actor,
    organization_id: int,
    year_id: int,
    rows: list[Enrollment],
    reason: str,
    document_number: str,
    now: datetime,
) -> CultivationRoster:
    document_number = require_length("文号", document_number, LONGEST_NUMBER, field="document_number")
    roster = lock_roster(organization_id=organization_id, year_id=year_id)
    backfilled = all(row.backfilled for row in rows)
    if roster.state == RosterState.CONFIRMED:
        added = "、".join(str(row.subject) for row in rows)
        guard_roster(actor=actor, roster=roster, what=f"名单增补：{added}", now=now)
        if backfilled:
            reason = reason.strip() or shortened(
                f"补录：{rows[0].source_document or '历史资料'}", LONGEST_REASON
            )
        return record_roster_change(
            actor=actor,
            roster=roster,
            enrollments=rows,
            kind=RosterChangeKind.ADDED,
            reason=clean_change_reason(reason, "增补"),
            document_number=document_number,
            now=now,
        )
    roster.state, roster.revision = RosterState.CONFIRMED, roster.revision + 1
    roster.confirmed_at, roster.confirmed_by = now, actor.user
    roster.document_number = document_number.strip() or roster.document_number
    roster.backfilled = backfilled
    roster.source_document = rows[0].source_document if backfilled else ""
    roster.changed_at = now
    roster.save()
    record_audit(
        actor=actor,
        at=now,
        action="确认重点培育名单",
        kind="CultivationRoster",
        object_id=roster.pk,
        label=str(roster),
        changes={"revision": [roster.revision - 1, roster.revision], "subjects": [0, len(rows)]},
    )
    return roster


def record_roster_change(
    *,
    actor: Actor,
    roster: CultivationRoster,
    enrollments: list[Enrollment],
    kind: str,
    reason: str,
    document_number: str = "",
    now: datetime,
) -> CultivationRoster:
    """One act on a confirmed roster: the revision rises by one, each subject gets its line with the reason.

    The roster is locked by the caller. Signatures under an earlier revision stay and show which list they stand under.
    """
    old = roster.revision
    roster.revision, roster.changed_at = old + 1, now
    roster.save(update_fields=["revision", "changed_at"])
    RosterChange.objects.bulk_create(
        RosterChange(
            roster=roster,
            revision=roster.revision,
            enrollment=enrollment,
            kind=kind,
            reason=reason,
            document_number=document_number.strip(),
            changed_at=now,
            changed_by=actor.user,
        )
        for enrollment in enrollments
    )
    record_audit(
        actor=actor,
        at=now,
        action="调整重点培育名单",
        kind="CultivationRoster",
        object_id=roster.pk,
        label=str(roster),
        changes={
            "revision": [old, roster.revision],
            str(RosterChangeKind(kind).label): ["", "、".join(str(row.subject) for row in enrollments)],
            "document": ["", document_number.strip()],
        },
        reason=reason,
    )
    return roster


@transaction.atomic
def set_roster_document(
    *, actor: Actor, roster: CultivationRoster, document_number: str, now: datetime
) -> CultivationRoster:
    """Enter or correct the number under which the roster was issued. The list itself and its revision stay."""
    if not may_act_for(actor, CONFIRMERS, roster.organization_id):
        raise NotAllowed("只有本区（市）三方办公室可以登记名单文号。")
    number = require_length("文号", document_number, LONGEST_NUMBER, field="document_number")
    locked = lock_roster(organization_id=roster.organization_id, year_id=roster.year_id)
    old = locked.document_number
    if old != number:
        if old:
            guard_roster(actor=actor, roster=locked, what=f"名单文号：{old}改为{number}", now=now)
        locked.document_number, locked.changed_at = number, now
        locked.save(update_fields=["document_number", "changed_at"])
        record_audit(
            actor=actor,
            at=now,
            action="登记名单文号",
            kind="CultivationRoster",
            object_id=locked.pk,
            label=str(locked),
            changes={"document_number": [old, number]},
        )
    return locked


def remove_from_roster(
    *, actor: Actor, enrollment: Enrollment, reason: str, document_number: str, now: datetime
) -> None:
    """Write the change that takes a confirmed subject off a confirmed roster. Call inside the act's transaction."""
    roster = lock_roster(organization_id=enrollment.organization_id, year_id=enrollment.year_id)
    if roster.state == RosterState.CONFIRMED:
        guard_roster(actor=actor, roster=roster, what=f"名单调出：{enrollment.subject}", now=now)
        record_roster_change(
            actor=actor,
            roster=roster,
            enrollments=[enrollment],
            kind=RosterChangeKind.REMOVED,
            reason=reason,
            document_number=document_number,
            now=now,
        )
