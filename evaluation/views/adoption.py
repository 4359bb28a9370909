"""The adoption step: freeze, print, record the meeting, or take the freeze back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from evaluation.enums import AssessmentState
from evaluation.forms.assessments import (
    MeetingCorrectionForm,
    MeetingForm,
    TextAnswerForm,
    TextRequestForm,
)
from evaluation.models import Adoption, Assessment
from evaluation.permissions.roles import ADOPTION_COMPARERS, ASSESSMENT_FILLERS
from evaluation.rules.self_assessment_checks import ADOPTION
from evaluation.selectors.adoption import current_adoption, meeting_of, meetings_of
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.self_pages import SelfPage, check_page, find_assessment
from evaluation.services.adoption import (
    OWNER_KIND,
    answer_for_text,
    ask_for_text,
    correct_adoption,
    freeze_for_adoption,
    record_adoption,
    reopen,
)
from evaluation.views.self_common import head, own_assessment, own_page
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.selectors.attachments import attachments_of
from zaozhuang_portal.operations.services.attachments import store_attachment


def _requires_adoption(assessment: Assessment) -> None:
    if not definition_of(assessment.indicator_set).requires_adoption:
        raise Http404


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
@creates_once
def assessment_adoption(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: where the step stands. POST: record the meeting; a file that was sent is kept whatever else is wrong."""
    actor, page = own_page(request, pk)
    _requires_adoption(page.assessment)
    adoption = current_adoption(page.assessment)
    form = MeetingForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if adoption is None:
            raise DomainError("请先定稿并打印，再登记审议结果。", code="not_frozen")
        if form.is_valid() and _record(actor, page.assessment, adoption, form):
            messages.success(request, "已登记职代会审议结果，可以提交自评。")
            return redirect("evaluation:assessment_adoption", pk)
        return _render(request, page, adoption, form, status=422)
    return _render(request, page, adoption, form)


def _record(actor: Actor, assessment: Assessment, adoption: Adoption, form: MeetingForm) -> bool:
    fields = dict(form.cleaned_data)
    upload = fields.pop("minutes")
    now = clock.now()
    try:
        if upload is not None:
            store_attachment(
                actor=actor,
                owner_kind=OWNER_KIND,
                owner_id=adoption.pk,
                upload=upload,
                now=now,
                organization=assessment.organization,
            )
        record_adoption(actor=actor, assessment=assessment, now=now, **fields)
    except DomainError as error:
        form.add_domain_error(error)
        return False
    return True


