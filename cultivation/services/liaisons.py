"""定点联系: many firms given to one person at once, ended with a reason, handed over when the person leaves (C061)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from cultivation.ledgers.base import Ledger
from cultivation.ledgers.staff import COORDINATORS, INSTRUCTORS, LIAISONS
from cultivation.models import BargainingInstructor, Coordinator, LiaisonAssignment, Subject
from cultivation.services.ledgers import create_record, update_record
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError

Person = Coordinator | BargainingInstructor


@dataclass(frozen=True)
class Assigned:
    """`created`: new liaisons; `already`: names of firms the person looked after before."""

    created: list[LiaisonAssignment]
    already: list[str]


def ledger_of(person: Person) -> Ledger:
    return COORDINATORS if isinstance(person, Coordinator) else INSTRUCTORS


def person_key(person: Person) -> str:
    """The column of LiaisonAssignment that names the person."""
    return "coordinator" if isinstance(person, Coordinator) else "instructor"


def open_liaisons(person: Person) -> Any:
    """The person's liaisons without an end, oldest first, with their firms."""
    rows = LiaisonAssignment.objects.live().filter(**{person_key(person): person}, ends_on__isnull=True)
    return rows.select_related("subject").order_by("id")


@transaction.atomic
def assign_liaisons(
    *,
    actor: Actor,
    person: Person,
    subjects: Iterable[Subject],
    starts_on: date,
    now: datetime,
    backfilled: bool = False,
    source_document: str = "",
) -> Assigned:
    """The person looks after all these firms from `starts_on`; firms it already looks after are passed over.

    All or nothing. Raises what create_record raises: a firm of another district, a person who has left.
    """
    held = {row.subject_id for row in open_liaisons(person)}
    created, already = [], []
    for subject in subjects:
        if subject.pk in held:
            already.append(subject.name)
            continue
        created.append(
            create_record(
                actor=actor,
                ledger=LIAISONS,
                values={"subject": subject, person_key(person): person, "starts_on": starts_on},
                now=now,
                backfilled=backfilled,
                source_document=source_document,
                confirm_warnings=True,
            )
        )
    if not created and not already:
        raise DomainError("请先勾选要联系的企业。", code="nothing_chosen")
    return Assigned(created, already)


@transaction.atomic
def end_liaisons(
    *,
    actor: Actor,
    liaisons: Sequence[LiaisonAssignment],
    ends_on: date,
    reason: str,
    now: datetime,
    successor: Person | None = None,
) -> int:
    """End these liaisons on a day; with a successor the firms go on with that person from the next day.

    Returns how many were ended. Raises DomainError without a reason, for no liaison, or for the person itself.
    """
    if not liaisons:
        raise DomainError("请先勾选要结束或移交的企业。", code="nothing_chosen")
    if not reason.strip():
        raise DomainError("请写明原因，如“轮换”“调离”。", code="reason_required", field="reason")
    for liaison in liaisons:
        update_record(
            actor=actor,
            ledger=LIAISONS,
            record=liaison,
            expected_version=liaison.version,
            values={"ends_on": ends_on, "end_reason": reason.strip()},
            now=now,
            confirm_warnings=True,
        )
    if successor is not None:
        _refuse_same(liaisons, successor)
        assign_liaisons(
            actor=actor,
            person=successor,
            subjects=[liaison.subject for liaison in liaisons],
            starts_on=ends_on + timedelta(days=1),
            now=now,
        )
    return len(liaisons)


def _refuse_same(liaisons: Sequence[LiaisonAssignment], successor: Person) -> None:
    if any((liaison.coordinator or liaison.instructor) == successor for liaison in liaisons):
        raise DomainError("接任人不能是本人，请另选一人。", code="same", field="successor")
    if successor.left_on is not None:
        raise DomainError(f"{successor.name}已离任，请另选一人。", code="left", field="successor")


@transaction.atomic
def leave_service(
    *,
    actor: Actor,
    person: Person,
    left_on: date,
    reason: str,
    now: datetime,
    successor: Person | None = None,
) -> Person:
    """Write the last day of service; what is open goes to the successor, or ends with the reason. Nothing stays open."""
    liaisons = list(open_liaisons(person).select_related("coordinator", "instructor"))
    if liaisons:
        end_liaisons(
            actor=actor, liaisons=liaisons, ends_on=left_on, reason=reason, now=now, successor=successor
        )
    left: Person = update_record(
        actor=actor,
        ledger=ledger_of(person),
        record=person,
        expected_version=person.version,
        values={"left_on": left_on},
        now=now,
        confirm_warnings=True,
    )
    return left
