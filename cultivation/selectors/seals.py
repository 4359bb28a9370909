"""When plans, rosters and the records of a year are sealed, so that no file of them is lost (operations.access.Sealing)."""

from __future__ import annotations

from cultivation.enums import RosterState, WorkPlanState
from cultivation.models import CampaignYear, CultivationRoster, WorkPlan
from cultivation.models.records import Record
from zaozhuang_portal.operations.access import OPEN, Sealing

_HANDED_IN = frozenset({WorkPlanState.SUBMITTED, WorkPlanState.ACCEPTED})


def hold_plan(owner_id: int) -> None:
    """Lock the plan, so that no handing in passes while a file of it is written."""
    WorkPlan.objects.select_for_update(no_key=True, of=("self",)).filter(pk=owner_id).first()


def sealing_of_plan(owner_id: int) -> Sealing:
    """From handing in on. A back-filled plan since it was entered: its dates are those of the paper."""
    plan = WorkPlan.objects.filter(pk=owner_id).first()
    if plan is None or plan.first_submitted_at is None:
        return OPEN
    since = plan.created_at if plan.backfilled else plan.first_submitted_at
    return Sealing(plan.state in _HANDED_IN, since, f"工作方案{plan.get_state_display()}", "报送后")


def hold_roster(owner_id: int) -> None:
    CultivationRoster.objects.select_for_update(no_key=True, of=("self",)).filter(pk=owner_id).first()


def sealing_of_roster(owner_id: int) -> Sealing:
    """From the confirmation on; signed sheets still come in one by one."""
    roster = CultivationRoster.objects.filter(pk=owner_id).first()
    if roster is None or roster.confirmed_at is None:
        return OPEN
    return Sealing(
        roster.state == RosterState.CONFIRMED, roster.confirmed_at, "名单已确认", "确认后", additions=True
    )


def sealing_of_record(model: type[Record], owner_id: int) -> Sealing:
    """A ledger row of a year the city closed (封存)."""
    years = CampaignYear.objects.filter(
        closed_at__isnull=False, pk__in=model.objects.filter(pk=owner_id).values("year_id")
    )
    year = years.first()
    return OPEN if year is None else Sealing(True, year.closed_at, f"{year}已封存", additions=True)
