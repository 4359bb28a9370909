"""发现问题: one by hand, one with its earlier ones, and the order that is drafted from it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from evaluation.forms.rectifications.orders import FindingForm, OrderForm
from evaluation.models import Finding
from evaluation.permissions.roles import RECTIFICATION_KEEPERS, RECTIFICATION_READERS
from evaluation.selectors.rectifications.findings import earlier_findings, finding_links
from evaluation.selectors.rectifications.lists import finding_rows
from evaluation.services.rectifications.findings import record_finding
from evaluation.services.rectifications.orders import draft_rectification
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

FORM = ["GET", "POST"]


def _found(request: HttpRequest, pk: int) -> Finding:
    rows = finding_rows(actor_of(request)).select_related(
        "organization", "subject", "rectification", "recurrence_of", "check_record__round", "created_by"
    )
    return get_object_or_404(rows, pk=pk)


@requires(*RECTIFICATION_READERS)
@require_GET
def finding_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Statements: the finding, earlier and later ones of its kind, the trace for the office."""
    actor, finding = actor_of(request), _found(request, pk)
    seen = Finding.objects.visible_to(actor)
    keeper = actor.role in RECTIFICATION_KEEPERS
    order = getattr(finding, "rectification", None)
    context = {
        "finding": finding,
        "links": finding_links(actor, finding),
        "order": order
        if order is not None and (keeper or actor.sees_whole_city or order.issued_at)
        else None,
        "earlier": earlier_findings(finding).filter(pk__in=seen.values("pk"))[:20],
        "may_draft": keeper and order is None,
        "timeline": timeline_of("Finding", pk) if keeper else [],
    }
    return render(request, "evaluation/rectifications/finding.html", context)


@requires(*RECTIFICATION_KEEPERS)
@require_http_methods(FORM)
@creates_once
def finding_new(request: HttpRequest) -> HttpResponse:
    """登记问题 by hand; what a check found is registered by its conclusion."""
    now = clock.now()
    form = FindingForm(
        request.POST or None,
        today=clock.shanghai_date(now),
        cancel_url=reverse("evaluation:finding_list"),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                found = record_finding(
                    actor=actor_of(request),
                    year=form.years[form.cleaned_data["year"]],
                    unit=form.unit,
                    entry=form.entry(),
                    now=now,
                )
            except NotAllowed:
                raise
            except DomainError as error:
                form.add_domain_error(error)
                status = error.status
            else:
                again = f"，与{found.recurrence_of.number}同一条款，已关联" if found.recurrence_of else ""
                messages.success(request, f"已登记{found.number}{again}。")
                return redirect("evaluation:finding_detail", found.pk)
    context = {"form": form, "title": "登记问题"}
    return render(request, "evaluation/rectifications/form.html", context, status=status)


@requires(*RECTIFICATION_KEEPERS)
@require_http_methods(FORM)
@creates_once
def finding_order(request: HttpRequest, pk: int) -> HttpResponse:
    """起草整改通知书. A finding that has one leads there."""
    finding = _found(request, pk)
    order = getattr(finding, "rectification", None)
    if request.method == "GET" and order is not None:
        messages.info(request, "该问题已经有整改通知书。")
        return redirect("evaluation:rectification_detail", order.pk)
    back = reverse("evaluation:finding_detail", args=[pk])
    form = OrderForm(request.POST or None, initial=OrderForm.usual(), cancel_url=back)
    form.submit_label = "保存草稿"
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = draft_rectification(
                    actor=actor_of(request), finding=finding, entry=form.entry(), now=clock.now()
                )
            except NotAllowed:
                raise
            except DomainError as error:
                form.add_domain_error(error)
                status = error.status
            else:
                messages.success(request, "已保存草稿。核对后下达，单位才能看到。")
                return redirect("evaluation:rectification_detail", made.pk)
    context = {"form": form, "title": "起草整改通知书", "finding": finding}
    return render(request, "evaluation/rectifications/form.html", context, status=status)
