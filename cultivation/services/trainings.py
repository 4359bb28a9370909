"""Who came to a training: attendance of many subjects written at once (C046)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Enrollment, Subject, Training, TrainingAttendance
from cultivation.rules.grids import merge_grid
from cultivation.selectors.trainings import choosable_participants
from cultivation.services.grids import GridConflict
from cultivation.services.ledgers import guard_ledger
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.row_versions import delete_kept
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

MANAGERS, HR = "managers", "hr"
MOST = 100_000
_WORDS = {MANAGERS: "负责人", HR: "人资"}
Cells = Mapping[str, int | None]


def cell_key(subject_id: int, audience: str) -> str:
    """The key of one box: "<subject>:managers" or "<subject>:hr"."""
    return f"{subject_id}:{audience}"


def refuse_attendance(actor: Actor, training: Training) -> str:
    """Why the actor may not enter who came, or "". At a city's training each district enters its own subjects."""
    if actor.role not in TRAININGS.keepers:
        return "您当前的身份不能登记参训人次。"
    if actor.is_city or training.organization.level == Level.CITY:
        return ""
    if actor.district is None or actor.district.pk != training.organization_id:
        return "只能登记本区（市）举办的培训和市级培训的参训人次。"
    return ""


@transaction.atomic
def set_attendance(
    *, actor: Actor, training: Training, typed: Cells, now: datetime, shown: Cells | None = None
) -> int:
    """Write 人次 by cell key; None or 0 in both audiences takes a subject off. Returns how many boxes changed.

    `shown`: what the page showed; without it the typed numbers stand whatever is stored (an import).
    Raises GridConflict when somebody else changed a touched box, NotAllowed, DomainError for a subject out of scope.
    """
    if reason := refuse_attendance(actor, training):
        raise NotAllowed(reason)
    locked = Training.objects.select_for_update().filter(pk=training.pk, removed_at__isnull=True)
    if not locked.values("pk").first():
        raise ConflictError("这场培训刚刚已被删除，没有保存。")
    typed = {key: value or None for key, value in typed.items()}
    wanted = {int(key.partition(":")[0]) for key in typed}
    rows = {
        row.subject_id: row
        for row in TrainingAttendance.objects.filter(training=training, subject__in=wanted)
    }
    stored: dict[str, int | None] = {}
    for pk in wanted:
        row = rows.get(pk)
        stored[cell_key(pk, MANAGERS)] = (row.managers or None) if row else None
        stored[cell_key(pk, HR)] = (row.hr or None) if row else None
    merged = merge_grid(stored if shown is None else shown, typed, stored)
    if merged.conflicts:
        raise GridConflict({key: now_stored for key, (_, now_stored) in merged.conflicts.items()})
    if not merged.changes:
        return 0
    touched = {int(key.partition(":")[0]) for key in merged.changes}
    subjects = {row.pk: row for row in choosable_participants(actor, training).filter(pk__in=touched)}
    subjects |= {
        row.pk: row for row in Subject.objects.readable_by(actor).filter(pk__in=touched & set(rows))
    }  # somebody who came stays editable after a move
    if missing := touched - set(subjects):
        raise DomainError(
            f"有 {len(missing)} 个对象不在您能登记的范围内，请刷新页面后重试。", code="subject", field=""
        )
    guard_ledger(
        actor=actor, ledger=TRAININGS, records=[training], now=now, what=f"参训人次：{training.title}"
    )
    _write(training, subjects, rows, {key: new for key, (_, new) in merged.changes.items()}, now)
    record_audit(
        actor=actor,
        at=now,
        action="登记参训人次",
        kind="Training",
        object_id=training.pk,
        label=training.title,
        changes={
            f"{subjects[int(key.partition(':')[0])].name}（{_WORDS[key.partition(':')[2]]}）": [old, new]
            for key, (old, new) in merged.changes.items()
        },
    )
    return len(merged.changes)


def _write(
    training: Training,
    subjects: Mapping[int, Subject],
    rows: Mapping[int, TrainingAttendance],
    changes: Mapping[str, int | None],
    now: datetime,
) -> None:
    numbers: dict[int, dict[str, int]] = {}
    for key, value in changes.items():
        pk, audience = int(key.partition(":")[0]), key.partition(":")[2]
        if not 0 <= (value or 0) <= MOST:
            raise DomainError(f"“{subjects[pk].name}”的人次不能超过 {MOST}，请核对。", code="range")
        row = rows.get(pk)
        before = {MANAGERS: row.managers, HR: row.hr} if row else {MANAGERS: 0, HR: 0}
        numbers.setdefault(pk, before)[audience] = value or 0
    frozen = dict(
        Enrollment.objects.filter(subject__in=numbers, year_id=training.year_id)
        .exclude(state="REMOVED")
        .values_list("subject_id", "organization_id")
    )
    new = []
    for pk, people in numbers.items():
        row = rows.get(pk)
        if not any(people.values()):
            if row is not None:
                delete_kept(TrainingAttendance.objects.filter(pk=row.pk), at=now)
        elif row is not None:
            row.managers, row.hr, row.changed_at = people[MANAGERS], people[HR], now
            row.save(update_fields=[MANAGERS, HR, "changed_at"])
        else:
            organization = frozen.get(pk, subjects[pk].managing_organization_id)
            new.append(
                TrainingAttendance(
                    training=training, subject_id=pk, organization_id=organization, entered_at=now, **people
                )
            )
    TrainingAttendance.objects.bulk_create(new)
