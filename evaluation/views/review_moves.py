"""What sends an assessment on its way: return, verify, recall, send back, confirm, archive. Each on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from evaluation import workflows
from evaluation.forms.results import counted
from evaluation.forms.returns import (
    PHRASES,
    ReturnForm,
    ReturnSection,
    SendBackForm,
    default_due,
    returned_items,
    rows_from_post,
    rows_from_query,
)
from evaluation.forms.reviews import build_sections
from evaluation.models import Assessment
from evaluation.permissions.roles import CITY_REVIEWERS, DISTRICT_REVIEWERS
from evaluation.selectors.review_pages import ReviewPage
from evaluation.services.review_moves import (
    archive,
    confirm,
    recall,
    require_opened_by_city,
    return_for_changes,
    send_back,
    verify,
)
from evaluation.views.review_common import head, review_page
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import too_long

FORM = ["GET", "POST"]


@requires(*DISTRICT_REVIEWERS)
@require_http_methods(FORM)
def review_return(request: HttpRequest, pk: int) -> HttpResponse:
    """退回修改, every defect at once. `?items=` carries over what was ticked on the review page."""
    actor, page = review_page(request, pk)
    now = clock.now()
    sections = build_sections(page)
    if request.method == "GET":
        workflows.ASSESSMENT_WORKFLOW.find(page.assessment.state, workflows.RETURN_FOR_CHANGES, actor.role)
        form = ReturnForm(initial={"due_on": default_due(clock.shanghai_date(now))})
        rows = rows_from_query(sections, request.GET.getlist("items"))
        return _render_return(request, actor, page, form, rows)
    form = ReturnForm(request.POST)
    rows = rows_from_post(sections, request.POST)
    problems: list[tuple[str, str]] = []
    if form.is_valid():
        items = returned_items(request.POST)
        try:
            return_for_changes(
                actor=actor, assessment=page.assessment, items=items, now=now, **form.cleaned_data
            )
        except NotAllowed:
            raise
        except DomainError as error:
            problems = _place(form, rows, error)
            return _render_return(request, actor, page, form, rows, problems, status=error.status)
        messages.success(request, f"已退回 {len(items)} 项，并通知企业经办人。")
        return redirect("evaluation:review_detail", pk)
    return _render_return(request, actor, page, form, rows, problems, status=422)


def _place(form: ReturnForm, rows: list[ReturnSection], error: DomainError) -> list[tuple[str, str]]:
    """The error beside its field; lines for the summary that belong to no field of the form."""
    if error.field in form.fields:
        form.add_domain_error(error)
        return []
    for row in (row for section in rows for row in section.rows):
        missing = row.checked and not row.comment
        if error.code == "item_comment_required" and missing:
            row.error = f"请写明 {row.code} 哪里需要修改"
        if error.code == "item_comment_too_long" and row.checked:
            row.error = too_long(f"{row.code} 的退回意见", row.comment, row.room)
    found = [(f"id-comment-{row.code}", row.error) for section in rows for row in section.rows if row.error]
    return found or [("return-items", error.message)]


def _render_return(
    request: HttpRequest,
    actor: Actor,
    page: ReviewPage,
    form: ReturnForm,
    rows: list[ReturnSection],
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = head(page, actor, clock.now()) | {
        "form": form,
        "return_sections": rows,
        "problems": problems or [],
        "phrases": PHRASES,
        "checked": sum(section.checked for section in rows),
    }
    return render(request, "evaluation/review/return.html", context, status=status)


@requires(*DISTRICT_REVIEWERS)
@require_http_methods(FORM)
def review_verify(request: HttpRequest, pk: int) -> HttpResponse:
    """完成核验: what was changed in sum; what is left, when something is."""
    actor, page = review_page(request, pk)
    if request.method == "POST":
        try:
            verify(actor=actor, assessment=page.assessment, now=clock.now())
        except DomainError as error:
            if error.code != "items_left":
                raise
            return _render_verify(request, actor, page, status=error.status)
        messages.success(request, "已完成核验，并通知企业经办人。")
        return redirect("evaluation:assessment_result", pk)
    workflows.ASSESSMENT_WORKFLOW.find(page.assessment.state, workflows.VERIFY, actor.role)
    return _render_verify(request, actor, page)


def _render_verify(request: HttpRequest, actor: Actor, page: ReviewPage, status: int = 200) -> HttpResponse:
    left = [item for section in build_sections(page) for item in section.items if item.code in page.unjudged]
    context = _confirm(
        page,
        heading="完成核验",
        rows=summary(page),
        consequence="完成后企业和市级可以看到核实得分、每项差异和理由。市级开始复核之前可以取回。",
        confirm_label="完成核验",
    )
    return render(
        request,
        "evaluation/review/verify.html",
        context | head(page, actor, clock.now()) | {"items_left": left},
        status=status,
    )


def summary(page: ReviewPage) -> list[tuple[str, Any]]:
    """What a confirm page says of the assessment."""
    assessment = page.assessment
    scores = page.scores
    verified = page.verified.result
    return [
        ("对象", assessment.subject.name),
        ("受理编号", assessment.receipt_number),
        ("自评得分", f"{scores.own.text} 分（{scores.own.words}）" if scores.own else "—"),
        (
            "核实得分（暂计）" if scores.provisional and not scores.is_complete else "核实得分",
            f"{f'{scores.verified.text} 分' if scores.verified else '—'}，已核 {scores.coverage} 项指标，"
            f"{scores.declared}/{scores.declarations} 项申报",
        ),
        ("核减（含扣分）", counted(page.result.reduced)),
        ("核增（含扣分）", counted(page.result.increased)),
        ("结果", "；".join([scores.outcome_words, *(verified.reasons if scores.outcome else ())])),
    ]


def _confirm(page: ReviewPage, **more: Any) -> dict[str, Any]:
    return {"cancel_url": reverse("evaluation:review_detail", args=[page.assessment.pk]), **more}


def _move(
    request: HttpRequest,
    pk: int,
    action: str,
    act: Callable[..., Assessment],
    done: str,
    context: dict[str, Any],
) -> HttpResponse:
    """A confirm page without questions: GET shows it where the action is open, POST acts."""
    actor, page = review_page(request, pk)
    if request.method == "POST":
        act(actor=actor, assessment=page.assessment, now=clock.now())
        messages.success(request, done)
        return redirect("evaluation:review_detail", pk)
    workflows.ASSESSMENT_WORKFLOW.find(page.assessment.state, action, actor.role)
    if action == workflows.CONFIRM:
        require_opened_by_city(page.assessment)
    return render(
        request,
        "evaluation/review/confirm.html",
        _confirm(page, rows=summary(page), **context) | head(page, actor, clock.now()),
    )


@requires(*DISTRICT_REVIEWERS)
@require_http_methods(FORM)
def review_recall(request: HttpRequest, pk: int) -> HttpResponse:
    return _move(
        request,
        pk,
        workflows.RECALL,
        recall,
        "已取回，可以继续核验。",
        {
            "heading": "取回核验",
            "consequence": "取回后回到“区（市）核验中”，核验意见保留，改好后须重新完成核验。企业暂时看不到核验结果。",
            "confirm_label": "取回核验",
        },
    )


@requires(*CITY_REVIEWERS)
@require_http_methods(FORM)
def review_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    return _move(
        request,
        pk,
        workflows.CONFIRM,
        confirm,
        "已确认。",
        {
            "heading": "市级确认",
            "consequence": "确认后核实得分进入名单、汇总和命名，不能再退回区（市）。",
            "confirm_label": "市级确认",
        },
    )


@requires(*CITY_REVIEWERS)
@require_http_methods(FORM)
def review_archive(request: HttpRequest, pk: int) -> HttpResponse:
    return _move(
        request,
        pk,
        workflows.ARCHIVE,
        archive,
        "已归档。",
        {
            "heading": "归档自评",
            "consequence": "归档后只能查看，不能再办理。",
            "confirm_label": "归档自评",
        },
    )


@requires(*CITY_REVIEWERS)
@require_http_methods(FORM)
def review_send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """退回区（市）, with a reason; what the city entered is dropped."""
    actor, page = review_page(request, pk)
    form = SendBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            send_back(actor=actor, assessment=page.assessment, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, f"已退回{page.assessment.organization.name}。")
            return redirect("evaluation:review_detail", pk)
    if request.method == "GET":
        workflows.ASSESSMENT_WORKFLOW.find(page.assessment.state, workflows.SEND_BACK, actor.role)
    entered = bool(page.rows.answers.get("CITY") or page.rows.declarations.get("CITY"))
    context = _confirm(
        page,
        heading="退回区（市）",
        rows=summary(page),
        consequence="退回后回到“区（市）核验中”，由区（市）改好后重新完成核验。"
        + ("市级已填写的意见将作废。" if entered else ""),
        form=form,
        confirm_label="退回区（市）",
        danger=True,
    )
    return render(
        request,
        "evaluation/review/confirm.html",
        context | head(page, actor, clock.now()),
        status=422 if request.method == "POST" else 200,
    )
