"""What waits for others: handed in by the actor's unit, or owed to it. The second kind, and transfers, may be reminded."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from cultivation.enums import RosterState, SubjectState, TransferState, WorkPlanState
from cultivation.models import (
    Countersignature,
    CultivationRoster,
    Enrollment,
    SubjectTransfer,
    WorkPlan,
)
from cultivation.selectors.signing_todos import sign_identity, stale_signatures
from cultivation.selectors.todo_case import TodoCase, name_and_year, of_year
from cultivation.selectors.todos import deciding_side, plan_identity, roster_identity
from cultivation.selectors.visits import open_follow_ups
from cultivation.selectors.work_items import open_overdue, visible_items
from evaluation.enums import OPEN_STATES, AssessmentState
from evaluation.models import Assessment
from evaluation.permissions.roles import RECTIFIERS
from evaluation.selectors.letters import unsigned_letters
from evaluation.selectors.rectifications.todos import late_rectifications, sent_rectifications
from reporting.enums import FILED_STATES, ReportState
from reporting.models import AnnualReport
from reporting.selectors.todos import assessment_due, report_due, report_identity, start_identity
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES, Level, Role
from zaozhuang_portal.accounts.models import Organization, Seat
from zaozhuang_portal.operations.selectors.todos import TodoPart

CITY_OFFICE_WORDS = "市三方委员会办公室"
OWN = "本单位"
_ASKERS = DISTRICT_ROLES | {Role.CITY_OFFICE}


def _page(name: str, **fixed: Any) -> Any:
    return lambda target, aux: reverse(name, kwargs={"pk": target, **fixed})


def sent_parts(case: TodoCase | None, *, finished: bool = False) -> list[TodoPart]:
    """What the actor or its unit handed in, of any year, by state; with `finished` also what came to its end."""
    if case is None:
        return []
    actor = case.actor
    parts: list[TodoPart] = []
    if actor.role in DISTRICT_ROLES:
        parts += _plans(case, finished) + _reports(case, finished)
    if actor.role in _ASKERS:
        parts += _transfers(case, finished)
    if actor.role == Role.SUBJECT_CONTACT:
        parts += _assessments(case, finished)
    if actor.role in RECTIFIERS:
        parts.append(sent_rectifications(case))
    return parts


def _sent(key: str, act: str, rows: QuerySet[Any], state: str, **more: Any) -> TodoPart:
    return TodoPart(
        **{"key": key, "act": act, "label": act, "unit": "件", "rows": rows, "note": Value(state), **more}
    )


def _plans(case: TodoCase, finished: bool) -> list[TodoPart]:
    plans = WorkPlan.objects.visible_to(case.actor).live().filter(backfilled=False)
    places = {WorkPlanState.SUBMITTED: CITY_OFFICE_WORDS, WorkPlanState.RETURNED: OWN}
    if finished:
        places[WorkPlanState.ACCEPTED] = ""
    return [
        _sent(
            f"plan_{state.lower()}",
            "报送的工作方案",
            plans.filter(state=state),
            str(state.label),
            page=_page("cultivation:plan_detail"),
            what="title",
            place=Value(place),
            arrived="submitted_at" if state == WorkPlanState.SUBMITTED else "decided_at",
        )
        for state, place in places.items()
    ]


def _reports(case: TodoCase, finished: bool) -> list[TodoPart]:
    reports = AnnualReport.objects.visible_to(case.actor).filter(backfilled=False)
    places = {
        ReportState.UNDER_REVIEW: ("本区（市）三方办公室审核", "prepared_at"),
        ReportState.REVIEWED: ("本区（市）三方办公室报送", "reviewed_at"),
        ReportState.SUBMITTED: (CITY_OFFICE_WORDS, "submitted_at"),
    }
    if finished:
        places[ReportState.ACCEPTED] = ("", "accepted_at")
    return [
        _sent(
            f"report_{state.lower()}",
            "报送的年度报告",
            reports.filter(state=state),
            str(state.label),
            page=_page("reporting:report_detail"),
            what=of_year("书面报告"),
            place=Value(place),
            arrived=since,
            due=report_due(case) if state in (ReportState.UNDER_REVIEW, ReportState.REVIEWED) else None,
        )
        for state, (place, since) in places.items()
    ]


def _transfers(case: TodoCase, finished: bool) -> list[TodoPart]:
    asked = SubjectTransfer.objects.visible_to(case.actor).filter(
        requesting_organization=case.actor.organization
    )
    url = reverse("cultivation:transfer_list")
    parts = [
        _sent(
            "transfer_requested",
            "申请的划转",
            asked.filter(state=TransferState.REQUESTED),
            str(TransferState.REQUESTED.label),
            page=lambda target, aux: url,
            what="subject__name",
            place=Case(
                When(requesting_organization_id=F("from_organization_id"), then=F("to_organization__name")),
                default=F("from_organization__name"),
            ),
            arrived="requested_at",
            aux=deciding_side(),
            identity=lambda target, aux: ("SubjectTransfer", str(target)),
            tell=_page("cultivation:transfer_accept"),
        )
    ]
    if finished:
        parts += [
            _sent(
                f"transfer_{state.lower()}",
                "申请的划转",
                asked.filter(state=state),
                str(state.label),
                page=lambda target, aux: url,
                what="subject__name",
                arrived="decided_at",
            )
            for state in (TransferState.ACCEPTED, TransferState.REFUSED, TransferState.WITHDRAWN)
        ]
    return parts


def _assessments(case: TodoCase, finished: bool) -> list[TodoPart]:
    own = Assessment.objects.visible_to(case.actor).filter(backfilled=False)
    places: dict[AssessmentState, tuple[Any, str]] = {
        AssessmentState.SUBMITTED: ("organization__name", "submitted_at"),
        AssessmentState.UNDER_REVIEW: ("organization__name", "review_opened_at"),
        AssessmentState.RETURNED: (Value(OWN), "updated_at"),
        AssessmentState.VERIFIED: (Value(CITY_OFFICE_WORDS), "verified_at"),
    }
    if finished:
        places[AssessmentState.CONFIRMED] = (None, "confirmed_at")
        places[AssessmentState.ARCHIVED] = (None, "archived_at")
    return [
        _sent(
            f"assessment_{state.lower()}",
            "提交的自评",
            own.filter(state=state),
            str(state.label),
            page=_page("evaluation:assessment_home"),
            what="receipt_number",
            place=place,
            arrived=since,
        )
        for state, (place, since) in places.items()
    ]


# --- what is owed to the actor's unit -------------------------------------------------------------------------------


def owed_parts(case: TodoCase | None) -> list[TodoPart]:
    """What others owe to this office: all of it may be reminded of."""
    if case is None:
        return []
    if case.actor.role == Role.CITY_OFFICE:
        of_orders = [unsigned_letters(), late_rectifications(case)]
        return [*_of_districts(case), *_seats(case), _work_items(case), *of_orders]
    if case.actor.role == Role.DISTRICT_OFFICE:
        of_subjects = [*_self_assessments(case), late_rectifications(case)]
        return [*_seats(case), _work_items(case), _follow_ups(case), *of_subjects]
    return []


def remindable_parts(case: TodoCase | None) -> list[TodoPart]:
    """Of everything that waits for others, what this actor may remind of."""
    return [part for part in [*owed_parts(case), *sent_parts(case)] if part.tell is not None]


def _of_districts(case: TodoCase) -> list[TodoPart]:
    """Of every year of which it may still be missing: a part of the same kind each."""
    return [part for year in case.owed for part in _of_districts_in(case, year)]


def _of_districts_in(case: TodoCase, year: int) -> list[TodoPart]:
    districts = Organization.objects.districts().filter(carries_quota=True, is_active=True)
    own = {"organization": OuterRef("pk"), "year_id": year}
    plans = WorkPlan.objects.live().filter(**own, state__in=[WorkPlanState.SUBMITTED, WorkPlanState.ACCEPTED])
    rosters = CultivationRoster.objects.filter(**own, state=RosterState.CONFIRMED)
    reports = AnnualReport.objects.filter(**own, state__in=list(FILED_STATES))
    plan_url = f"{reverse('cultivation:plan_list')}?year={year}"
    roster_url = reverse("cultivation:roster", kwargs={"year": year})
    report_url = f"{reverse('reporting:report_list')}?year={year}"
    return [
        _sent(
            "plans_due",
            "报送工作方案",
            districts.filter(~Exists(plans)),
            "未报送",
            page=lambda target, aux: plan_url,
            what=Value(f"{year}年度工作方案"),
            place="name",
            due=case.due_days()[year],
            aux=year,
            identity=lambda target, aux: plan_identity(year, target),
            tell=lambda target, aux: plan_url,
        ),
        _sent(
            "rosters_due",
            "确认培育名单",
            districts.filter(~Exists(rosters)),
            "未确认",
            page=lambda target, aux: f"{roster_url}?district={target}",
            what=Value(f"{year}年度重点培育名单"),
            place="name",
            due=case.due_days("ROSTER")[year],
            aux=year,
            identity=lambda target, aux: roster_identity(year, target),
            tell=lambda target, aux: roster_url,
        ),
        _sent(
            "reports_due",
            "报送年度报告",
            districts.filter(~Exists(reports)),
            "未报送",
            page=lambda target, aux: report_url,
            what=Value(f"{year}年度书面报告"),
            place="name",
            due=case.due_days("ANNUAL_REPORT")[year],
            aux=year,
            identity=lambda target, aux: report_identity(year, target),
            tell=lambda target, aux: reverse("reporting:report_current", kwargs={"year": year}),
        ),
    ]


def _unsigned(papers: QuerySet[Any], paper: str) -> QuerySet[Any]:
    """One row per paper and unit of which no seat has spoken, or one spoke before the last change; the lowest seat of a
    unit stands for all."""
    seat = "organization__tripartite_body__seats"
    rows = papers.annotate(seat_pk=F(seat), unit_pk=F(f"{seat}__unit"), unit_name=F(f"{seat}__unit__name"))
    signed = Countersignature.objects.filter(**{paper: OuterRef("pk")}, seat__unit=OuterRef("unit_pk"))
    lower = Seat.objects.filter(
        unit=OuterRef("unit_pk"), body__organization=OuterRef("organization"), pk__lt=OuterRef("seat_pk")
    )
    stale = Exists(stale_signatures(paper, seat__unit=OuterRef("unit_pk")))
    words = Case(When(stale, then=Value("会签后有修改")), default=Value("未会签"))
    told = rows.annotate(sign_state=words)
    found: QuerySet[Any] = told.filter(~Exists(signed) | stale, ~Exists(lower), unit_pk__isnull=False)
    return found


def _seats(case: TodoCase) -> list[TodoPart]:
    actor = case.actor
    plans = WorkPlan.objects.visible_to(actor).live().filter(backfilled=False)
    if actor.sees_whole_city:
        plans = plans.exclude(state=WorkPlanState.DRAFT)
    rosters = CultivationRoster.objects.visible_to(actor).filter(
        state=RosterState.CONFIRMED, backfilled=False
    )
    unit = actor.capacity.member_unit
    parts = []
    for kind, papers, what, since in (
        ("plan", plans, "title", "updated_at"),
        ("roster", rosters, of_year("重点培育名单"), "confirmed_at"),
    ):
        rows = _unsigned(papers, kind)
        parts.append(
            _sent(
                f"seats_{kind}",
                "会签工作方案" if kind == "plan" else "会签培育名单",
                rows.exclude(unit_pk=unit.pk) if unit else rows,
                "未会签",
                note="sign_state",
                page=_page("cultivation:countersign", kind=kind),
                what=what,
                place="unit_name",
                arrived=since,
                aux="unit_pk",
                identity=lambda target, aux, kind=kind: sign_identity(kind, target, aux),
                tell=_page("cultivation:countersign", kind=kind),
            )
        )
    return parts


def _work_items(case: TodoCase) -> TodoPart:
    """Overdue ones others answer for; the city reminds of those of the districts."""
    late = (
        visible_items(case.actor).filter(open_overdue(case.today)).exclude(responsible_user=case.actor.user)
    )
    if case.actor.is_city:
        late = late.filter(organization__level=Level.DISTRICT)
    lead = Coalesce("lead_unit__name", "lead_name")
    holder = Case(When(responsible_person="", then=lead), default=F("responsible_person"))
    return _sent(
        "late_work_items",
        "办理责任事项",
        late,
        "已逾期",
        page=_page("cultivation:work_item_detail"),
        what="title",
        place=holder,
        arrived="created_at",
        due="due_on",
        aux="organization_id",
        identity=lambda target, aux: ("WorkItem", str(target)),
        reassign="" if case.actor.is_city else "work_item",
        tell=_page("cultivation:work_item_detail"),
    )


def _follow_ups(case: TodoCase) -> TodoPart:
    late = open_follow_ups(case.actor).filter(follow_up_due__lt=case.today, follow_up_by__isnull=False)
    return _sent(
        "late_follow_ups",
        "办结指导服务跟进",
        late.exclude(follow_up_by=case.actor.user),
        "已逾期",
        page=_page("cultivation:ledger_detail", slug="visits"),
        what="subject__name",
        place="follow_up_by__full_name",
        arrived="created_at",
        due="follow_up_due",
        identity=lambda target, aux: ("GuidanceVisit", str(target)),
        reassign="follow_up",
        tell=_page("cultivation:visit_follow_up"),
    )


def _self_assessments(case: TodoCase) -> list[TodoPart]:
    """Those begun and not handed in, and key subjects that have not begun; a late addition by its own date."""
    actor = case.actor
    filling = reverse("evaluation:filling_list")
    begun = Assessment.objects.filter(subject_id=OuterRef("subject_id"), year=OuterRef("year"))
    chosen = (
        Enrollment.objects.visible_to(actor)
        .counted()
        .filter(year_id__in=case.owed, backfilled=False, subject__state=SubjectState.ACTIVE)
    )
    open_ones = Assessment.objects.visible_to(actor).filter(
        state__in=list(OPEN_STATES), backfilled=False, entered_on_behalf_of=""
    )
    return [
        _sent(
            "self_open",
            "提交自评",
            open_ones,
            "未提交",
            page=lambda target, aux: filling,
            what=name_and_year("subject__name"),
            place="subject__name",
            arrived="created_at",
            due=assessment_due(case),
            aux="subject_id",
            identity=lambda target, aux: ("Assessment", str(target)),
            tell=_page("evaluation:assessment_home"),
        ),
        _sent(
            "self_not_begun",
            "提交自评",
            chosen.exclude(subject__kind="INDUSTRY_PILOT").filter(~Exists(begun)),
            "尚未开始",
            page=lambda target, aux: reverse("cultivation:subject_detail", kwargs={"pk": target}),
            what=name_and_year("subject__name"),
            place="subject__name",
            arrived="confirmed_at",
            due=case.self_due(),
            target="subject_id",
            aux="year_id",
            identity=lambda target, aux: start_identity(aux or 0, target),
            tell=lambda target, aux: reverse(
                "evaluation:assessment_start", kwargs={"year": aux, "subject_pk": target}
            ),
        ),
    ]
