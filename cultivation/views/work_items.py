"""责任分解: by lead unit with the overdue first, one task's page, its progress and its end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cultivation.forms.work_items import FinishForm, ProgressForm, WorkItemForm, WorkItemReasonForm
from cultivation.models import CampaignYear, WorkItem
from cultivation.rules.calendar import YEARS
from cultivation.selectors.work_items import (
    counts_by_party,
    item_row,
    items_by_lead,
    my_open_items,
    overdue_items,
    visible_items,
)
from cultivation.services.work_items import (
    create_work_item,
    is_responsible,
    may_keep_items,
    move_work_item,
    report_progress,
    update_work_item,
)
from cultivation.views.work_plans import chosen_year
from cultivation.workflows import IMPORTERS, RESPONSIBLE, WORK_ITEM_WORKFLOW
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.forms import PortalForm
from zaozhuang_portal.kernel.parsing import whole_number

KEEPERS = (Role.CITY_OFFICE, Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)
READERS = (*KEEPERS, Role.LEADER, Role.INSTRUCTOR, Role.TOWNSHIP_STAFF)
_WORDS = {
    "title": "任务",
    "lead_unit": "牵头单位",
    "lead_name": "牵头单位",
    "participating_units": "参加单位",
    "responsible_person": "责任人",
    "responsible_user": "责任人账号",
    "due_on": "完成时限",
    "supporting_measures": "保障措施",
    "clause": "依据",
    "note": "备注",
    "progress": "进度",
    "progress_note": "进展情况",
    "state": "状态",
}


def _organization(request: HttpRequest, actor: Actor) -> Organization | None:
    """The actor's district; a city actor's city, or the district picked with ?organization=."""
    if actor.district is not None:
        return actor.district
    picked = whole_number(request.GET.get("organization"))
    if picked is not None:
        reach = Organization.objects.filter(level__in=[Level.CITY, Level.DISTRICT])
        return reach.filter(pk=picked).first() or actor.organization
    return actor.organization


@requires(*READERS)
@require_safe
def work_item_list(request: HttpRequest) -> HttpResponse:
    """One body's year by lead unit; ?overdue=1 only what is overdue; ?mine=1 what I answer for."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    organization = _organization(request, actor)
    year = chosen_year(request)
    mine = request.GET.get("mine") == "1"
    only_overdue = request.GET.get("overdue") == "1"
    context: dict[str, Any] = {
        "organization": organization,
        "year": year,
        "years": YEARS,
        "mine": mine,
        "only_overdue": only_overdue,
        "whole_city": actor.sees_whole_city,
        "may_write": (may_write := organization is not None and may_keep_items(actor, organization.pk)),
        "may_import": may_write and actor.role in IMPORTERS,
    }
    if mine:
        items = my_open_items(actor).select_related("organization", "lead_unit")
        context["rows"] = [item_row(item, today) for item in items]
    elif organization is not None:
        groups = items_by_lead(
            actor, organization=organization, year=year, today=today, only_overdue=only_overdue
        )
        context |= {
            "groups": groups,
            "total": sum(len(group.rows) for group in groups),
            "overdue": sum(group.overdue for group in groups),
        }
    if actor.sees_whole_city:
        context["organizations"] = Organization.objects.filter(
            level__in=[Level.CITY, Level.DISTRICT]
        ).order_by("sort_order")
    return render(request, "cultivation/work_items/list.html", context)


