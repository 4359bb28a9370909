"""The list, the start page, the task list, the basics, the receipt."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cultivation.models import CampaignYear, Subject
from evaluation.enums import Qualification
from evaluation.forms.assessments import OnBehalfForm
from evaluation.models import Assessment
from evaluation.permissions.roles import ASSESSMENT_FILLERS
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.self_due import days_late, owes_assessment, self_assessment_due
from evaluation.selectors.self_pages import assessments_of, check_page
from evaluation.selectors.self_starts import startable
from evaluation.selectors.self_tasks import task_list
from evaluation.services.assessments import (
    choose_set,
    confirm_profile,
    require_startable,
    start_assessment,
)
from evaluation.views.self_common import head, own_assessment, own_page, section_url
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.components import Step
from zaozhuang_portal.kernel.errors import DomainError

# What entries of an assessment name besides its own columns.
CHANGE_LABELS = {
    "self_score": "自评得分",
    "total": "各项合计",  # of entries before the score had one form
    "qualification": "结果",
    "late": "逾期提交",
    "held_on": "审议日期",
    "votes_for": "赞成人数",
    "due": "截止日期",
}
CHANGE_CODES = {"qualification": dict(Qualification.choices)}


@requires(*ASSESSMENT_FILLERS)
@require_GET
def assessment_list(request: HttpRequest) -> HttpResponse:
    """What this capacity fills in, and what it can start in the open years."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    rows = assessments_of(actor)
    taken = {(row.subject_id, row.year_id) for row in rows}
    return render(
        request,
        "evaluation/self/list.html",
        {
            "rows": rows,
            "startable": [
                found for found in startable(actor, today) if (found.subject.pk, found.year.year) not in taken
            ],
            "is_district": actor.is_district,
        },
    )


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
@creates_once
def assessment_start(request: HttpRequest, year: int, subject_pk: int) -> HttpResponse:
    """The seven things to know before starting (ux F4), then 开始自评."""
    actor = actor_of(request)
    subject = (
        Subject.objects.visible_to(actor)
        .select_related("managing_organization")
        .filter(pk=subject_pk)
        .first()
    )
    campaign_year = CampaignYear.objects.filter(pk=year).first()
    if subject is None or campaign_year is None:
        raise Http404
    existing = Assessment.objects.visible_to(actor).filter(subject=subject, year=campaign_year).first()
    if existing is not None and request.method == "GET":
        return redirect("evaluation:assessment_home", existing.pk)
    on_behalf = actor.role != Role.SUBJECT_CONTACT
    today = clock.shanghai_date(clock.now())
    past = today > campaign_year.cutoff_on and not owes_assessment(subject, campaign_year)
    form = OnBehalfForm(request.POST or None, past=past) if on_behalf else None
    error, status = "", 200
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            assessment = start_assessment(
                actor=actor,
                subject=subject,
                year=campaign_year,
                **(form.cleaned_data if form else {}),
                now=clock.now(),
            )
        except DomainError as problem:
            error, status = problem.message, problem.status
        else:
            return redirect("evaluation:assessment_home", assessment.pk)
    elif request.method == "POST":
        status = 422
    try:
        require_startable(actor, subject, campaign_year, source_document="-", today=today)
        indicator_set = choose_set(subject=subject, year=campaign_year)
    except DomainError as problem:
        return render(
            request,
            "evaluation/self/cannot_start.html",
            {"subject": subject, "year": campaign_year, "message": problem.message},
            status=status,
        )
    context = {
        "subject": subject,
        "year": campaign_year,
        "indicator_set": indicator_set,
        "definition": definition_of(indicator_set),
        "form": form,
        "error": error,
        "organization": subject.managing_organization,
        "past": past,
        "deadline": clock.describe_deadline(
            clock.now(), self_assessment_due(subject, campaign_year, today=today)
        ),
    }
    return render(request, "evaluation/self/start.html", context, status=status)