def _render(
    request: HttpRequest,
    page: SelfPage,
    adoption: Adoption | None,
    form: MeetingForm,
    *,
    ask: TextRequestForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    check = check_page(page, now=now)
    context = head(page, now) | {
        "adoption": adoption,
        "meeting": meeting_of(adoption) if adoption else None,
        "history": _history(adoption) if adoption else [],
        "may_correct": adoption is not None
        and adoption.recorded_at is not None
        and page.assessment.state not in {AssessmentState.CONFIRMED, AssessmentState.ARCHIVED},
        "form": form,
        "ask": ask or TextRequestForm(),
        "blockers": check.result.errors_but(ADOPTION),
        "minutes": attachments_of(OWNER_KIND, [adoption.pk]).get(adoption.pk, []) if adoption else [],
        "minutes_editable": adoption is not None and adoption.recorded_at is None,
        "voided": page.assessment.adoptions.filter(voided_at__isnull=False).order_by("-id")[:5],
    }
    return render(request, "evaluation/self/adoption.html", context, status=status)


def _history(adoption: Adoption) -> list[tuple[Any, str, Any, str]]:
    """(figures, what it is, when, by whom and why) of the record and each correction, when there was one."""
    found = meetings_of(adoption)
    if len(found) < 2:
        return []
    first = (found[0], "原登记", adoption.recorded_at, str(adoption.recorded_by or ""))
    rest = [
        (meeting, "更正", row.corrected_at, f"{row.corrected_by or ''}：{row.reason}")
        for meeting, row in zip(found[1:], adoption.corrections.all(), strict=True)
    ]
    return [first, *rest]


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
@creates_once
def adoption_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """更正审议结果: the figures as they hold, a reason; the record and earlier corrections stay."""
    actor, page = own_page(request, pk)
    adoption = current_adoption(page.assessment)
    meeting = meeting_of(adoption) if adoption else None
    if adoption is None or meeting is None:
        if request.method == "GET":
            return redirect("evaluation:assessment_adoption", pk)
        raise DomainError("还没有登记审议结果，没有可更正的内容。", code="not_recorded")
    form = MeetingCorrectionForm(request.POST or None, initial=asdict(meeting))
    if request.method == "POST" and form.is_valid():
        try:
            correct_adoption(actor=actor, assessment=page.assessment, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, "已更正审议结果，原登记保留。")
            return redirect("evaluation:assessment_adoption", pk)
    context = head(page, clock.now()) | {"form": form, "adoption": adoption, "meeting": meeting}
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluation/self/adoption_correct.html", context, status=status)


@requires(*ASSESSMENT_FILLERS)
@require_POST
@creates_once
def adoption_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the city office to confirm that the text voted on is the frozen one."""
    actor, page = own_page(request, pk)
    form = TextRequestForm(request.POST)
    if form.is_valid():
        try:
            ask_for_text(actor=actor, assessment=page.assessment, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.status == 409:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, "已申请市三方委员会办公室确认。确认后可登记定稿之前召开的会议。")
            return redirect("evaluation:assessment_adoption", pk)
    adoption = current_adoption(page.assessment)
    return _render(request, page, adoption, MeetingForm(), ask=form, status=422)


@requires(*ADOPTION_COMPARERS)
@require_http_methods(["GET", "POST"])
@creates_once
def adoption_text(request: HttpRequest, pk: int) -> HttpResponse:
    """确认审议文本: the firm's request, the minutes and the frozen text; agreed or not, with a reason."""
    actor = actor_of(request)
    assessment = find_assessment(actor, pk)
    adoption = current_adoption(assessment) if assessment is not None else None
    if assessment is None or adoption is None or adoption.text_asked_at is None:
        raise Http404
    form = TextAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agrees = request.POST.get("answer") == "agrees"
        try:
            answer_for_text(
                actor=actor, assessment=assessment, agrees=agrees, now=clock.now(), **form.cleaned_data
            )
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, "已确认文本一致。" if agrees else "已答复企业：不能确认文本一致。")
            return redirect("operations:notifications")
    context = {
        "assessment": assessment,
        "adoption": adoption,
        "form": form,
        "minutes": attachments_of(OWNER_KIND, [adoption.pk]).get(adoption.pk, []),
        "waiting": adoption.text_agreed_at is None and adoption.recorded_at is None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluation/self/adoption_text.html", context, status=status)


@requires(*ASSESSMENT_FILLERS)
@require_POST
def adoption_freeze(request: HttpRequest, pk: int) -> HttpResponse:
    actor, assessment = own_assessment(request, pk)
    freeze_for_adoption(actor=actor, assessment=assessment, now=clock.now())
    messages.success(request, "已定稿。请打印后提交职工（代表）大会审议。")
    return redirect("evaluation:assessment_adoption", pk)


@requires(*ASSESSMENT_FILLERS)
@require_http_methods(["GET", "POST"])
def adoption_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    actor, assessment = own_assessment(request, pk)
    if request.method == "POST":
        reopen(actor=actor, assessment=assessment, now=clock.now())
        messages.success(request, "已取消定稿，可以继续修改。")
        return redirect("evaluation:assessment_home", pk)
    context = {
        "heading": "取消定稿",
        "rows": [("对象", assessment.subject.name), ("年度", assessment.year)],
        "consequence": (
            "取消后可以修改。尚未登记审议结果的，打印稿作废；已登记的，内容没有改动则仍然有效，"
            "改动后须重新定稿、重新审议。只是登记有误的，不必取消定稿，请用“更正审议结果”。"
        ),
        "confirm_label": "取消定稿",
        "cancel_url": reverse("evaluation:assessment_adoption", args=[pk]),
        "danger": True,
    }
    return render(request, "components/confirm_page.html", context)
