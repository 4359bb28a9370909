"""How the campaign years stand: closed or not, which reports the city has, what is still open of a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count

from cultivation.enums import (
    CorrectionState,
    MediationOutcome,
    RosterState,
    WorkItemState,
    WorkPlanState,
)
from cultivation.models import (
    CampaignYear,
    CultivationRoster,
    Enrollment,
    GuidanceVisit,
    Mediation,
    WorkItem,
    WorkPlan,
    YearCorrection,
)
from evaluation.enums import AssessmentState
from evaluation.models import Assessment, Rectification, SpotCheck
from reporting.enums import ReportState
from reporting.models import AnnualReport
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization

# What is final of an assessment; the rest is open work that closing neither ends nor stops.
FINAL_ASSESSMENTS = (AssessmentState.CONFIRMED, AssessmentState.ARCHIVED)


@dataclass(frozen=True)
class OpenWork:
    """One kind of work still open of a year, in words with its number: 「未完成的自评和核验 3 份」."""

    label: str
    count: int
    unit: str

    @property
    def words(self) -> str:
        return f"{self.label}{self.count}{self.unit}"


@dataclass(frozen=True)
class YearStanding:
    """One year: which districts' reports the city has received, whose are missing with their state in words."""

    year: CampaignYear
    total: int
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def received(self) -> int:
        return self.total - len(self.missing)

    @property
    def missing_words(self) -> str:
        return "、".join(f"{name}（{state}）" for name, state in self.missing.items())

    def why_not_closable(self, today: date) -> str:
        """Why the year cannot be closed, in words, or ""."""
        if self.year.closed_at is not None:
            return f"{self.year}已封存。"
        if today <= self.year.period_end:
            return f"{self.year}统计期到 {self.year.period_end} 才结束，还不能封存。"
        if self.missing:
            return (
                f"{self.year}还有{len(self.missing)}个区（市）的书面报告未接收，不能封存：{self.missing_words}。"
                "请先催报并接收。"
            )
        return ""


def year_standings() -> list[YearStanding]:
    """All campaign years, earliest first. A report counts as received once the city accepted it. Statements: 3."""
    districts = list(Organization.objects.districts().filter(carries_quota=True))
    states: dict[int, dict[int, str]] = defaultdict(dict)
    rows = AnnualReport.objects.order_by().values_list("year_id", "organization_id", "state")
    for year_id, organization_id, reached in rows:
        states[year_id][organization_id] = reached
    standings = []
    for year in CampaignYear.objects.select_related("closed_by").order_by("year"):
        missing = {}
        for district in districts:
            state = states[year.pk].get(district.pk, "")
            if state != ReportState.ACCEPTED:
                missing[district.name] = str(ReportState(state).label) if state else "未报送"
        standings.append(YearStanding(year, len(districts), missing))
    return standings


def standing_of(year: CampaignYear) -> YearStanding:
    return next(item for item in year_standings() if item.year.pk == year.pk)


def open_work(year: CampaignYear) -> list[OpenWork]:
    """What of the year is still open, by kind; closing names it and leaves it to be finished. Statements: 8."""
    unconfirmed = (
        Enrollment.objects.filter(year=year, state="CANDIDATE")
        .exclude(
            organization_id__in=CultivationRoster.objects.filter(
                year=year, state=RosterState.CONFIRMED
            ).values("organization_id")
        )
        .aggregate(n=Count("organization", distinct=True))["n"]
    )
    assessments = Assessment.objects.filter(year=year).exclude(state__in=FINAL_ASSESSMENTS)
    plans = WorkPlan.objects.live().filter(year=year).exclude(state=WorkPlanState.ACCEPTED)
    items = WorkItem.objects.live().filter(year=year, state=WorkItemState.OPEN)
    follow_ups = GuidanceVisit.objects.live().filter(
        year=year, follow_up_due__isnull=False, follow_up_done_on__isnull=True
    )
    mediations = Mediation.objects.live().filter(year=year, outcome=MediationOutcome.OPEN)
    checks = SpotCheck.objects.filter(round__year=year).open()
    orders = Rectification.objects.filter(year=year).open()
    found = [
        OpenWork("未确认的培育名单", unconfirmed, "份"),
        OpenWork("未接收的工作方案", plans.count(), "份"),
        OpenWork("未办结的自评、核验和确认", assessments.count(), "份"),
        OpenWork("未办结的责任事项", items.count(), "项"),
        OpenWork("未办结的指导服务跟进", follow_ups.count(), "项"),
        OpenWork("未办结的矛盾纠纷调解", mediations.count(), "条"),
        OpenWork("未作结论的抽查", checks.count(), "项"),
        OpenWork("未销号的整改", orders.count(), "件"),
    ]
    return [item for item in found if item.count]


def corrections_of(actor: Actor) -> list[YearCorrection]:
    """The corrections the actor may see: those that wait first, then the newest. Statements: 1."""
    rows = YearCorrection.objects.visible_to(actor).select_related("year", "organization", "requested_by")
    return sorted(rows, key=lambda row: (row.state != CorrectionState.REQUESTED, -row.pk))
