"""What cultivation leaves to do for a person, as parts of one UNION: the same rows are counted and listed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, CharField, DateField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse

from cultivation.enums import (
    BackfillMatter,
    BackfillState,
    CorrectionState,
    EnrollmentState,
    RosterState,
    TransferState,
    WorkItemState,
    WorkPlanState,
)
from cultivation.models import (
    BackfillRequest,
    CultivationRoster,
    Enrollment,
    GuidanceVisit,
    SubjectTransfer,
    WorkItem,
    WorkPlan,
    YearCorrection,
)
from cultivation.permissions.rosters import CONFIRMERS
from cultivation.rules.gaps import GAP_CLAUSE
from cultivation.selectors.best_practices import awaiting_consent
from cultivation.selectors.pairings import pairings_owed
from cultivation.selectors.signing_todos import signing_parts
from cultivation.selectors.todo_case import TodoCase, name_and_year, of_year
from cultivation.selectors.visits import my_follow_ups
from cultivation.selectors.work_items import open_overdue, visible_items
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES, Role
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.operations.selectors.todos import Identity, TodoPart

_FOLLOWERS = DISTRICT_ROLES | {Role.CITY_OFFICE, Role.CITY_MEMBER, Role.TOWNSHIP_STAFF, Role.INSTRUCTOR}


def plan_identity(year: int, organization_id: int | None) -> Identity:
    """A district's plan of a year as a thing to remind of, also before there is one."""
    return "WorkPlan", f"{year}-{organization_id}"


def roster_identity(year: int, organization_id: int | None) -> Identity:
    """A district's confirmation of a year's roster as a thing to remind of, also before there is one."""
    return "CultivationRoster", f"{year}-{organization_id}"


def _page(name: str, **fixed: Any) -> Any:
    """The address of a page that takes the target as `pk`."""
    return lambda target, aux: reverse(f"cultivation:{name}", kwargs={"pk": target, **fixed})


def cultivation_parts(case: TodoCase) -> list[TodoPart]:
    """Everything cultivation has for this actor to do; a role gets only what it may act on itself."""
    actor = case.actor
    parts: list[TodoPart] = []
    if actor.role in _FOLLOWERS:
        parts += _personal(case)
    if actor.role in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE}:
        others = visible_items(actor).filter(open_overdue(case.today)).exclude(responsible_user=actor.user)
        others = others.exclude(_gaps_of(actor))
        parts.append(
            _work_item_part(
                "work_items_overdue",
                others,
                "督办逾期责任事项",
                "他人负责、已逾期的责任事项",
                urgent=True,
                reassign="" if actor.is_city else "work_item",
            )
        )
    if actor.role in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE}:
        parts.append(_gaps(actor))
    if actor.role in DISTRICT_ROLES:
        parts += _of_district(case)
    if actor.role == Role.CITY_OFFICE:
        parts += _of_city(case)
    if actor.role == Role.SUBJECT_CONTACT:
        parts.append(_consents(actor))
    return parts


def _consents(actor: Actor) -> TodoPart:
    """Practices told of the contact's own firm; nobody asks for consent in so many words, so each one waits."""
    page = reverse("cultivation:subject_practices", kwargs={"pk": actor.subject_id or 0})
    return TodoPart(
        key="consents",
        act="决定是否同意引用典型经验",
        label="待本企业同意的典型经验",
        unit="条",
        rows=awaiting_consent(actor),
        page=lambda target, aux: f"{page}#h-practice-{target}",
        what="title",
        place="organization__name",
        arrived="created_at",
        identity=lambda target, aux: ("BestPractice", str(target)),
        url=page,
    )


def _personal(case: TodoCase) -> list[TodoPart]:
    actor = case.actor
    mine = WorkItem.objects.live().filter(
        responsible_user=actor.user, state=WorkItemState.OPEN, backfilled=False
    )
    owed = my_follow_ups(actor)
    late, open_ones = owed.filter(follow_up_due__lt=case.today), owed.filter(follow_up_due__gte=case.today)
    page = reverse("cultivation:follow_up_list")
    return [
        _follow_up_part(
            "follow_ups_overdue", late, "已逾期的指导服务跟进", f"{page}?mine=1&overdue=1", urgent=True
        ),
        _follow_up_part("follow_ups", open_ones, "待跟进的指导服务", f"{page}?mine=1"),
        _work_item_part(
            "work_items",
            mine,
            "办理责任事项",
            "由我负责、尚未办结的责任事项",
            url=f"{reverse('cultivation:work_item_list')}?mine=1",
        ),
    ]


def _follow_up_part(
    key: str, rows: QuerySet[GuidanceVisit], label: str, url: str, *, urgent: bool = False
) -> TodoPart:
    return TodoPart(
        key=key,
        act="办结指导服务跟进",
        label=label,
        unit="项",
        rows=rows,
        page=_page("visit_follow_up"),
        what="subject__name",
        note="topic",
        place="organization__name",
        arrived="created_at",
        due="follow_up_due",
        identity=lambda target, aux: ("GuidanceVisit", str(target)),
        urgent=urgent,
        url=url,
        reassign="follow_up",
    )


