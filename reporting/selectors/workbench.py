"""工作台: what waits for me, what is due, how my unit stands. Statements: 3 beside session and capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Count, Value
from django.db.models.functions import Cast
from django.urls import reverse

from cultivation.enums import EnrollmentState
from cultivation.models import Enrollment, GuidanceVisit, Milestone
from cultivation.selectors.calendar import milestones_of, statistical_periods
from cultivation.selectors.targets import DistrictTargets, evaluate_year_targets
from cultivation.selectors.todos import cultivation_todos, todo_parts
from cultivation.selectors.visits import MySubject, my_follow_ups, my_subjects
from evaluation.enums import AssessmentState
from evaluation.models import Assessment
from reporting.enums import FILED_STATES, ReportState
from reporting.models import AnnualReport
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES, Role

# Rows of an instructor's own lists on the first page; the rest is behind the link.
SHOWN = 8


@dataclass(frozen=True)
class Todo:
    """One kind of work that waits for this actor. `count` is the number behind the link."""

    text: str
    count: int
    unit: str
    url: str
    due: date | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Workbench:
    """`mine` and `follow_ups`: what an instructor looks after and owes, the first of each."""

    todos: list[Todo]
    milestones: list[Milestone]
    targets: list[DistrictTargets]
    counts: dict[tuple[str, str], int]
    mine: Sequence[MySubject] = ()
    follow_ups: Sequence[GuidanceVisit] = ()


def _counts(actor: Actor, year: int, today: date) -> dict[tuple[str, str], int]:
    """(kind, state) → rows of the year the actor may see, and cultivation's to-dos, by one statement."""
    period = next((item for item in statistical_periods() if item.year == year), None)
    todos = todo_parts(actor, period=period, today=today) if period else []

    def grouped(queryset, kind: str):  # type: ignore[no-untyped-def]  # any scoped queryset with a state column
        return (
            queryset.filter(year_id=year)
            .order_by()
            .values("state")
            .annotate(kind=Value(kind, CharField()), word=Cast("state", CharField()), n=Count("pk"))
            .values_list("kind", "word", "n")
        )

    rows = grouped(Assessment.objects.visible_to(actor), "assessment").union(
        grouped(Enrollment.objects.visible_to(actor), "enrollment"),
        grouped(AnnualReport.objects.visible_to(actor), "report"),
        *todos,
        all=True,
    )
    return {(kind, state): n for kind, state, n in rows}


def _district_todos(year: int, counts: dict[tuple[str, str], int], due: date | None) -> list[Todo]:
    roster = reverse("cultivation:roster", kwargs={"year": year})
    reviews = reverse("evaluation:review_list")
    report = reverse("reporting:report_current", kwargs={"year": year})
    waiting = counts.get(("assessment", AssessmentState.SUBMITTED), 0)
    opened = counts.get(("assessment", AssessmentState.UNDER_REVIEW), 0)
    todos = [
        Todo("已提交、待核验的自评", waiting, "份", reviews),
        Todo("正在核验的自评", opened, "份", reviews),
        Todo("待确认的培育名单候选", counts.get(("enrollment", EnrollmentState.CANDIDATE), 0), "个", roster),
    ]
    if not any(counts.get(("report", state)) for state in FILED_STATES):
        words = {
            ReportState.DRAFT: "年度报告正在填报",
            ReportState.UNDER_REVIEW: "年度报告待审核",
            ReportState.REVIEWED: "年度报告已审核，待报送",
        }
        state = next((s for s in words if counts.get(("report", s))), None)
        todos.append(Todo(words[state] if state else "年度报告尚未开始填报", 1, "份", report, due))
    return todos


def _city_todos(year: int, counts: dict[tuple[str, str], int]) -> list[Todo]:
    reports = f"{reverse('reporting:report_list')}?year={year}"
    return [
        Todo("已报送、待接收的年度报告", counts.get(("report", ReportState.SUBMITTED), 0), "份", reports),
        Todo(
            "区（市）已核验、待市级确认的自评",
            counts.get(("assessment", AssessmentState.VERIFIED), 0),
            "份",
            f"{reverse('evaluation:review_list')}?state=VERIFIED",
        ),
    ]


def _contact_todos(counts: dict[tuple[str, str], int]) -> list[Todo]:
    home = reverse("evaluation:assessment_list")
    words = {
        AssessmentState.DRAFT: "自评正在填报",
        AssessmentState.AWAITING_ADOPTION: "自评待职工（代表）大会审议",
        AssessmentState.RETURNED: "自评被退回，需要修改",
    }
    todos = [Todo(word, counts.get(("assessment", state), 0), "份", home) for state, word in words.items()]
    if not any(kind == "assessment" for kind, _ in counts):
        todos.append(Todo("本年度自评尚未开始", 1, "份", home))
    return todos


def load_workbench(actor: Actor, *, year: int, today: date) -> Workbench:
    """Only what this actor may see; to-dos with nothing in them are left out."""
    counts = _counts(actor, year, today)
    milestones = milestones_of(year)
    due = next((m.due_on for m in milestones if m.code == "ANNUAL_REPORT"), None)
    targets: list[DistrictTargets] = []
    todos: list[Todo] = []
    if actor.role in DISTRICT_ROLES:
        todos = _district_todos(year, counts, due)
    elif actor.is_city:
        todos = _city_todos(year, counts)
    elif actor.role == Role.SUBJECT_CONTACT:
        todos = _contact_todos(counts)
    for item in cultivation_todos(actor, counts, year=year):
        todos.append(Todo(item.text, item.count, item.unit, item.url, urgent=item.urgent))
    todos.sort(key=lambda todo: not todo.urgent)
    if actor.role == Role.INSTRUCTOR:
        owed = list(my_follow_ups(actor)[:SHOWN])
        return Workbench(todos, milestones, targets, counts, my_subjects(actor)[:SHOWN], owed)
    if not actor.is_administrator and actor.role != Role.SUBJECT_CONTACT:
        targets = evaluate_year_targets(actor, years=[year], today=today)
    return Workbench([todo for todo in todos if todo.count], milestones, targets, counts)
