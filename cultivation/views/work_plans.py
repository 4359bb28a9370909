"""工作方案: who has one, write it, look at it, move it, print it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cultivation.enums import BackfillMatter, WorkPlanState
from cultivation.forms.work_plans import (
    PastPlanForm,
    PlanIssueForm,
    PlanReturnForm,
    PlanSubmitForm,
    WorkPlanForm,
)
from cultivation.models import CampaignYear, WorkPlan
from cultivation.rules.calendar import YEARS, campaign_year_of
from cultivation.rules.work_plans import PART_KEYS
from cultivation.selectors.backfill import may_backfill_year
from cultivation.selectors.countersignatures import SIGNING_WORDS, countersignature_panel
from cultivation.selectors.todos import plan_identity
from cultivation.selectors.work_plans import (
    get_plan,
    last_years_plan,
    parts_missing,
    parts_of,
    plans_of_district,
    plans_of_year,
    questions_before_submit,
    unchanged_since_return,
)
from cultivation.services.work_plans import (
    EDITABLE,
    PLAN_FIELDS,
    create_work_plan,
    filed_words,
    move_work_plan,
    plan_title,
    register_issue,
    save_work_plan,
)
from cultivation.views.scope import current_year
from cultivation.workflows import WORK_PLAN_WORKFLOW
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.operations.selectors.todos import reminders_of
from zaozhuang_portal.operations.views.uploads import file_list_context, handle_upload

DAYS_TO_MEND = timedelta(days=10)
PREPARERS = (Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)
READERS = (Role.CITY_OFFICE, Role.CITY_MEMBER, Role.LEADER, *PREPARERS)
MOVERS = (Role.CITY_OFFICE, *PREPARERS)
_WORDS = {
    "title": "方案名称",
    "objectives": "目标任务",
    "cultivated_subjects": "培育对象",
    "methods": "培育方式",
    "schedule": "时间安排",
    "implementation": "组织实施",
    "responsibilities": "责任分工",
    "missing": "缺少的内容",
    "state": "状态",
    "document_number": "文号",
    "issued_on": "印发日期",
    **SIGNING_WORDS,
}


def chosen_year(request: HttpRequest) -> int:
    wanted = request.GET.get("year", "")
    return campaign_year_of(wanted) or current_year()


@requires(*READERS)
@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    """City: all districts of one year, those without a plan by name. District: its own five years."""
    actor = actor_of(request)
    year = chosen_year(request)
    whole = actor.sees_whole_city or actor.district is None
    rows = plans_of_year(actor, year) if actor.district is None else plans_of_district(actor, actor.district)
    told = reminders_of(plan_identity(row.year, row.organization.pk) for row in rows if not row.filed)
    context = {
        "rows": [(row, told.get(plan_identity(row.year, row.organization.pk))) for row in rows],
        "may_remind": actor.role == Role.CITY_OFFICE,
        "whole": whole,
        "year": year,
        "years": YEARS,
        "filed": sum(row.filed for row in rows),
        "lacking": [row.organization.name for row in rows if not row.filed and row.in_use],
        "may_write": actor.role in PREPARERS,
    }
    return render(request, "cultivation/plans/list.html", context)


@requires(*PREPARERS)
@require_http_methods(["GET", "HEAD", "POST"])
@creates_once
def plan_create(request: HttpRequest, year: int) -> HttpResponse:
    """A plan is begun as a draft; one of a year before the portal's use, or one the city consented to, is back-filled."""
    actor = actor_of(request)
    campaign_year = get_object_or_404(CampaignYear, pk=year)
    if actor.district is None:
        raise Http404
    existing = WorkPlan.objects.visible_to(actor).live().filter(year=campaign_year).first()
    if existing is not None:
        return redirect("cultivation:plan_detail", pk=existing.pk)
    past = may_backfill_year(campaign_year, actor.district.pk, BackfillMatter.WORK_PLAN)
    former = last_years_plan(actor, year)
    initial: dict[str, Any] = {"title": plan_title(actor.district, year)}
    copied = request.GET.get("copy") == "1" and former is not None
    if copied and former is not None:
        initial |= {key: getattr(former, key) for key in PART_KEYS}
    form_class = PastPlanForm if past else WorkPlanForm
    form = form_class(request.POST or None, initial=initial, cancel_url=reverse("cultivation:plan_list"))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            plan = create_work_plan(
                actor=actor,
                year=campaign_year,
                values=data,
                now=clock.now(),
                issued_on=data.get("issued_on"),
                source_document=data.get("source_document", ""),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            _say_saved(request, plan)
            return redirect("cultivation:plan_detail", pk=plan.pk)
    context = {"form": form, "year": campaign_year, "former": None if copied else former, "past": past}
    return render(request, "cultivation/plans/form.html", context, status=422 if form.is_bound else 200)


def _say_saved(request: HttpRequest, plan: WorkPlan) -> None:
    lacking = "、".join(part.name for part in parts_missing(plan))
    messages.success(request, f"方案已保存。还缺：{lacking}。" if lacking else "方案已保存，六项内容齐全。")


@requires(*READERS)
@require_safe
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    plan = get_plan(actor, pk)
    own = actor.role in PREPARERS
    context = {
        "plan": plan,
        "parts": parts_of(plan),
        "missing": parts_missing(plan),
        "may_edit": own and plan.state in EDITABLE,
        "may_issue": own,
        "actions": WORK_PLAN_WORKFLOW.actions_for(plan.state, actor.role),
        "panel": countersignature_panel(actor, plan=plan),
        "timeline": timeline_of("WorkPlan", plan.pk, labels=_WORDS),
        **file_list_context("WorkPlan", plan.pk, editable=own),
    }
    return render(request, "cultivation/plans/detail.html", context)


@requires(*PREPARERS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Two windows at once: the later one gets 409; parts it did not touch take the newer text, both texts of the others
    are shown and what was typed stays in the boxes.
    """
    actor = actor_of(request)
    plan = get_plan(actor, pk)
    back = reverse("cultivation:plan_detail", args=[pk])
    if request.method != "POST" and plan.state not in EDITABLE:
        messages.warning(request, filed_words(plan))
        return redirect(back)
    form = WorkPlanForm(request.POST or None, initial=_stored(plan), cancel_url=back)
    context: dict[str, Any] = {"form": form, "plan": plan, "year": plan.year}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                plan = save_work_plan(
                    actor=actor,
                    plan=plan,
                    values=form.cleaned_data,
                    expected_version=form.cleaned_data["version"] or 0,
                    now=clock.now(),
                )
            except DomainError as error:
                status = error.status
                form.add_domain_error(error)
                if isinstance(error, ConflictError):
                    plan.refresh_from_db()
                    context |= form.merge_stored(_stored(plan)).context(actor.user.pk, plan.updated_by)
            else:
                _say_saved(request, plan)
                return redirect(back)
    return render(request, "cultivation/plans/form.html", context, status=status)


def _stored(plan: WorkPlan) -> dict[str, Any]:
    return {key: getattr(plan, key) for key in PLAN_FIELDS} | {"version": plan.version}


@requires(*MOVERS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_move(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Confirm page (GET) and act (POST) of one step."""
    actor = actor_of(request)
    plan = get_plan(actor, pk)
    transition = next((t for t in WORK_PLAN_WORKFLOW.transitions if t.action == action), None)
    if transition is None:
        raise Http404
    possible = transition in WORK_PLAN_WORKFLOW.actions_for(plan.state, actor.role)
    missing = parts_missing(plan)
    form: PlanReturnForm | PlanSubmitForm | None = None
    if action == "return_for_changes":
        due = clock.shanghai_date(clock.now()) + DAYS_TO_MEND
        form = PlanReturnForm(request.POST if request.method == "POST" else None, initial={"due_on": due})
    elif action == "submit" and possible and (questions := questions_before_submit(plan)):
        form = PlanSubmitForm(request.POST if request.method == "POST" else None, questions=questions)
    error, status = "", 200
    if request.method == "POST" and form is not None and not form.is_valid():
        status = 422
    elif request.method == "POST":
        data = form.cleaned_data if form is not None else {}
        try:
            move_work_plan(actor=actor, plan=plan, action=action, now=clock.now(), **data)
        except DomainError as problem:
            status = problem.status
            if form is not None:
                form.add_domain_error(problem)
            else:
                error = problem.message
            plan.refresh_from_db()
        else:
            messages.success(request, f"工作方案已{transition.label}。")
            return redirect("cultivation:plan_detail", pk=pk)
    panel = countersignature_panel(actor, plan=plan)
    context = {
        "plan": plan,
        "transition": transition,
        "form": form,
        "error": error,
        "missing": missing,
        "unsigned": panel.unsigned_names,
        "stale": panel.stale_names,
        "unchanged": action == "submit" and unchanged_since_return(plan),
        "possible": possible,
    }
    return render(request, "cultivation/plans/move.html", context, status=status)


@requires(*PREPARERS)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_issue(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    plan = get_plan(actor, pk)
    initial = {"document_number": plan.document_number, "issued_on": plan.issued_on}
    back = reverse("cultivation:plan_detail", args=[pk])
    form = PlanIssueForm(request.POST or None, initial=initial, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            register_issue(actor=actor, plan=plan, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "印发情况已登记。")
            return redirect(back)
    context = {"form": form, "plan": plan}
    return render(request, "cultivation/plans/issue.html", context, status=422 if form.is_bound else 200)


@requires(*PREPARERS)
@require_POST
def plan_files(request: HttpRequest, pk: int) -> HttpResponse:
    """The issued document, or the scan of a past plan."""
    plan = get_plan(actor_of(request), pk)
    back = reverse("cultivation:plan_detail", args=[pk])
    return handle_upload(request, "WorkPlan", plan.pk, organization=plan.organization, back_url=back)


@requires(*READERS)
@require_safe
def plan_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan on A4 with what each seat said."""
    actor = actor_of(request)
    plan = get_plan(actor, pk)
    context = {
        "plan": plan,
        "parts": parts_of(plan),
        "missing": parts_missing(plan),
        "panel": countersignature_panel(actor, plan=plan),
        "draft": plan.state != WorkPlanState.ACCEPTED,
        "printed_at": clock.now(),
    }
    return render(request, "cultivation/plans/print.html", context)
