"""What cultivation knows one can miss: roster, first visit, pilots, pairing, plan, work items, follow-ups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from cultivation.enums import PilotProgressKind, RosterState, SubjectKind, SubjectState, WorkItemState
from cultivation.models import (
    AnnualTarget,
    CultivationRoster,
    Enrollment,
    GuidanceVisit,
    Pairing,
    PilotProgress,
    Subject,
    WorkItem,
    WorkPlan,
)
from cultivation.rules.pairings import reference_day
from cultivation.rules.targets import METRIC_KINDS
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.own_dates import by_year
from cultivation.selectors.rehearsal.base import OFFICES, DayAtHand, Miss, RehearsalItem, register_rehearsal
from cultivation.selectors.rehearsal.first_visits import chosen_by_then, first_visits_owed
from cultivation.selectors.targets import count_enrollments
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.selectors.code_tables import organization_name

# The year in which the pilots begun by then give their account (C080).
SUMMARY_YEAR = 2024


def quota_districts(scope: Scope) -> Any:
    """The districts in scope that carry targets, in the official order."""
    districts = Organization.objects.filter(level=Level.DISTRICT, carries_quota=True, is_active=True)
    # Its own district is judged for whoever works in it, also where that person sees a township of it only.
    places = (
        districts.filter(pk=scope.district.pk) if scope.district else districts.filter(pk__in=scope.places())
    )
    return places.order_by("sort_order", "code")


def districts_without(scope: Scope, at: DayAtHand, done: Any) -> Iterator[tuple[int, int, str]]:
    """(year, district, its name) of every year judged and district in scope of which there is none of `done`, rows that
    have a year and an organization. One statement."""
    kept = {
        f"kept_{year.pk}": Exists(done.filter(year=year, organization_id=OuterRef("pk"))) for year in at.years
    }
    rows = list(quota_districts(scope).annotate(**kept).values("pk", "name", *kept))
    for year in at.years:
        for row in rows:
            if not row[f"kept_{year.pk}"]:
                yield year.pk, row["pk"], row["name"]


def without_roster(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    """No confirmed roster, or one with fewer key subjects than the year's target. Statements: 3."""
    rosters = CultivationRoster.objects.filter(
        at.by_then("confirmed_at"), year__in=at.years, state=RosterState.CONFIRMED
    )

    def page(year: int, district: int) -> str:
        return f"{reverse('cultivation:roster', kwargs={'year': year})}?district={district}"

    for year, pk, name in districts_without(scope, at, rosters):
        yield Miss("", name, page(year, pk), "重点培育名单未确认", year=year)
    own = rosters.filter(organization_id=OuterRef("organization_id"), year_id=OuterRef("year_id"))
    targets = AnnualTarget.objects.filter(year__in=at.years, organization__in=quota_districts(scope))
    counts = count_enrollments([year.pk for year in at.years], at.until)
    short: dict[tuple[Organization, int], list[str]] = {}
    rows = targets.filter(Exists(own)).select_related("organization")
    for target in rows.order_by("organization__sort_order", "organization__code", "year_id", "id"):
        place = target.organization
        actual = sum(counts[target.year_id, place.pk][kind] for kind in METRIC_KINDS[target.metric])
        if actual < (target.minimum or 0):
            words = f"{target.get_metric_display()}已确认 {actual} 个，目标 {target.minimum} 个"
            short.setdefault((place, target.year_id), []).append(words)
    for (place, year), lines in short.items():
        yield Miss("", place.name, page(year, place.pk), "；".join(lines), year=year)


def without_first_visit(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    """Those due on the year's date, and those added later, each by its own date. Statements: 2."""
    for owed in first_visits_owed(scope, at):
        later = owed.added and at.day <= owed.due
        detail = "统计期内还没有指导服务"
        if owed.added:
            detail = added_words(owed.confirmed_on, owed.due, at.day, "首次服务")
        url = reverse("cultivation:subject_detail", kwargs={"pk": owed.subject})
        yield Miss(organization_name(owed.organization), owed.name, url, detail, later, owed.year)


def added_words(confirmed_on: date, due: date, day: date, what: str) -> str:
    """Since when a late addition is on the roster, by when its `what` is due, and by how many days it is late."""
    late = f"，逾期 {(day - due).days} 天" if day > due else ""
    return f"{confirmed_on} 增补，{what}时限 {due}{late}"


def without_pairing(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    """Of the year of that day: in force on it. Of a year before: any in it or since (as selectors.pairings.pairings_owed)."""
    first = {year.pk: reference_day(year.period_start, year.period_end, at.day) for year in at.years}
    pairings = Pairing.objects.live().filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("paired_from")),
        subject_id=OuterRef("subject_id"),
        starts_on__lte=at.day,
    )
    rows = chosen_by_then(scope, at).annotate(paired_from=by_year(first | {at.year.pk: at.day}))
    for pk, name, organization, year in rows.filter(~Exists(pairings)).values_list(
        "subject_id", "subject__name", "organization_id", "year_id"
    ):
        url = reverse("cultivation:subject_detail", kwargs={"pk": pk})
        yield Miss(organization_name(organization), name, url, f"{year}年度名单，没有在期的结对", year=year)


