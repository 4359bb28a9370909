"""待办 of one person over all apps: which parts there are, in the order of the workbench."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse

from cultivation.enums import RosterState
from cultivation.models import CampaignYear, CultivationRoster, Milestone, Subject, WorkPlan
from cultivation.selectors.milestones import milestones_not_done
from cultivation.selectors.todo_case import TodoCase, name_and_year, of_year
from cultivation.selectors.todos import cultivation_parts
from evaluation.enums import AssessmentState
from evaluation.models import Assessment, ReturnRound
from evaluation.selectors.adoption import asked_texts
from evaluation.selectors.letters import letter_parts
from evaluation.selectors.rectifications.todos import rectification_parts
from evaluation.selectors.self_starts import years_to_begin
from evaluation.selectors.spot_checks.todos import DUTY, check_parts, held_rounds
from reporting.enums import ReportState
from reporting.models import AnnualReport
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES, Role
from zaozhuang_portal.operations.selectors.account_todos import account_parts
from zaozhuang_portal.operations.selectors.todos import Identity, TodoPart


def todo_parts(case: TodoCase | None) -> list[TodoPart]:
    """Everything that waits for the actor, each part with the rows it may see and act on; what never alarms last."""
    if case is None:
        return []
    actor = case.actor
    parts: list[TodoPart] = []
    if actor.role in DISTRICT_ROLES:
        parts = [*_reviews(case), *_reports_of_district(case)]
    elif actor.is_city:
        parts = _of_city(case)
    elif actor.role == Role.SUBJECT_CONTACT:
        parts = _of_contact(case)
    if actor.role == Role.DISTRICT_OFFICE:
        parts.append(_backfill_of_district(case))
    of_checks = [*letter_parts(case), *check_parts(case), *rectification_parts(case)]
    every = [*parts, *of_checks, *cultivation_parts(case), *account_parts(actor)]
    return sorted(every, key=lambda part: (part.quiet, not part.urgent))


def report_identity(year: int, organization_id: int | None) -> Identity:
    """A district's report of a year as a thing to remind of, also before it was begun."""
    return "AnnualReport", f"{year}-{organization_id}"


def start_identity(year: int, subject_id: int | None) -> Identity:
    return "AssessmentStart", f"{year}-{subject_id}"


def _page(name: str) -> Any:
    return lambda target, aux: reverse(name, kwargs={"pk": target})


def assessment_due(case: TodoCase) -> Any:
    """By when the subject is to hand in: the open return's date, else its extension, else its own."""
    rounds = ReturnRound.objects.filter(assessment=OuterRef("pk"), closed_at__isnull=True)
    returned = Case(When(state=AssessmentState.RETURNED, then=Subquery(rounds.values("due_on")[:1])))
    return case.unless_past(Coalesce(returned, "extended_to", "due_on", output_field=DateField()))


def _assessment_part(case: TodoCase, key: str, act: str, label: str, state: str, **more: Any) -> TodoPart:
    rows = Assessment.objects.visible_to(case.actor).filter(state=state)
    return TodoPart(
        **{
            "key": key,
            "act": act,
            "label": label,
            "unit": "份",
            "rows": rows,
            "page": _page("evaluation:review_detail"),
            "what": name_and_year("subject__name"),
            "place": "organization__name",
            "identity": lambda target, aux: ("Assessment", str(target)),
            **more,
        }
    )


def _reviews(case: TodoCase) -> list[TodoPart]:
    url = reverse("evaluation:review_list")
    due = case.unless_past(Coalesce("extended_to", "due_on", output_field=DateField()))
    return [
        _assessment_part(
            case,
            "reviews",
            "核验自评",
            "已提交、待核验的自评",
            AssessmentState.SUBMITTED,
            place="subject__name",
            arrived="submitted_at",
            due=due,
            url=url,
        ),
        _assessment_part(
            case,
            "reviews_open",
            "完成核验",
            "正在核验的自评",
            AssessmentState.UNDER_REVIEW,
            place="subject__name",
            arrived="review_opened_at",
            due=due,
            url=url,
        ),
    ]


