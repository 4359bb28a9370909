"""待办 of one person over all apps: which parts there are, in the order of the workbench."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from cultivation.models import Subject
from cultivation.rules.calendar import YEARS
from cultivation.selectors.calendar import milestones_of, statistical_periods
from cultivation.selectors.todos import TodoCase, cultivation_parts
from evaluation.enums import AssessmentState
from evaluation.models import Assessment, ReturnRound
from reporting.enums import ReportState
from reporting.models import AnnualReport
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.operations.selectors.account_todos import account_parts
from zaozhuang_portal.operations.selectors.todos import Identity, TodoPart


def year_at_hand(today: date) -> int:
    """The campaign year of the workbench."""
    return min(max(today.year, YEARS[0]), YEARS[-1])


def todo_case(actor: Actor, today: date, year: int | None = None) -> TodoCase | None:
    """None while no campaign year is loaded."""
    wanted = year or year_at_hand(today)
    period = next((item for item in statistical_periods() if item.year == wanted), None)
    if period is None:
        return None
    return TodoCase(actor, period, today, {m.code: m.due_on for m in milestones_of(wanted)})


def todo_parts(case: TodoCase | None) -> list[TodoPart]:
    """Everything that waits for the actor, each part with the rows it may see and act on."""
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
    return sorted([*parts, *cultivation_parts(case), *account_parts(actor)], key=lambda part: not part.urgent)


def report_identity(year: int, organization_id: int | None) -> Identity:
    """A district's report of a year as a thing to remind of, also before it was begun."""
    return "AnnualReport", f"{year}-{organization_id}"


def start_identity(year: int, subject_id: int | None) -> Identity:
    return "AssessmentStart", f"{year}-{subject_id}"


def _page(name: str) -> Any:
    return lambda target, aux: reverse(name, kwargs={"pk": target})


def _assessment_part(case: TodoCase, key: str, act: str, label: str, state: str, **more: Any) -> TodoPart:
    rows = Assessment.objects.visible_to(case.actor).filter(year_id=case.year, state=state)
    return TodoPart(
        **{
            "key": key,
            "act": act,
            "label": label,
            "unit": "份",
            "rows": rows,
            "page": _page("evaluation:review_detail"),
            "what": "subject__name",
            "place": "organization__name",
            "identity": lambda target, aux: ("Assessment", str(target)),
            **more,
        }
    )


def _reviews(case: TodoCase) -> list[TodoPart]:
    url = reverse("evaluation:review_list")
    due = case.due.get("SELF_ASSESSMENT")
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


def _reports_of_district(case: TodoCase) -> list[TodoPart]:
    """Filling is the office's and the members', reviewing and filing the office's; nobody reviews his own."""
    actor, year = case.actor, case.year
    reports = AnnualReport.objects.visible_to(actor).filter(year_id=year)
    own = actor.district.pk if actor.district else 0
    url = reverse("reporting:report_current", kwargs={"year": year})
    none_yet = Organization.objects.filter(pk=own).filter(
        ~Exists(reports.filter(organization=OuterRef("pk")))
    )

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
            what=Value(f"{year}年度书面报告"),
            note="comment" if state == ReportState.DRAFT else None,
            place="organization__name",
            arrived=arrived,
            due=case.due.get("ANNUAL_REPORT"),
            identity=lambda target, aux: report_identity(year, own),
            url=url,
        )

    missing = TodoPart(
        key="reports_missing",
        act="填报年度报告",
        label="年度报告尚未开始填报",
        unit="份",
        rows=none_yet,
        page=lambda target, aux: url,
        what=Value(f"{year}年度书面报告"),
        place="name",
        due=case.due.get("ANNUAL_REPORT"),
        identity=lambda target, aux: report_identity(year, own),
        url=url,
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
        reports = AnnualReport.objects.visible_to(case.actor).filter(
            year_id=case.year, state=ReportState.SUBMITTED
        )
        received = TodoPart(
            key="reports_submitted",
            act="接收年度报告",
            label="已报送、待接收的年度报告",
            unit="份",
            rows=reports,
            page=_page("reporting:report_detail"),
            what=Value(f"{case.year}年度书面报告"),
            place="organization__name",
            arrived="submitted_at",
            url=f"{reverse('reporting:report_list')}?year={case.year}",
        )
        parts.insert(0, received)
    return parts


def _of_contact(case: TodoCase) -> list[TodoPart]:
    actor, year = case.actor, case.year
    home = reverse("evaluation:assessment_list")
    rounds = ReturnRound.objects.filter(assessment=OuterRef("pk"), closed_at__isnull=True)
    common = {
        "page": _page("evaluation:assessment_home"),
        "what": Value(f"{year}年度自评"),
        "due": Coalesce("extended_to", "due_on"),
        "arrived": "created_at",
        "url": home,
    }
    begun = Assessment.objects.filter(subject=OuterRef("pk"), year_id=year)
    own = Subject.objects.visible_to(actor).active().filter(~Exists(begun))
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
                "due": Subquery(rounds.values("due_on")[:1]),
            },
        ),
        TodoPart(
            key="self_missing",
            act="开始自评",
            label="本年度自评尚未开始",
            unit="份",
            rows=own,
            page=lambda target, aux: reverse(
                "evaluation:assessment_start", kwargs={"year": year, "subject_pk": target}
            ),
            what=Value(f"{year}年度自评"),
            place="managing_organization__name",
            due=case.due.get("SELF_ASSESSMENT"),
            identity=lambda target, aux: start_identity(year, target),
            url=home,
        ),
    ]
