"""Checks of bodies, seats, plans, work items and confirmed rosters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from cultivation.enums import EnrollmentState, RosterState, TargetMetric, WorkItemState, WorkPlanState
from cultivation.models import AnnualTarget, CultivationRoster, WorkItem, WorkPlan
from cultivation.permissions.rosters import CHOOSERS
from cultivation.rules.coverage import lacking_parties
from cultivation.rules.data_checks import Severity
from cultivation.rules.targets import METRIC_KINDS
from cultivation.rules.work_plans import PART_KEYS, missing_parts
from cultivation.selectors.calendar import years_judged
from cultivation.selectors.data_checks.base import (
    BODY_KEEPERS,
    REGISTER_KEEPERS,
    Check,
    Doubt,
    Mend,
    Scope,
    form_at,
    limited,
    register_check,
)
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, Role, SeatState
from zaozhuang_portal.accounts.models import TripartiteBody
from zaozhuang_portal.accounts.selectors.code_tables import organization_name

PLAN_WRITERS = frozenset({Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
EDIT_PLAN = Mend("补写方案", form_at("cultivation:plan_edit"), PLAN_WRITERS)
OPEN_ITEM = Mend("登记进展", form_at("cultivation:work_item_detail"), REGISTER_KEEPERS)


# Marks a doubt whose number is the body's: there is no seat yet that could be opened.
UNLISTED = (1,)


def _seat_form(doubt: Doubt) -> str:
    """The seat's form; for a party that is not listed yet, the form that adds a seat to the body."""
    name = "accounts:seat_create" if doubt.extra == UNLISTED else "accounts:seat_edit"
    return reverse(name, kwargs={"pk": doubt.pk})


EDIT_SEAT = Mend("登记席位", _seat_form, BODY_KEEPERS)


def _body_form(doubt: Doubt) -> str:
    """The body's own form; for a place that has no row yet the form that sets several up at once."""
    if doubt.pk:
        return reverse("accounts:body_edit", kwargs={"pk": doubt.pk})
    return reverse("accounts:bodies_establish")


def _choose_form(doubt: Doubt) -> str:
    year, district = doubt.extra
    return f"{reverse('cultivation:roster_choose', kwargs={'year': year})}?district={district}"


def unfilled_seats(scope: Scope, day: date) -> Iterator[Doubt]:
    """Seats nobody holds, parties an established body does not list, bodies without any seat. One statement."""
    rows = (
        TripartiteBody.objects.filter(established=True, organization__is_active=True)
        .filter(organization__in=scope.places())
        .order_by("organization__path", "pk", "seats__pk")
        .values_list(
            "pk", "name", "organization_id", "organization__level", "seats__pk", "seats__kind", "seats__state"
        )
    )
    for (pk, name, organization, level), group in groupby(rows, key=lambda row: row[:4]):
        seats = [row[4:] for row in group if row[4] is not None]
        place = organization_name(organization)
        if not seats:
            yield Doubt(name, "未登记席位", place, pk, UNLISTED)
            continue
        for seat, kind, state in seats:
            if state == SeatState.NOT_ESTABLISHED:
                yield Doubt(name, f"“{MemberUnitKind(kind).label}”席位空缺", place, seat)
        for kind in lacking_parties(level, [kind for _, kind, _ in seats], MemberUnitKind.values):
            yield Doubt(name, f"未登记“{MemberUnitKind(kind).label}”席位", place, pk, UNLISTED)


def places_without_body(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        scope.places()
        .filter(level__in=[Level.TOWNSHIP, Level.PARK], is_active=True)
        .filter(Q(tripartite_body__isnull=True) | Q(tripartite_body__established=False))
        .order_by("path")
        .values_list("tripartite_body__pk", "name", "parent_id")
    )
    for pk, name, parent in limited(rows):
        yield Doubt(name, "尚未建立三方机构", organization_name(parent), pk or 0)