def _work_item_part(
    key: str,
    rows: QuerySet[WorkItem],
    act: str,
    label: str,
    *,
    urgent: bool = False,
    url: str = "",
    reassign: str = "work_item",
) -> TodoPart:
    return TodoPart(
        key=key,
        act=act,
        label=label,
        unit="项",
        rows=rows,
        page=_page("work_item_detail"),
        what="title",
        note="responsible_person",
        place="organization__name",
        arrived="created_at",
        due="due_on",
        identity=lambda target, aux: ("WorkItem", str(target)),
        urgent=urgent,
        url=url,
        reassign=reassign,
    )


def _gaps_of(actor: Actor) -> Q:
    own = actor.organization.pk if actor.organization else 0
    return Q(organization_id=own, clause=GAP_CLAUSE, responsible_user__isnull=True)


def _gaps(actor: Actor) -> TodoPart:
    """Gaps given out to the own unit for which nobody answers in person yet (who does finds it among his own)."""
    rows = WorkItem.objects.live().filter(_gaps_of(actor), state=WorkItemState.OPEN, backfilled=False)
    return _work_item_part("gap_items", rows, "补齐缺口", "列给本单位的查漏补缺任务")


def _of_district(case: TodoCase) -> list[TodoPart]:
    actor = case.actor
    parts = [
        TodoPart(
            key="pairing_gaps",
            act="落实结对",
            label="还没有结对的重点培育对象",
            unit="个",
            rows=pairings_owed(actor, case.in_use, case.today),
            page=lambda target, aux: f"{reverse('cultivation:pairing_create', args=[target])}?year={aux}",
            what=name_and_year("subject__name"),
            place="subject__managing_organization__name",
            arrived="confirmed_at",
            due=case.due(),
            target="subject_id",
            aux="year_id",
        )
    ]
    if actor.role in CONFIRMERS:
        parts += _rosters_of_district(case)
    if actor.role == Role.DISTRICT_OFFICE:
        opened = YearCorrection.objects.visible_to(actor).filter(state=CorrectionState.CONSENTED)
        parts += [
            _transfer_part(case, _decided_by(actor)),
            *_plans_of_district(case),
            correction_part(
                "corrections_open",
                "办理年度更正",
                "已同意、待办结的年度更正",
                opened,
                arrived="decided_at",
                due="open_until",
            ),
        ]
    return parts + signing_parts(actor)


def _rosters_of_district(case: TodoCase) -> list[TodoPart]:
    """Candidates to confirm, and years of which there is neither a confirmed roster nor a candidate.

    What is added to a roster that is confirmed has no date: the year's was kept.
    """
    district = case.actor.district
    own = district.pk if district else 0
    confirmed = CultivationRoster.objects.filter(state=RosterState.CONFIRMED)
    candidates = Enrollment.objects.visible_to(case.actor).filter(state=EnrollmentState.CANDIDATE)
    kept = confirmed.filter(organization=OuterRef("organization"), year=OuterRef("year"))
    by = Case(
        When(Exists(kept), then=Value(None, DateField())),
        default=case.due("ROSTER"),
        output_field=DateField(),
    )
    own_year = {"organization_id": own, "year": OuterRef("pk")}
    begun = candidates.filter(**own_year)

    def page(year: int | None) -> str:
        return reverse("cultivation:roster", kwargs={"year": year})

    return [
        TodoPart(
            key="candidates",
            act="确认培育名单候选",
            label="待确认的培育名单候选",
            unit="个",
            rows=candidates,
            page=lambda target, aux: page(aux),
            what=name_and_year("subject__name"),
            place="organization__name",
            arrived="enrolled_at",
            due=by,
            aux="year_id",
        ),
        TodoPart(
            key="rosters_missing",
            act="确定培育名单",
            label="重点培育名单尚未确定",
            unit="份",
            rows=case.owed_years().filter(~Exists(confirmed.filter(**own_year)), ~Exists(begun)),
            page=lambda target, aux: page(target),
            what=of_year("重点培育名单", "pk"),
            place=Value(district.name if district else ""),
            due=case.due("ROSTER", "pk"),
            identity=lambda target, aux: roster_identity(target, own),
        ),
    ]


def _decided_by(actor: Actor) -> QuerySet[SubjectTransfer]:
    """Requests the actor's district has to answer: the other side's."""
    waiting = SubjectTransfer.objects.visible_to(actor).filter(state=TransferState.REQUESTED)
    return waiting.exclude(requesting_organization=actor.organization)


def deciding_side() -> Any:
    """The district that has to answer a transfer (services.subject_transfers), as SQL."""
    return Case(
        When(requesting_organization_id=F("from_organization_id"), then=F("to_organization_id")),
        default=F("from_organization_id"),
    )


