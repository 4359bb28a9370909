"""What cultivation leaves to do for a person, as counts of one UNION: the number on the workbench is that of the page behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse

from cultivation.enums import RosterState, TransferState, WorkItemState, WorkPlanState
from cultivation.models import (
    Countersignature,
    CultivationRoster,
    SubjectTransfer,
    WorkItem,
    WorkPlan,
)
from cultivation.rules.periods import Period
from cultivation.selectors.pairings import to_be_paired, without_pairing
from cultivation.selectors.visits import my_follow_ups
from cultivation.selectors.work_items import open_overdue, visible_items
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES, Role, SeatState
from zaozhuang_portal.accounts.models import Seat

Counts = dict[tuple[str, str], int]
_FOLLOWERS = DISTRICT_ROLES | {Role.CITY_OFFICE, Role.CITY_MEMBER, Role.TOWNSHIP_STAFF, Role.INSTRUCTOR}


@dataclass(frozen=True)
class CultivationTodo:
    """One kind of work that waits. `count` is the number behind the link; `urgent`: past its day or sent back."""

    text: str
    count: int
    unit: str
    url: str
    urgent: bool = False


def _part(rows: QuerySet[Any], kind: str, word: str = "") -> Any:
    """(kind, word, n) of the rows; no row when there are none."""
    return (
        rows.order_by()
        .values(todo_kind=Value(kind, CharField()), todo_word=Value(word, CharField()))
        .annotate(todo_count=Count("pk"))
        .values_list("todo_kind", "todo_word", "todo_count")
    )


def _by_state(rows: QuerySet[Any], kind: str) -> Any:
    return (
        rows.order_by()
        .values("state")
        .annotate(
            todo_kind=Value(kind, CharField()), todo_word=Cast("state", CharField()), todo_count=Count("pk")
        )
        .values_list("todo_kind", "todo_word", "todo_count")
    )


def todo_parts(actor: Actor, *, period: Period, today: date) -> list[Any]:
    """Parts for one UNION, all of (kind, word, n); a role gets only what it may act on."""
    parts: list[Any] = []
    if actor.role in _FOLLOWERS:
        owed = my_follow_ups(actor)
        parts.append(_part(owed.filter(follow_up_due__lt=today), "follow_up", "overdue"))
        parts.append(_part(owed.filter(follow_up_due__gte=today), "follow_up", "open"))
        mine = WorkItem.objects.live().filter(
            responsible_user=actor.user, state=WorkItemState.OPEN, backfilled=False
        )
        parts.append(_part(mine, "work_item", "mine"))
    if actor.role in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE}:
        parts.append(_part(visible_items(actor).filter(open_overdue(today)), "work_item", "overdue"))
    if actor.role in DISTRICT_ROLES:
        parts += _of_district(actor, period, today)
    if actor.role == Role.CITY_OFFICE:
        parts.append(_by_state(WorkPlan.objects.live().filter(year_id=period.year), "plan"))
    return parts


def _of_district(actor: Actor, period: Period, today: date) -> list[Any]:
    chosen = to_be_paired(actor).filter(year_id=period.year, backfilled=False)
    gaps = without_pairing(chosen, first=period.first, last=period.last, today=today)
    transfers = SubjectTransfer.objects.visible_to(actor).filter(state=TransferState.REQUESTED)
    parts = [_part(gaps, "pairing", "gap")]
    if actor.role == Role.DISTRICT_OFFICE:
        decided_here = transfers.exclude(requesting_organization=actor.organization)
        plans = WorkPlan.objects.visible_to(actor).live().filter(year_id=period.year)
        parts += [_part(decided_here, "transfer", "waiting"), _by_state(plans, "plan")]
    return parts + _countersignatures(actor, period.year)


def _countersignatures(actor: Actor, year: int) -> list[Any]:
    """Plans and confirmed rosters of the year on which a seat of the actor's unit has not spoken at all."""
    unit = actor.capacity.member_unit
    if unit is None:
        return []
    seats = Seat.objects.filter(body__organization=OuterRef("organization"), unit=unit).exclude(
        state=SeatState.NOT_ESTABLISHED
    )
    of_plan = Countersignature.objects.filter(plan=OuterRef("pk"), seat__unit=unit)
    of_roster = Countersignature.objects.filter(roster=OuterRef("pk"), seat__unit=unit)
    plans = WorkPlan.objects.visible_to(actor).live().filter(Exists(seats), ~Exists(of_plan))
    rosters = CultivationRoster.objects.visible_to(actor).filter(Exists(seats), ~Exists(of_roster))
    now = Q(year_id=year, backfilled=False)
    return [
        _part(plans.filter(now), "sign", "plan"),
        _part(rosters.filter(now, state=RosterState.CONFIRMED), "sign", "roster"),
    ]


def cultivation_todos(actor: Actor, counts: Counts, *, year: int) -> list[CultivationTodo]:
    """The counts of todo_parts in words, the urgent first; those of nothing are left out."""
    follow_ups = reverse("cultivation:follow_up_list")
    items = reverse("cultivation:work_item_list")
    overdue_items = reverse("cultivation:work_item_overdue")
    plans = f"{reverse('cultivation:plan_list')}?year={year}"
    roster = reverse("cultivation:roster", kwargs={"year": year})

    def line(
        key: tuple[str, str], text: str, unit: str, url: str, *, urgent: bool = False
    ) -> CultivationTodo:
        return CultivationTodo(text, counts.get(key, 0), unit, url, urgent)

    todos = [
        line(
            ("follow_up", "overdue"),
            "已逾期的指导服务跟进",
            "项",
            f"{follow_ups}?mine=1&overdue=1",
            urgent=True,
        ),
        line(("work_item", "overdue"), "已逾期的责任事项", "项", overdue_items, urgent=True),
        line(
            ("pairing", "gap"),
            "还没有结对的重点培育对象",
            "个",
            f"{reverse('cultivation:pairing_matrix')}?year={year}",
        ),
        line(("follow_up", "open"), "待跟进的指导服务", "项", f"{follow_ups}?mine=1"),
        line(("work_item", "mine"), "由我负责、尚未办结的责任事项", "项", f"{items}?mine=1"),
        line(("sign", "plan"), "待我单位会签的工作方案", "份", plans),
        line(("sign", "roster"), "待我单位会签的培育名单", "份", roster),
        line(
            ("transfer", "waiting"), "待我区（市）答复的划转申请", "件", reverse("cultivation:transfer_list")
        ),
    ]
    if actor.role == Role.CITY_OFFICE:
        todos.append(line(("plan", WorkPlanState.SUBMITTED), "已报送、待接收的工作方案", "份", plans))
    if actor.role == Role.DISTRICT_OFFICE:
        todos.append(line(("plan", WorkPlanState.RETURNED), "被退回的工作方案", "份", plans, urgent=True))
        todos.append(line(("plan", WorkPlanState.DRAFT), "尚未报送的工作方案", "份", plans))
        if not any(kind == "plan" for kind, _ in counts):
            todos.append(CultivationTodo("本年度工作方案尚未拟订", 1, "份", plans))
    return [todo for todo in todos if todo.count]