@requires(*READERS)
@require_safe
def work_item_overdue(request: HttpRequest) -> HttpResponse:
    """What is overdue, party by party and item by item."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    year = chosen_year(request)
    context = {
        "rows": overdue_items(actor, today=today),
        "parties": counts_by_party(actor, year=year, today=today),
        "year": year,
        "years": YEARS,
    }
    return render(request, "cultivation/work_items/overdue.html", context)


@requires(*KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
@creates_once
def work_item_create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    organization = actor.district or actor.organization
    if organization is None or not may_keep_items(actor, organization.pk):
        raise Http404
    now = clock.now()
    year = get_object_or_404(CampaignYear, pk=chosen_year(request))
    back = f"{reverse('cultivation:work_item_list')}?year={year.pk}"
    form = WorkItemForm(
        request.POST or None,
        organization=organization,
        today=clock.shanghai_date(now),
        cancel_url=back,
    )
    form.extra_buttons = (("save_and_add", "保存并新增下一条"),)
    if request.method == "POST" and form.is_valid():
        try:
            item = create_work_item(
                actor=actor, organization=organization, year=year, draft=form.draft, now=now
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已分解任务“{item.title}”。")
            return redirect(request.get_full_path() if "save_and_add" in request.POST else back)
    context = {"form": form, "heading": f"{organization}{year}新增任务"}
    return render(request, "cultivation/work_items/form.html", context, status=422 if form.is_bound else 200)


def _load(request: HttpRequest, pk: int) -> tuple[Actor, WorkItem]:
    actor = actor_of(request)
    return actor, get_object_or_404(visible_items(actor).select_related("year"), pk=pk)


def _role(actor: Actor, item: WorkItem) -> str:
    """The role in the workflow: a keeper by its role, else the person responsible, else nobody."""
    if may_keep_items(actor, item.organization_id):
        return actor.role
    return RESPONSIBLE if is_responsible(actor, item) else ""


@requires(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def work_item_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The task; POST reports progress."""
    actor, item = _load(request, pk)
    role = _role(actor, item)
    initial = {"progress": item.progress, "note": item.progress_note}
    form = ProgressForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                report_progress(actor=actor, item=item, now=clock.now(), **form.cleaned_data)
            except DomainError as error:
                status = error.status
                form.add_domain_error(error)
            else:
                messages.success(request, "进度已保存。")
                return redirect(request.path)
    today = clock.shanghai_date(clock.now())
    context = {
        "item": item,
        "row": item_row(item, today),
        "units": item.participating_units.all(),
        "form": form if role and item.state == "OPEN" else None,
        "actions": WORK_ITEM_WORKFLOW.actions_for(item.state, role),
        "may_edit": may_keep_items(actor, item.organization_id) and item.state == "OPEN",
        "timeline": timeline_of("WorkItem", item.pk, labels=_WORDS),
    }
    return render(request, "cultivation/work_items/detail.html", context, status=status)


@requires(*KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def work_item_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor, item = _load(request, pk)
    if not may_keep_items(actor, item.organization_id):
        raise Http404
    now = clock.now()
    back = reverse("cultivation:work_item_detail", args=[pk])
    form = WorkItemForm(
        request.POST or None,
        organization=item.organization,
        today=clock.shanghai_date(now),
        initial=_stored(item),
        cancel_url=back,
    )
    context: dict[str, Any] = {"form": form, "heading": f"修改任务：{item.title}", "item": item}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                update_work_item(
                    actor=actor,
                    item=item,
                    draft=form.draft,
                    expected_version=form.cleaned_data["version"] or 0,
                    now=now,
                )
            except DomainError as error:
                status = error.status
                form.add_domain_error(error)
                item.refresh_from_db()
                if isinstance(error, ConflictError):
                    context |= form.merge_stored(_stored(item)).context(actor.user.pk, item.updated_by)
            else:
                messages.success(request, "任务已保存。")
                return redirect(back)
    return render(request, "cultivation/work_items/form.html", context, status=status)


def _stored(item: WorkItem) -> dict[str, Any]:
    fields = (
        "title", "lead_unit", "lead_name", "responsible_user", "responsible_person", "due_on",
        "supporting_measures", "clause", "note", "version",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(item, name) for name in fields}
    return values | {"participating_units": list(item.participating_units.all())}


@requires(*READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def work_item_move(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Confirm page (GET) and act (POST): finish, cancel, reopen."""
    actor, item = _load(request, pk)
    transition = next((t for t in WORK_ITEM_WORKFLOW.transitions if t.action == action), None)
    if transition is None or not _role(actor, item):
        raise Http404
    form: PortalForm = (
        FinishForm(request.POST if request.method == "POST" else None)
        if action == "finish"
        else WorkItemReasonForm(request.POST if request.method == "POST" else None)
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                move_work_item(actor=actor, item=item, action=action, now=clock.now(), **form.cleaned_data)
            except DomainError as error:
                status = error.status
                form.add_domain_error(error)
            else:
                messages.success(request, f"任务已{transition.label}。")
                return redirect("cultivation:work_item_detail", pk=pk)
    context = {
        "form": form,
        "heading": f"{transition.label}任务",
        "rows": [("任务", item.title), ("当前状态", item.get_state_display()), ("完成时限", item.due_on)],
        "confirm_label": f"{transition.label}任务",
        "cancel_url": reverse("cultivation:work_item_detail", args=[pk]),
        "danger": action == "cancel",
    }
    return render(request, "components/confirm_page.html", context, status=status)