def without_plan(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    plans = WorkPlan.objects.live().filter(at.by_then("first_submitted_at"), year__in=at.years)
    url = reverse("cultivation:plan_list")
    for year, _, name in districts_without(scope, at, plans):
        yield Miss("", name, f"{url}?year={year}", f"{year}年度工作方案未报送", year=year)


def overdue_work_items(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    """Also those done later than that day: on that day they were overdue."""
    rows = (
        scope.records(WorkItem.objects)
        .filter(due_on__lt=at.day)
        .filter(Q(state=WorkItemState.OPEN) | Q(state=WorkItemState.DONE, done_on__gt=at.day))
        .order_by("due_on", "id")
    )
    for pk, title, due, organization in rows.values_list("pk", "title", "due_on", "organization_id"):
        url = reverse("cultivation:work_item_detail", kwargs={"pk": pk})
        detail = f"时限 {due}，逾期 {(at.day - due).days} 天"
        yield Miss(organization_name(organization), title, url, detail)


def overdue_follow_ups(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    rows = (
        scope.records(GuidanceVisit.objects)
        .filter(follow_up_due__lt=at.day, happened_on__lte=at.day)
        .filter(Q(follow_up_done_on__isnull=True) | Q(follow_up_done_on__gt=at.day))
        .order_by("follow_up_due", "id")
    )
    for pk, name, due, organization in rows.values_list(
        "pk", "subject__name", "follow_up_due", "organization_id"
    ):
        url = reverse("cultivation:ledger_detail", kwargs={"slug": "visits", "pk": pk})
        detail = f"跟进时限 {due}，逾期 {(at.day - due).days} 天"
        yield Miss(organization_name(organization), name, url, detail)


def no_pilot_chosen(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    """1–2 city-wide: a district's own page does not judge the city."""
    if not scope.whole_city:
        return
    chosen = Enrollment.objects.counted().filter(
        at.by_then("confirmed_at"), year__in=at.years, subject__kind=SubjectKind.INDUSTRY_PILOT
    )
    kept = set(chosen.order_by().values_list("year_id", flat=True))
    for year in at.years:
        if year.pk not in kept:
            yield Miss("", "全市", reverse("cultivation:pilot_list"), "还没有确认行业试点", year=year.pk)


def without_summary(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    summaries = PilotProgress.objects.live().filter(
        pilot_id=OuterRef("pk"), kind=PilotProgressKind.SUMMARY, happened_on__lte=at.day
    )
    pilots = (
        scope.subjects(Subject.objects)
        .filter(kind=SubjectKind.INDUSTRY_PILOT, state=SubjectState.ACTIVE, pilot_year__lte=SUMMARY_YEAR)
        .filter(~Exists(summaries))
        .order_by("managing_organization_id", "id")
    )
    for pk, name, organization in pilots.values_list("pk", "name", "managing_organization_id"):
        url = reverse("cultivation:pilot_detail", kwargs={"pk": pk})
        yield Miss(organization_name(organization), name, url, "没有试点经验总结", year=SUMMARY_YEAR)


register_rehearsal(
    RehearsalItem(
        "ROSTER",
        "重点培育名单未确认或未选足的区（市）",
        "名单确认后才计入目标，选足目标数才算完成。",
        without_roster,
        milestone="ROSTER",
        clause="三（二）2（C074—C075）",
    ),
    RehearsalItem(
        "FIRST_VISIT",
        "尚无首次指导服务的重点培育对象",
        "每户至少开展1次指导服务；确认名单以后增补的，从增补之日起算。",
        without_first_visit,
        milestone="FIRST_VISIT",
        clause="三（二）2（C073）",
    ),
    RehearsalItem(
        "PILOTS",
        "行业试点未选取",
        "2023年全市选取1—2个重点行业。",
        no_pilot_chosen,
        milestone="PILOTS",
        clause="三（二）3（C078）",
        owed_by_city=True,
    ),
    RehearsalItem(
        "PILOT_SUMMARY",
        "未交经验总结的行业试点",
        "2024年总结行业试点经验。",
        without_summary,
        milestone="PILOT_SUMMARY",
        clause="三（二）3（C080）",
        owed_by_city=True,
    ),
    RehearsalItem(
        "PLAN",
        "未报送工作方案的区（市）",
        "方案明确六项内容并报送。",
        without_plan,
        clause="三（二）2（C066—C071）",
        opened_by=OFFICES,
    ),
    RehearsalItem(
        "PAIRING",
        "未结对的重点培育对象",
        "列入名单的企业、园区、乡镇（街道）都要结对。",
        without_pairing,
        clause="三（二）2（C072）",
    ),
    RehearsalItem(
        "WORK_ITEMS",
        "逾期的分解任务",
        "过了时限仍未办结。",
        overdue_work_items,
        clause="四（二）（C104）",
    ),
    RehearsalItem(
        "FOLLOW_UPS",
        "逾期的跟进事项",
        "指导时答应跟进的事到期没有结果。",
        overdue_follow_ups,
        clause="三（二）2（C073）",
    ),
)
