"""The notice's own items and each party's duties as work items of every year (rules.work_items). Idempotent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from cultivation.models import CampaignYear, WorkItem
from cultivation.rules.work_items import NOTICE, SYSTEM_DATE, SeedItem, seed_items, units_line
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, SeatState
from zaozhuang_portal.accounts.models import MemberUnit, Organization, Seat
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date


@transaction.atomic
def seed_work_items(*, now: datetime, years: Iterable[int] | None = None) -> int:
    """Create what is missing for the city and every quota-bearing district; what exists or was removed stays.

    Items whose day has passed already come as 补录 with the notice as source, so that a new portal lights no alarms.
    Returns how many were created.
    """
    today = shanghai_date(now)
    wanted = CampaignYear.objects.order_by("year")
    if years is not None:
        wanted = wanted.filter(year__in=list(years))
    holders = _holders()
    existing = set(WorkItem.objects.values_list("organization_id", "year_id", "title"))
    created: list[tuple[WorkItem, list[MemberUnit]]] = []
    for organization in _organizations():
        for year in wanted:
            for seed in seed_items(organization.level, year.year):
                if (organization.pk, year.year, seed.title) in existing:
                    continue
                past = seed.due_on < today
                item = WorkItem(
                    organization=organization,
                    year=year,
                    title=seed.title,
                    clause=seed.clause,
                    due_on=seed.due_on,
                    note="" if seed.dated_by_notice else SYSTEM_DATE,
                    backfilled=past,
                    source_document=NOTICE if past else "",
                    created_at=now,
                    updated_at=now,
                )
                _give_lead(item, seed, holders)
                units = _units(organization, seed.participants, holders)
                units = [unit for unit in units if unit.pk != item.lead_unit_id]
                item.participating_words = units_line(unit.name for unit in units)
                created.append((item, units))
    WorkItem.objects.bulk_create([item for item, _ in created])
    joined = WorkItem.participating_units.through
    joined.objects.bulk_create(
        [joined(workitem_id=item.pk, memberunit_id=unit.pk) for item, units in created for unit in units]
    )
    if created:
        record_audit(
            actor=None,
            at=now,
            action="载入通知规定的责任事项",
            kind="WorkItem",
            changes={"created": [0, len(created)]},
        )
    return len(created)


def _organizations() -> list[Organization]:
    city = Organization.objects.filter(level=Level.CITY)
    return [*city, *Organization.objects.districts().filter(carries_quota=True)]


Holders = dict[tuple[int, str], MemberUnit]


def _holders() -> Holders:
    """(organization, kind of seat) → the unit that fills or represents it."""
    seats = (
        Seat.objects.exclude(state=SeatState.NOT_ESTABLISHED).select_related("body", "unit").order_by("id")
    )
    return {(seat.body.organization_id, seat.kind): seat.unit for seat in seats if seat.unit is not None}


def _give_lead(item: WorkItem, seed: SeedItem, holders: Holders) -> None:
    """The unit in the seat; where nobody holds it, the party by its name."""
    item.lead_unit = holders.get((item.organization_id, seed.lead)) if seed.lead else None
    if item.lead_unit is None:
        item.lead_name = seed.lead_name or f"{item.organization.name}{MemberUnitKind(seed.lead).label}"


def _units(organization: Organization, kinds: Iterable[str], holders: Holders) -> list[MemberUnit]:
    """Each department once, also where it holds two seats."""
    found = {kind: holders.get((organization.pk, kind)) for kind in kinds}
    return list({unit.pk: unit for unit in found.values() if unit is not None}.values())
