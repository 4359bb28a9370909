"""责任分解 as lists: by lead unit with the overdue first, by party for the city, and what waits for one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from cultivation.enums import WorkItemState
from cultivation.models import WorkItem
from cultivation.rules.work_items import days_overdue
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization


@dataclass(frozen=True)
class ItemRow:
    """One item; `overdue` in whole days, 0 when not."""

    item: WorkItem
    lead: str
    overdue: int


@dataclass(frozen=True)
class LeadGroup:
    """All items of one lead unit in the order shown: overdue (longest first), open by date, done, cancelled."""

    lead: str
    rows: list[ItemRow]

    @property
    def overdue(self) -> int:
        return sum(row.overdue > 0 for row in self.rows)

    @property
    def open(self) -> int:
        return sum(row.item.state == WorkItemState.OPEN for row in self.rows)

    @property
    def done(self) -> int:
        return sum(row.item.state == WorkItemState.DONE for row in self.rows)


@dataclass(frozen=True)
class PartyCount:
    """One party (unit or joint lead) of one organization: how its items stand."""

    organization: Organization
    lead: str
    total: int
    open: int
    overdue: int


def visible_items(actor: Actor) -> QuerySet[WorkItem]:
    """Rows in reach, and those the person answers for whatever the organization."""
    own = Q(pk__in=WorkItem.objects.filter(responsible_user=actor.user).values("pk"))
    if actor.is_administrator or actor.organization is None:
        return WorkItem.objects.none()
    reach = WorkItem.objects.visible_to(actor).values("pk")
    return (
        WorkItem.objects.live()
        .filter(Q(pk__in=reach) | own)
        .select_related("organization", "lead_unit", "responsible_user")
    )


def open_overdue(today: date) -> Q:
    """The rule of days_overdue as a condition (a test holds the two together)."""
    return Q(state=WorkItemState.OPEN, due_on__lt=today, backfilled=False)


def lead_of(item: WorkItem) -> str:
    return item.lead_unit.name if item.lead_unit else item.lead_name


def item_row(item: WorkItem, today: date) -> ItemRow:
    overdue = days_overdue(state=item.state, due_on=item.due_on, today=today, backfilled=item.backfilled)
    return ItemRow(item, lead_of(item), overdue)


_ORDER = {WorkItemState.OPEN: 0, WorkItemState.DONE: 1, WorkItemState.CANCELLED: 2}


@dataclass(frozen=True)
class ItemNumbers:
    """total = done + open + cancelled; overdue ≤ open."""

    total: int
    done: int
    open: int
    cancelled: int
    overdue: int


def item_numbers(items: QuerySet[WorkItem], *, today: date) -> ItemNumbers:
    """How these items stand. One statement."""
    found: dict[str, int] = items.order_by().aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=WorkItemState.DONE)),
        open=Count("pk", filter=Q(state=WorkItemState.OPEN)),
        cancelled=Count("pk", filter=Q(state=WorkItemState.CANCELLED)),
        overdue=Count("pk", filter=open_overdue(today)),
    )
    return ItemNumbers(**found)


def items_by_lead(
    actor: Actor, *, organization: Organization, year: int, today: date, only_overdue: bool = False
) -> list[LeadGroup]:
    """One organization's year, grouped by lead unit; groups with overdue items first. Statements: 2."""
    items = visible_items(actor).filter(organization=organization, year_id=year)
    if only_overdue:
        items = items.filter(open_overdue(today))
    groups: dict[str, list[ItemRow]] = {}
    for item in items.prefetch_related("participating_units").order_by("id"):
        row = item_row(item, today)
        groups.setdefault(row.lead, []).append(row)
    found = [LeadGroup(lead, sorted(rows, key=_position)) for lead, rows in groups.items()]
    return sorted(found, key=lambda group: -group.overdue)


def _position(row: ItemRow) -> tuple[int, int, date, int]:
    return (_ORDER[WorkItemState(row.item.state)], -row.overdue, row.item.due_on, row.item.pk)


def counts_by_party(actor: Actor, *, year: int, today: date) -> list[PartyCount]:
    """Every organization and lead in reach with its numbers, overdue first. One statement."""
    rows = (
        visible_items(actor)
        .filter(year_id=year)
        .order_by()
        .values(
            "organization__pk",
            "organization__name",
            "organization__sort_order",
            "lead_unit__name",
            "lead_name",
        )
        .annotate(
            total=Count("pk"),
            still_open=Count("pk", filter=Q(state=WorkItemState.OPEN)),
            late=Count("pk", filter=open_overdue(today)),
        )
    )
    ordered = sorted(
        rows, key=lambda row: (-row["late"], row["organization__sort_order"], row["lead_unit__name"] or "")
    )
    return [
        PartyCount(
            Organization(pk=row["organization__pk"], name=row["organization__name"]),
            row["lead_unit__name"] or row["lead_name"],
            row["total"],
            row["still_open"],
            row["late"],
        )
        for row in ordered
    ]


def overdue_items(actor: Actor, *, today: date, limit: int = 200) -> list[ItemRow]:
    """Everything overdue in reach, whatever the year, the longest first: it never disappears. One statement."""
    items = visible_items(actor).filter(open_overdue(today)).order_by("due_on", "id")[:limit]
    return [item_row(item, today) for item in items]


def my_open_items(actor: Actor) -> QuerySet[WorkItem]:
    """Open items the person answers for, the most urgent first. For the workbench."""
    return (
        WorkItem.objects.live()
        .filter(responsible_user=actor.user, state=WorkItemState.OPEN, backfilled=False)
        .order_by("due_on", "id")
    )


def work_item_counts(actor: Actor, *, today: date) -> dict[str, int]:
    """For the workbench: `mine` (open, answered for by the person), `mine_overdue`, `overdue` (in reach). One statement."""
    found: dict[str, int] = visible_items(actor).aggregate(
        mine=Count("pk", filter=Q(responsible_user=actor.user, state=WorkItemState.OPEN, backfilled=False)),
        mine_overdue=Count("pk", filter=open_overdue(today) & Q(responsible_user=actor.user)),
        overdue=Count("pk", filter=open_overdue(today)),
    )
    return found
