"""A month's numbers of 用工咨询 or 矛盾纠纷调解 by topic and outcome, written at once (C061)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from cultivation.ledgers.base import Ledger
from cultivation.ledgers.display import words_of
from cultivation.rules.grids import merge_grid
from cultivation.selectors.assistance import tallies_of_month
from cultivation.services.grids import GridConflict, WarningCollector, write_row
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

Cells = Mapping[str, int | None]


def tally_cells(
    ledger: Ledger, *, organization: int, township: int | None, month: date
) -> dict[str, int | None]:
    """Cells "<topic>:<outcome>" of the month, every pair of the ledger's choices."""
    rows = tallies_of_month(ledger, organization=organization, township=township, month=month)
    topics, outcomes = ledger.by_key["topic"].choices, ledger.by_key["outcome"].choices
    return {
        f"{topic}:{outcome}": rows[topic, outcome].count if (topic, outcome) in rows else None
        for topic, _ in topics
        for outcome, _ in outcomes
    }


def refuse_tallies(actor: Actor, organization: Organization, township: Organization | None) -> str:
    """Why the actor may not enter the month's numbers of this place, or "". Persons (指导员) enter single cases."""
    if actor.role in {Role.CITY_OFFICE, Role.CITY_MEMBER}:
        return ""
    own = actor.district is not None and actor.district.pk == organization.pk
    if own and actor.role in {Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER}:
        return ""
    if own and actor.role == Role.TOWNSHIP_STAFF and township == actor.organization:
        return ""
    return "只能填报本区（市）、本乡镇（街道）的月度数。"


@transaction.atomic
def save_month_tallies(
    *,
    actor: Actor,
    ledger: Ledger,
    organization: Organization,
    month: date,
    typed: Cells,
    now: datetime,
    township: Organization | None = None,
    shown: Cells | None = None,
    source_document: str = "",
    confirm_warnings: bool = False,
) -> int:
    """Write cells of (topic, outcome); 0 or None removes the row. Returns how many rows changed.

    `month` is its first day. `source_document` marks new rows as 补录.
    Raises GridConflict, NeedsConfirmation (double counting, a month of a closed year), NotAllowed, DomainError.
    """
    if reason := refuse_tallies(actor, organization, township):
        raise NotAllowed(reason)
    if month.day != 1:
        raise DomainError("月份须从一日起。", code="month", field="month")
    if township is not None and township.parent_id != organization.pk:
        raise DomainError(
            f"“{township.name}”不由“{organization.name}”管理，请重新选择。", code="township", field="township"
        )
    Organization.objects.select_for_update().get(pk=organization.pk)
    place = township.pk if township is not None else None
    rows = tallies_of_month(ledger, organization=organization.pk, township=place, month=month)
    stored = tally_cells(ledger, organization=organization.pk, township=place, month=month)
    typed = {key: value or None for key, value in typed.items()}
    if strangers := set(typed) - set(stored):
        raise DomainError(f"没有“{sorted(strangers)[0]}”这一格，请刷新页面。", code="cell")
    merged = merge_grid(stored if shown is None else shown, typed, stored)
    if merged.conflicts:
        raise GridConflict({key: now_stored for key, (_, now_stored) in merged.conflicts.items()})
    collector = WarningCollector()
    for key, (_, number) in merged.changes.items():
        topic, _, outcome = key.partition(":")
        values = {
            "happened_on": month,
            "topic": topic,
            "outcome": outcome,
            "tally": True,
            "count": number,
            "township": township,
            "organization": organization,
        }
        collector.run(
            f"{words_of(ledger.by_key['topic'], topic)}、{words_of(ledger.by_key['outcome'], outcome)}",
            lambda topic=topic, outcome=outcome, values=values, number=number: write_row(  # type: ignore[misc]  # bound now, run now
                actor=actor,
                ledger=ledger,
                record=rows.get((topic, outcome)),
                values=None if number is None else values,
                now=now,
                backfilled=bool(source_document.strip()),
                source_document=source_document,
                confirm_warnings=confirm_warnings,
            ),
        )
    collector.raise_collected()
    return len(merged.changes)