@requires(*ASSESSMENT_FILLERS)
@require_GET
def assessment_notes(request: HttpRequest, pk: int) -> HttpResponse:
    """The same seven things, while filling in."""
    _, assessment = own_assessment(request, pk)
    context = {
        "subject": assessment.subject,
        "year": assessment.year,
        "indicator_set": assessment.indicator_set,
        "definition": definition_of(assessment.indicator_set),
        "assessment": assessment,
        "organization": assessment.organization,
        "deadline": clock.describe_deadline(clock.now(), assessment.due),
    }
    return render(request, "evaluation/self/start.html", context)


@requires(*ASSESSMENT_FILLERS)
@require_GET
def assessment_home(request: HttpRequest, pk: int) -> HttpResponse:
    _, page = own_page(request, pk)
    now = clock.now()
    check = check_page(page, now=now)
    last = page.assessment.last_indicator
    context = head(page, now) | {
        "tasks": task_list(page, check),
        "steps": progress_steps(page.assessment),
        "resume_url": section_url(page, last) if last and page.editable else "",
        "last": last,
        "returned": [(item, section_url(page, item.indicator)) for item in page.returned.values()],
        "can_withdraw": page.assessment.state == "SUBMITTED",
    }
    return render(request, "evaluation/self/home.html", context)


def progress_steps(assessment: Assessment) -> list[Step]:
    """办理进度 (ux F31): the same steps for the firm and the offices."""
    order = ["填报", "提交", "区（市）核验", "市级确认", "归档"]
    reached = {
        "DRAFT": 0,
        "AWAITING_ADOPTION": 0,
        "RETURNED": 0,
        "SUBMITTED": 2,
        "UNDER_REVIEW": 2,
        "VERIFIED": 3,
        "CONFIRMED": 4,
        "ARCHIVED": 5,
    }[assessment.state]
    return [
        Step(
            label,
            "done" if index < reached else "current" if index == reached else "todo",
            note=str(assessment.get_state_display()) if index == reached else "",
        )
        for index, label in enumerate(order)
    ]


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
def assessment_profile(request: HttpRequest, pk: int) -> HttpResponse:
    actor, assessment = own_assessment(request, pk)
    if request.method == "POST":
        confirm_profile(actor=actor, assessment=assessment, now=clock.now())
        messages.success(request, "已核对基本信息。")
        return redirect("evaluation:assessment_home", pk)
    subject = assessment.subject
    facts = [
        ("名称", subject.name),
        ("统一社会信用代码", subject.credit_code),
        ("管理单位", assessment.organization.name),
        ("企业规模", subject.get_size_class_display()),
        ("经济类型", subject.get_ownership_display()),
        ("所属行业代码", subject.industry_code),
        ("职工人数", f"{subject.employee_count} 人" if subject.employee_count is not None else ""),
        ("联系人", subject.contact_name),
        ("联系电话", subject.contact_phone),
    ]
    if subject.kind != "ENTERPRISE":
        facts = [fact for fact in facts if fact[1]]
    context = {
        "assessment": assessment,
        "facts": facts,
        "home_url": reverse("evaluation:assessment_home", args=[pk]),
    }
    return render(request, "evaluation/self/profile.html", context)


@requires(*ASSESSMENT_FILLERS)
@require_GET
def assessment_done(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt: 受理编号, what happens next, whom to ring. Can be bookmarked."""
    _, assessment = own_assessment(request, pk)
    if assessment.receipt_number is None:
        raise Http404
    context = {
        "assessment": assessment,
        "steps": progress_steps(assessment),
        "timeline": timeline_of(
            "Assessment", assessment.pk, labels=CHANGE_LABELS, codes=CHANGE_CODES, limit=20
        ),
        "late": assessment.submitted_at is not None and days_late(assessment, assessment.submitted_at) > 0,
    }
    return render(request, "evaluation/self/done.html", context)