def plans_without_part(scope: Scope, day: date) -> Iterator[Doubt]:
    blank = Q()
    for key in PART_KEYS:
        blank |= Q(**{key: ""})
    plans = scope.records(WorkPlan.objects).filter(blank, year_id__in=years_judged(day))
    if scope.actor is not None and scope.actor.sees_whole_city:
        plans = plans.exclude(state=WorkPlanState.DRAFT)  # a draft is the district's own
    plans = plans.order_by("organization_id", "id")
    for row in limited(plans.values("pk", "title", "organization_id", *PART_KEYS)):
        names = "、".join(part.name for part in missing_parts(row))
        yield Doubt(row["title"], f"缺：{names}", organization_name(row["organization_id"]), row["pk"])


def overdue_work_items(scope: Scope, day: date) -> Iterator[Doubt]:
    rows = (
        scope.records(WorkItem.objects)
        .filter(state=WorkItemState.OPEN, due_on__lt=day)
        .order_by("due_on", "id")
        .values_list("pk", "title", "due_on", "organization_id")
    )
    for pk, title, due, organization in limited(rows):
        detail = f"时限 {due}，已逾期 {(day - due).days} 天"
        yield Doubt(title, detail, organization_name(organization), pk)


def rosters_below_minimum(scope: Scope, day: date) -> Iterator[Doubt]:
    """A confirmed roster with fewer key subjects than a target of its district asks."""
    counted = Q(
        organization__enrollments__year_id=F("year_id"),
        organization__enrollments__state=EnrollmentState.CONFIRMED,
        organization__enrollments__is_key=True,
    )
    rosters = CultivationRoster.objects.filter(
        organization_id=OuterRef("organization_id"),
        year_id=OuterRef("year_id"),
        state=RosterState.CONFIRMED,
        backfilled=False,
    )
    targets = AnnualTarget.objects.filter(
        Exists(rosters), year_id__in=years_judged(day), organization__in=scope.places()
    )
    below = Q()
    for number, (metric, kinds) in enumerate(METRIC_KINDS.items()):
        of_kinds = counted & Q(organization__enrollments__subject__kind__in=kinds)
        targets = targets.annotate(
            **{f"n{number}": Count("organization__enrollments", filter=of_kinds, distinct=True)}
        )
        below |= Q(metric=metric, **{f"n{number}__lt": F("minimum")})
    order = list(METRIC_KINDS)
    for target in limited(targets.filter(below).order_by("organization_id", "id")):
        actual = getattr(target, f"n{order.index(target.metric)}")
        yield Doubt(
            str(TargetMetric(target.metric).label),
            f"名单已确认，现有 {actual} 个，少于目标 {target.minimum} 个",
            organization_name(target.organization_id),
            target.pk,
            (target.year_id, target.organization_id),
        )


register_check(
    Check(
        "BODY_WITH_UNFILLED_SEAT",
        Severity.VERIFY,
        "三方机构席位空缺",
        "席位没有成员单位，或已建立的机构没有登记席位，会签和覆盖都不完整。省、市、区（市）四家各有一席，"
        "由其他单位代行的登记“由××代行”；确未建立的不必处理。",
        unfilled_seats,
        (EDIT_SEAT,),
        clause="三（二）2（C057）",
    ),
    Check(
        "PLACE_WITHOUT_BODY",
        Severity.VERIFY,
        "乡镇（街道）、园区没有三方机构",
        "通知要求四级三方机构全覆盖。已建立的请登记成立日期和文号。",
        places_without_body,
        (Mend("登记三方机构", _body_form, BODY_KEEPERS),),
        clause="三（二）2（C057）",
    ),
    Check(
        "PLAN_WITHOUT_PART",
        Severity.VERIFY,
        "工作方案缺项",
        "通知要求方案明确六项内容，缺一项就不完整。",
        plans_without_part,
        (EDIT_PLAN,),
        clause="三（二）2（C066—C071）",
    ),
    Check(
        "WORK_ITEM_OVERDUE",
        Severity.MUST,
        "分解任务逾期",
        "任务过了时限没有办结。办结的登记办结日期，确需取消的写明理由。",
        overdue_work_items,
        (OPEN_ITEM,),
        clause="四（二）（C104）",
    ),
    Check(
        "ROSTER_BELOW_MINIMUM",
        Severity.MUST,
        "已确认的名单少于目标数",
        "名单已确认，数量仍低于年度目标，请增补（须写明理由）。",
        rosters_below_minimum,
        (Mend("选取增补", _choose_form, CHOOSERS),),
        clause="三（二）2（C074—C075）",
    ),
)
