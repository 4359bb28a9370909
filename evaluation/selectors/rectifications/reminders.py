"""Whom an order concerns, and which terms have reached a mark nobody was told of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from evaluation.models import LetterReceipt, Rectification
from evaluation.models.rectifications.rectifications import WITH_UNIT
from evaluation.rules.rectifications import OVERDUE, marks_reached
from evaluation.selectors.letters import signers_of
from zaozhuang_portal.accounts.models import User


def _addressee(row: Rectification, *, district: bool = False) -> LetterReceipt:
    """Of its subject, or (`district`) of the district itself."""
    return LetterReceipt(organization_id=row.organization_id, subject_id=None if district else row.subject_id)


def people_of_orders(rows: Iterable[Rectification], on: date) -> dict[int, list[User]]:
    """By key of the order: the people of the unit it was issued to who may sign in. Statements: 2."""
    orders = list(rows)
    told = signers_of((_addressee(row) for row in orders), on)
    return {row.pk: told[row.organization_id, row.subject_id] for row in orders}


@dataclass(frozen=True)
class MarkReached:
    """`marks` of the term are to be noted as told, the last of them is told to `people`."""

    order: Rectification
    marks: list[int]
    people: list[User]


def marks_to_tell(today: date) -> list[MarkReached]:
    """Of every order that lies with its unit, whatever its year; nothing of what was entered afterwards.

    An order that is overdue is told to its district and to who issued it, too. Statements: 2, and 2 when there is any.
    """
    rows = (
        Rectification.objects.filter(state__in=WITH_UNIT, backfilled=False, issued_on__isnull=False)
        .select_related("finding", "subject", "organization", "issued_by")
        .prefetch_related("reminders")
        .order_by("pk")
    )
    reached: list[tuple[Rectification, list[int]]] = []
    for row in rows:
        if row.issued_on is None or row.due_on is None:
            continue
        known = {one.mark for one in row.reminders.all() if one.due_on == row.due_on}
        new = [mark for mark in marks_reached(row.issued_on, row.due_on, today) if mark not in known]
        if new and new[-1] > max(known, default=0):
            reached.append((row, new))
    if not reached:
        return []
    of_unit = [_addressee(row) for row, _ in reached]
    of_district = [_addressee(row, district=True) for row, _ in reached]
    people = signers_of([*of_unit, *of_district], today)
    found = []
    for row, marks in reached:
        users = list(people[row.organization_id, row.subject_id])
        if marks[-1] == OVERDUE:
            users += people[row.organization_id, None]
            if row.issued_by is not None and row.issued_by.is_active:
                users.append(row.issued_by)
        if users:
            found.append(MarkReached(row, marks, users))
    return found
