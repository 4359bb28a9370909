"""整改提升: the list of a unit's items, one item, its proof, and the act beside a lost point."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.rules.calendar import YEARS, campaign_year_of
from evaluation.enums import ImprovementState
from evaluation.forms.rectifications.improvements import DONE, DROP, ImprovementForm, initial_of
from evaluation.models import Assessment, Improvement
from evaluation.permissions.improvements import may_improve, require_improver
from evaluation.permissions.roles import IMPROVEMENT_READERS, IMPROVERS
from evaluation.selectors.rectifications.improvements import IMPROVEMENT_FILES, improvement_rows
from evaluation.services.rectifications.improvements import (
    drop_improvement,
    finish_improvement,
    plan_improvement,
    take_up,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page
from zaozhuang_portal.operations.selectors.attachments import attachments_of
from zaozhuang_portal.operations.views.uploads import handle_upload

PAGE_SIZE = 50
NEWEST = (SortKey("id", descending=True),)


def _find(request: HttpRequest, pk: int) -> tuple[Actor, Improvement]:
    actor = actor_of(request)
    return actor, get_object_or_404(improvement_rows(actor), pk=pk)


@requires(*IMPROVEMENT_READERS)
@require_GET
def improvement_list(request: HttpRequest) -> HttpResponse:
    """Newest first. Statements: rows and their count."""
    actor = actor_of(request)
    state, year = request.GET.get("state", ""), campaign_year_of(request.GET.get("year"))
    state = state if state in ImprovementState.values else ""
    rows = improvement_rows(actor, state=state, year=year)
    now = clock.now()
    page = fetch_page(rows, NEWEST, cursor=request.GET.dict(), size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": [
            (row, clock.describe_deadline(now, row.due_on) if row.due_on and row.is_open else None)
            for row in page.rows
        ],
        "state": state,
        "states": ImprovementState.choices,
        "year": year,
        "years": YEARS,
        "filtered": bool(state or year),
    }
    return render(request, "evaluation/rectifications/improvements.html", context)


@requires(*IMPROVERS)
@require_POST
def improvement_add(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The one press beside a lost point; pressed twice it is one item."""
    actor = actor_of(request)
    assessment = get_object_or_404(Assessment.objects.visible_to(actor), pk=pk)
    row, taken = take_up(actor=actor, assessment=assessment, code=code, now=clock.now())
    words = "已列入整改提升，请填写措施、责任人和时限。" if taken else "该项已经在整改提升中。"
    messages.success(request, words)
    return redirect("evaluation:improvement_edit" if taken else "evaluation:improvement_detail", row.pk)


@requires(*IMPROVEMENT_READERS)
@require_GET
def improvement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Statements: the item, its files, its course."""
    actor, row = _find(request, pk)
    context = {
        "row": row,
        "editable": row.is_open and may_improve(actor, row.assessment),
        "deadline": clock.describe_deadline(clock.now(), row.due_on) if row.due_on and row.is_open else None,
        "files": attachments_of(IMPROVEMENT_FILES, [row.pk]).get(row.pk, []),
        "timeline": timeline_of("Improvement", row.pk),
    }
    return render(request, "evaluation/rectifications/improvement.html", context)


@requires(*IMPROVERS)
@require_http_methods(["GET", "POST"])
def improvement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Measure, person and date; 完成 or 不再进行 by their own buttons of the same form."""
    actor, row = _find(request, pk)
    require_improver(actor, row.assessment)
    back = reverse("evaluation:improvement_detail", args=[row.pk])
    if not row.is_open and request.method == "GET":
        return redirect(back)
    form = ImprovementForm(request.POST or None, initial=initial_of(row), cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            words = _act(actor, row, form, request)
        except DomainError as error:
            if error.status == 409:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, words)
            return redirect(back)
    status = 422 if request.method == "POST" else 200
    context = {"row": row, "form": form}
    return render(request, "evaluation/rectifications/improvement_form.html", context, status=status)


def _act(actor: Actor, row: Improvement, form: ImprovementForm, request: HttpRequest) -> str:
    typed, now = form.cleaned_data, clock.now()
    if DONE in request.POST:
        finish_improvement(
            actor=actor,
            improvement=row,
            plan=form.plan,
            result=typed["result"],
            done_on=typed["done_on"],
            now=now,
        )
        return "已登记完成。"
    if DROP in request.POST:
        drop_improvement(actor=actor, improvement=row, plan=form.plan, reason=typed["result"], now=now)
        return "已登记不再进行。"
    plan_improvement(actor=actor, improvement=row, plan=form.plan, now=now)
    return "已保存。"


@requires(*IMPROVERS)
@require_POST
def improvement_proof(request: HttpRequest, pk: int) -> HttpResponse:
    actor, row = _find(request, pk)
    require_improver(actor, row.assessment)
    return handle_upload(
        request,
        IMPROVEMENT_FILES,
        row.pk,
        organization=row.assessment.organization,
        back_url=reverse("evaluation:improvement_detail", args=[row.pk]),
    )
