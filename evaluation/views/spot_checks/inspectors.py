"""检查人员名录: the list, one person with the declared interests, entering, changing, retiring."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.forms.spot_checks.inspectors import (
    ConflictForm,
    InspectorForm,
    RemoveConflictForm,
    RetireForm,
    inspector_initial,
)
from evaluation.models import ConflictOfInterest, Inspector
from evaluation.permissions.inspectors import shown_certificate
from evaluation.permissions.roles import INSPECTOR_KEEPERS, INSPECTOR_READERS
from evaluation.services.spot_checks.inspectors import (
    create_inspector,
    declare_conflict,
    edit_inspector,
    remove_conflict,
    retire_inspector,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import MemberUnitKind
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page

PAGE_SIZE = 50
BY_NUMBER = (SortKey("party"), SortKey("staff_number"))


@requires(*INSPECTOR_READERS)
@require_GET
def inspector_list(request: HttpRequest) -> HttpResponse:
    """In force today unless asked for all. Statements: rows, count."""
    actor = actor_of(request)
    today = clock.shanghai_date(clock.now())
    every = request.GET.get("all") == "1"
    party = request.GET.get("party", "")
    rows = Inspector.objects.visible_to(actor).select_related("organization", "user")
    if not every:
        rows = rows.active_on(today)
    if party in MemberUnitKind.values:
        rows = rows.filter(party=party)
    page = fetch_page(rows, BY_NUMBER, cursor=request.GET.dict(), size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": [(row, shown_certificate(actor, row)) for row in page.rows],
        "parties": MemberUnitKind.choices,
        "party": party,
        "every": every,
        "may_keep": actor.role in INSPECTOR_KEEPERS,
    }
    return render(request, "evaluation/spot_checks/inspectors.html", context)


def _load(request: HttpRequest, pk: int) -> tuple[Actor, Inspector]:
    actor = actor_of(request)
    rows = Inspector.objects.visible_to(actor).select_related("organization", "user")
    return actor, get_object_or_404(rows, pk=pk)


@requires(*INSPECTOR_READERS)
@require_GET
def inspector_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor, inspector = _load(request, pk)
    form = ConflictForm(initial={"declared_on": clock.shanghai_date(clock.now())})
    return _detail(request, actor, inspector, form)


def _detail(
    request: HttpRequest, actor: Actor, inspector: Inspector, form: ConflictForm, status: int = 200
) -> HttpResponse:
    keeper = actor.role in INSPECTOR_KEEPERS
    context = {
        "inspector": inspector,
        "facts": [
            ("工号", inspector.staff_number),
            ("所属方", inspector.get_party_display()),
            ("所在地区", inspector.organization.name),
            ("单位", inspector.unit_name),
            ("职务", inspector.post),
            ("证件号", shown_certificate(actor, inspector)),
            ("账号", inspector.user.username if inspector.user else "没有账号，纸质签字"),
            ("入库日期", inspector.active_from),
            ("出库日期", inspector.active_to or "在库"),
        ],
        "conflicts": inspector.conflicts.select_related("subject", "organization"),
        "form": form if keeper else None,
        "may_keep": keeper,
        "timeline": timeline_of("Inspector", inspector.pk) if keeper else [],
    }
    return render(request, "evaluation/spot_checks/inspector.html", context, status=status)


@requires(*INSPECTOR_KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def inspector_create(request: HttpRequest) -> HttpResponse:
    form = InspectorForm(
        request.POST or None,
        initial={"active_from": clock.shanghai_date(clock.now())},
        cancel_url=reverse("evaluation:inspector_list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = create_inspector(actor=actor_of(request), entry=form.entry(), now=clock.now())
        except DomainError as error:
            _put(form, error)
        else:
            messages.success(request, f"已登记{made.name}。")
            return redirect("evaluation:inspector_detail", made.pk)
    return _form(request, form, "新增检查人员")


@requires(*INSPECTOR_KEEPERS)
@require_http_methods(["GET", "POST"])
def inspector_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor, inspector = _load(request, pk)
    form = InspectorForm(
        request.POST or None,
        initial=inspector_initial(inspector),
        cancel_url=reverse("evaluation:inspector_detail", args=[pk]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            edit_inspector(actor=actor, inspector=inspector, entry=form.entry(), now=clock.now())
        except DomainError as error:
            _put(form, error)
        else:
            messages.success(request, "已保存。")
            return redirect("evaluation:inspector_detail", pk)
    return _form(request, form, f"修改检查人员：{inspector.name}")


def _put(form: InspectorForm, error: DomainError) -> None:
    form.add_error("username" if error.field == "user" else error.field or None, error.message)


def _form(request: HttpRequest, form: Any, title: str) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "title": title}
    return render(request, "evaluation/spot_checks/form.html", context, status=status)


@requires(*INSPECTOR_KEEPERS)
@require_http_methods(["GET", "POST"])
def inspector_retire(request: HttpRequest, pk: int) -> HttpResponse:
    actor, inspector = _load(request, pk)
    form = RetireForm(request.POST or None, initial={"on": clock.shanghai_date(clock.now())})
    if request.method == "POST" and form.is_valid():
        try:
            retire_inspector(actor=actor, inspector=inspector, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, f"{inspector.name}已出库，以后派组不再抽取。")
            return redirect("evaluation:inspector_detail", pk)
    context = {
        "heading": "检查人员出库",
        "rows": [("姓名", inspector.name), ("工号", inspector.staff_number)],
        "consequence": "出库后不再参加派组。已在检查组中的，请逐项更换并写明理由。",
        "form": form,
        "confirm_label": "出库",
        "cancel_url": reverse("evaluation:inspector_detail", args=[pk]),
        "danger": True,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/confirm_page.html", context, status=status)


@requires(*INSPECTOR_KEEPERS)
@require_POST
def conflict_create(request: HttpRequest, pk: int) -> HttpResponse:
    actor, inspector = _load(request, pk)
    form = ConflictForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            declare_conflict(
                actor=actor,
                inspector=inspector,
                target=data["target"],
                reason=data["reason"],
                declared_on=data["declared_on"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "已登记利害关系，以后派组时回避。")
            return redirect("evaluation:inspector_detail", pk)
    return _detail(request, actor, inspector, form, status=422)


@requires(*INSPECTOR_KEEPERS)
@require_http_methods(["GET", "POST"])
def conflict_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """`pk` of the declared interest."""
    actor = actor_of(request)
    rows = ConflictOfInterest.objects.filter(inspector__in=Inspector.objects.visible_to(actor).values("pk"))
    conflict = get_object_or_404(rows.select_related("inspector", "subject", "organization"), pk=pk)
    form = RemoveConflictForm(request.POST or None)
    back = reverse("evaluation:inspector_detail", args=[conflict.inspector_id])
    if request.method == "POST" and form.is_valid():
        try:
            remove_conflict(actor=actor, conflict=conflict, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, "已撤销。")
            return redirect(back)
    context = {
        "heading": "撤销利害关系",
        "rows": [
            ("检查人员", conflict.inspector.name),
            ("对象", conflict.target),
            ("利害关系", conflict.reason),
        ],
        "form": form,
        "confirm_label": "撤销利害关系",
        "cancel_url": back,
        "danger": True,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/confirm_page.html", context, status=status)