def report_due(case: TodoCase) -> Any:
    """By when a report that is not filed is to be filed: the day the city set when it gave it back, else the year's."""
    return case.unless_past(Coalesce("return_due_on", case.due("ANNUAL_REPORT"), output_field=DateField()))


def _reports_of_district(case: TodoCase) -> list[TodoPart]:
    """Filling is the office's and the members', reviewing and filing the office's; nobody reviews his own."""
    actor = case.actor
    reports = AnnualReport.objects.visible_to(actor)
    own = actor.district.pk if actor.district else 0

    def part(key: str, act: str, label: str, state: str, arrived: str) -> TodoPart:
        rows = reports.filter(state=state)
        if state == ReportState.UNDER_REVIEW:
            rows = rows.exclude(prepared_by=actor.user)
        return TodoPart(
            key=key,
            act=act,
            label=label,
            unit="份",
            rows=rows,
            page=_page("reporting:report_detail"),
            what=of_year("书面报告"),
            note="comment" if state == ReportState.DRAFT else None,
            place="organization__name",
            arrived=arrived,
            due=report_due(case),
            aux="year_id",
            identity=lambda target, aux: report_identity(aux or 0, own),
        )

    begun = reports.filter(organization_id=own, year=OuterRef("pk"))
    missing = TodoPart(
        key="reports_missing",
        act="填报年度报告",
        label="年度报告尚未开始填报",
        unit="份",
        rows=case.owed_years().filter(~Exists(begun)),
        page=lambda target, aux: reverse("reporting:report_current", kwargs={"year": target}),
        what=of_year("书面报告", "pk"),
        place=Value(actor.district.name if actor.district else ""),
        due=case.due("ANNUAL_REPORT", "pk"),
        identity=lambda target, aux: report_identity(target, own),
    )
    parts = [
        missing,
        part("reports_draft", "填报年度报告", "年度报告正在填报", ReportState.DRAFT, "created_at"),
    ]
    if actor.role == Role.DISTRICT_OFFICE:
        parts += [
            part("reports_review", "审核年度报告", "年度报告待审核", ReportState.UNDER_REVIEW, "prepared_at"),
            part(
                "reports_file", "报送年度报告", "年度报告已审核，待报送", ReportState.REVIEWED, "reviewed_at"
            ),
        ]
    return parts


_PLAN, _ROSTER, _REPORT = 1, 2, 3


def _backfill_of_district(case: TodoCase) -> TodoPart:
    """One row per year before the portal went into use that lacks a plan, a confirmed roster or a report: 待补录, without
    a date. It leads to the first of them that is missing."""
    district = case.actor.district
    own = {"organization_id": district.pk if district else 0, "year": OuterRef("pk")}
    no_plan = ~Exists(WorkPlan.objects.live().filter(**own))
    no_roster = ~Exists(CultivationRoster.objects.filter(**own, state=RosterState.CONFIRMED))
    no_report = ~Exists(AnnualReport.objects.filter(**own))

    def page(target: int, aux: int | None) -> str:
        names = {
            _PLAN: "cultivation:plan_create",
            _ROSTER: "cultivation:roster",
            _REPORT: "reporting:report_backfill",
        }
        return reverse(names[aux or _REPORT], kwargs={"year": target})

    def lacks(condition: Any, word: str) -> Case:
        return Case(When(condition, then=Value(word)), default=Value(""), output_field=CharField())

    return TodoPart(
        key="backfill",
        act="补录历史资料",
        label="待补录资料的以前年度",
        unit="个年度",
        rows=CampaignYear.objects.filter(pk__in=case.past).filter(no_plan | no_roster | no_report),
        page=page,
        what=of_year("资料待补录", "pk"),
        note=Concat(
            Value("系统启用前的年度，缺"),
            lacks(no_plan, "〔工作方案〕"),
            lacks(no_roster, "〔培育名单〕"),
            lacks(no_report, "〔书面报告〕"),
            output_field=CharField(),
        ),
        place=Value(district.name if district else ""),
        aux=Case(
            When(no_plan, then=Value(_PLAN)),
            When(no_roster, then=Value(_ROSTER)),
            default=Value(_REPORT),
            output_field=IntegerField(),
        ),
        quiet=True,
    )