def _decided_by_city(actor: Actor, today: date) -> QuerySet[SubjectTransfer]:
    """The city may decide any; it has to when the side that should answer has nobody in its office."""
    people = Membership.objects.in_force(today).filter(
        organization_id=OuterRef("side"), role=Role.DISTRICT_OFFICE, user__is_active=True
    )
    waiting = SubjectTransfer.objects.visible_to(actor).filter(state=TransferState.REQUESTED)
    return waiting.annotate(side=deciding_side()).filter(~Exists(people))


def _transfer_part(case: TodoCase, rows: QuerySet[SubjectTransfer]) -> TodoPart:
    return TodoPart(
        key="transfers",
        act="答复划转申请",
        label="待答复的划转申请",
        unit="件",
        rows=rows,
        page=_page("transfer_accept"),
        what="subject__name",
        note="reason",
        place="requesting_organization__name",
        arrived="requested_at",
        identity=lambda target, aux: ("SubjectTransfer", str(target)),
        url=reverse("cultivation:transfer_list"),
    )


def _plan_part(rows: QuerySet[WorkPlan], key: str, act: str, label: str, **more: Any) -> TodoPart:
    return TodoPart(
        key=key,
        act=act,
        label=label,
        unit="份",
        rows=rows,
        page=_page("plan_detail"),
        what="title",
        place="organization__name",
        aux="year_id",
        **more,
    )


def _plans_of_district(case: TodoCase) -> list[TodoPart]:
    """The notice sets no date for the plan: it is due by the end of the statistical period."""
    actor = case.actor
    district = actor.district
    own = district.pk if district else 0
    plans = WorkPlan.objects.visible_to(actor).live()

    def known(target: int, aux: int | None) -> Identity:
        return plan_identity(aux or 0, own)

    return [
        _plan_part(
            plans.filter(state=WorkPlanState.RETURNED),
            "plans_returned",
            "修改被退回的工作方案",
            "被退回的工作方案",
            note="return_reason",
            due="return_due_on",
            arrived="decided_at",
            urgent=True,
            identity=known,
        ),
        _plan_part(
            plans.filter(state=WorkPlanState.DRAFT),
            "plans_draft",
            "报送工作方案",
            "尚未报送的工作方案",
            due=case.due(),
            arrived="created_at",
            identity=known,
        ),
        TodoPart(
            key="plans_missing",
            act="拟订工作方案",
            label="工作方案尚未拟订",
            unit="份",
            rows=case.owed_years().filter(~Exists(plans.filter(organization_id=own, year=OuterRef("pk")))),
            page=lambda target, aux: reverse("cultivation:plan_create", kwargs={"year": target}),
            what=of_year("工作方案", "pk"),
            place=Value(district.name if district else ""),
            due=case.due("", "pk"),
            identity=lambda target, aux: plan_identity(target, own),
        ),
    ]


def _of_city(case: TodoCase) -> list[TodoPart]:
    return [
        _plan_part(
            WorkPlan.objects.live().filter(state=WorkPlanState.SUBMITTED),
            "plans_submitted",
            "接收工作方案",
            "已报送、待接收的工作方案",
            arrived="submitted_at",
        ),
        _transfer_part(case, _decided_by_city(case.actor, case.today)),
        _backfill_part(),
        correction_part(
            "corrections_asked",
            "答复年度更正",
            "待答复的年度更正申请",
            YearCorrection.objects.filter(state=CorrectionState.REQUESTED).exclude(
                requested_by=case.actor.user
            ),
            arrived="requested_at",
        ),
    ]


def correction_part(key: str, act: str, label: str, rows: QuerySet[YearCorrection], **more: Any) -> TodoPart:
    """更正 of closed years: to be answered by the city, to be made by the unit until its term ends."""
    return TodoPart(
        key=key,
        act=act,
        label=label,
        unit="件",
        rows=rows,
        page=_page("correction_detail"),
        what=of_year("更正"),
        note="content",
        place="organization__name",
        identity=lambda target, aux: ("YearCorrection", str(target)),
        url=reverse("reporting:year_list"),
        **more,
    )


def _backfill_part() -> TodoPart:
    """补录申请 of the districts, for the city office to answer."""
    url = reverse("cultivation:backfill_list")
    return TodoPart(
        key="backfill_requests",
        act="答复补录申请",
        label="待答复的补录申请",
        unit="件",
        rows=BackfillRequest.objects.filter(state=BackfillState.ASKED),
        page=lambda target, aux: url,
        what=Case(
            *(When(matter=matter, then=of_year(f"{matter.after_year}补录申请")) for matter in BackfillMatter),
            output_field=CharField(),
        ),
        note="reason",
        place="organization__name",
        arrived="asked_at",
        identity=lambda target, aux: ("BackfillRequest", str(target)),
        url=url,
    )
