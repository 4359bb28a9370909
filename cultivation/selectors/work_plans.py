"""工作方案 as the city and a district see them: who has one, what it lacks, what last year's said."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from cultivation.enums import WorkPlanState
from cultivation.models import CampaignYear, WorkPlan
from cultivation.rules.work_plans import PART_KEYS, PARTS, PlanPart, missing_parts
from cultivation.selectors.calendar import statistical_periods
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.operations.models import Attachment


@dataclass(frozen=True)
class PlanRow:
    """One district and year; `plan` None: none begun. `readable` False: a draft, nobody else's yet.

    Not `in_use`: a year before the portal's use, whose plan is entered from paper, without alarms.
    """

    organization: Organization
    year: int
    plan: WorkPlan | None
    readable: bool
    in_use: bool = True

    @property
    def missing(self) -> list[PlanPart]:
        return parts_missing(self.plan) if self.plan else []

    @property
    def tag(self) -> str:
        """The kind of the status tag."""
        if self.plan is None:
            return "danger" if self.in_use else "neutral"
        kinds = {"ACCEPTED": "ok", "SUBMITTED": "info", "RETURNED": "warn"}
        return kinds.get(self.plan.state, "draft")

    @property
    def word(self) -> str:
        if self.plan is None:
            return "尚无方案" if self.in_use else "待补录"
        return str(self.plan.get_state_display())

    @property
    def filed(self) -> bool:
        return self.plan is not None and self.plan.state in {WorkPlanState.SUBMITTED, WorkPlanState.ACCEPTED}


def parts_missing(plan: WorkPlan) -> list[PlanPart]:
    return missing_parts({key: getattr(plan, key) for key in PART_KEYS})


def parts_of(plan: WorkPlan) -> list[tuple[PlanPart, str]]:
    """The six parts with what is written in them."""
    return [(part, getattr(plan, part.key)) for part in PARTS]


def readable_plans(actor: Actor) -> QuerySet[WorkPlan]:
    """A district reads its own; the city reads what was handed in, never a draft."""
    plans = WorkPlan.objects.visible_to(actor).live().select_related("organization", "year")
    return plans.exclude(state=WorkPlanState.DRAFT) if actor.sees_whole_city else plans


def get_plan(actor: Actor, pk: int) -> WorkPlan:
    """Http404 for what the actor may not read."""
    plans = readable_plans(actor).select_related("submitted_by", "decided_by", "updated_by")
    return get_object_or_404(plans, pk=pk)


def questions_before_submit(plan: WorkPlan) -> dict[str, str]:
    """What is asked once before handing in, by the field that answers it. Statements: at most one."""
    asked = {}
    if lacking := parts_missing(plan):
        names = "、".join(part.name for part in lacking)
        asked["accept_missing"] = f"方案还缺：{names}。请补齐；确需先行报送的，请勾选“仍要报送”。"
    if unchanged_since_return(plan):
        asked["accept_unchanged"] = (
            f"退回后未作修改，仍要报送吗？退回理由：{plan.return_reason}。"
            "请先按退回理由修改；确需原样报送的，请勾选“未作修改，仍要报送”。"
        )
    return asked


def unchanged_since_return(plan: WorkPlan) -> bool:
    """Nothing of a returned plan was touched since: no text, no document number, no file. The return itself was the
    last writing of the row."""
    if plan.state != WorkPlanState.RETURNED or plan.updated_at != plan.decided_at:
        return False
    return not Attachment.objects.of("WorkPlan", plan.pk).filter(uploaded_at__gt=plan.decided_at).exists()


def plans_of_year(actor: Actor, year: int) -> list[PlanRow]:
    """Every quota-bearing district in the actor's reach with its plan or none. Statements: 2."""
    districts = Organization.objects.districts().filter(carries_quota=True)
    if not actor.sees_whole_city:
        districts = districts.filter(pk=actor.district.pk if actor.district else 0)
    plans = {
        plan.organization_id: plan
        for plan in WorkPlan.objects.visible_to(actor).live().filter(year_id=year).select_related("year")
    }
    return [_row(actor, district, year, plans.get(district.pk)) for district in districts]


def plans_of_district(actor: Actor, district: Organization) -> list[PlanRow]:
    """One district's plans of all campaign years, newest first. Statements: 2."""
    plans = {
        plan.year_id: plan
        for plan in WorkPlan.objects.visible_to(actor)
        .live()
        .filter(organization=district)
        .select_related("year")
    }
    years = CampaignYear.objects.order_by("-year").values_list("year", flat=True)
    return [_row(actor, district, year, plans.get(year)) for year in years]


def _row(actor: Actor, district: Organization, year: int, plan: WorkPlan | None) -> PlanRow:
    readable = plan is not None and not (actor.sees_whole_city and plan.state == WorkPlanState.DRAFT)
    in_use = next((period.in_use for period in statistical_periods() if period.year == year), True)
    return PlanRow(district, year, plan, readable, in_use)


def last_years_plan(actor: Actor, year: int) -> WorkPlan | None:
    """The newest plan of the actor's district before `year`, as a start for this one."""
    if actor.district is None:
        return None
    return (
        WorkPlan.objects.visible_to(actor)
        .live()
        .filter(organization=actor.district, year_id__lt=year)
        .order_by("-year_id")
        .first()
    )