def _of_city(case: TodoCase) -> list[TodoPart]:
    parts = [
        _assessment_part(
            case,
            "confirmations",
            "确认核验结果",
            "区（市）已核验、待市级确认的自评",
            AssessmentState.VERIFIED,
            arrived="verified_at",
            url=f"{reverse('evaluation:review_list')}?state=VERIFIED",
        )
    ]
    if case.actor.role == Role.CITY_OFFICE:
        received = TodoPart(
            key="reports_submitted",
            act="接收年度报告",
            label="已报送、待接收的年度报告",
            unit="份",
            rows=AnnualReport.objects.visible_to(case.actor).filter(state=ReportState.SUBMITTED),
            page=_page("reporting:report_detail"),
            what=of_year("书面报告"),
            place="organization__name",
            arrived="submitted_at",
        )
        texts = TodoPart(
            key="adoption_texts",
            act="确认审议文本",
            label="请求确认审议文本一致的自评",
            unit="份",
            rows=asked_texts(case.actor),
            page=_page("evaluation:adoption_text"),
            what=name_and_year("subject__name"),
            place="organization__name",
            arrived="adoptions__text_asked_at",
            identity=lambda target, aux: ("Assessment", str(target)),
        )
        parts = [received, *parts, texts, *_own_dates_of_city(case)]
    return parts


def _own_dates_of_city(case: TodoCase) -> list[TodoPart]:
    """What the city owes itself and no record shows (评估): until it is registered as done; 抽查 is told by its rounds. Of
    the years before the portal went into use without a date."""
    held = held_rounds().filter(year_id=OuterRef("year_id"))

    def part(key: str, act: str, label: str, rows: QuerySet[Milestone], **more: Any) -> TodoPart:
        return TodoPart(
            key=key,
            act=act,
            label=label,
            unit="项",
            rows=rows,
            page=_page("cultivation:milestone_done"),
            what=name_and_year("name"),
            identity=lambda target, aux: ("Milestone", str(target)),
            **more,
        )

    return [
        part(
            "milestones",
            "办理时间节点",
            "未登记完成的市级时间节点",
            milestones_not_done().filter(year_id__in=case.owed).exclude(code=DUTY),
            due="due_on",
        ),
        part(
            "backfill_milestones",
            "补录历史资料",
            "待补录完成情况的以前年度节点",
            milestones_not_done().filter(year_id__in=case.past).exclude(Exists(held), code=DUTY),
            quiet=True,
        ),
    ]


def _of_contact(case: TodoCase) -> list[TodoPart]:
    firm = case.actor.subject_id or 0
    home = reverse("evaluation:assessment_list")
    rounds = ReturnRound.objects.filter(assessment=OuterRef("pk"), closed_at__isnull=True)
    common = {
        "page": _page("evaluation:assessment_home"),
        "what": of_year("自评"),
        "due": assessment_due(case),
        "arrived": "created_at",
        "url": home,
    }
    return [
        _assessment_part(case, "self_draft", "填报自评", "自评正在填报", AssessmentState.DRAFT, **common),
        _assessment_part(
            case,
            "self_adoption",
            "登记职代会审议结果",
            "自评待职工（代表）大会审议",
            AssessmentState.AWAITING_ADOPTION,
            **common,
        ),
        _assessment_part(
            case,
            "self_returned",
            "修改被退回的自评",
            "自评被退回，需要修改",
            AssessmentState.RETURNED,
            **common
            | {
                "note": Subquery(rounds.values("comment")[:1]),
                "arrived": Subquery(rounds.values("returned_at")[:1]),
            },
        ),
        TodoPart(
            key="self_missing",
            act="开始自评",
            label="自评尚未开始",
            unit="份",
            rows=years_to_begin(firm, owed=case.owed, free=[case.year] if case.year in case.owed else []),
            page=lambda target, aux: reverse(
                "evaluation:assessment_start", kwargs={"year": target, "subject_pk": firm}
            ),
            what=of_year("自评", "pk"),
            place=Subquery(Subject.objects.filter(pk=firm).values("managing_organization__name")[:1]),
            due=case.self_due(year="pk", confirmed="on_roster_since"),
            identity=lambda target, aux: start_identity(target, firm),
            url=home,
        ),
    ]
