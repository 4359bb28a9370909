"""The adoption step: freeze, print, record the meeting, or take the freeze back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from evaluation.forms.assessments import MeetingForm
from evaluation.models import Adoption, Assessment
from evaluation.rules.self_assessment_checks import ADOPTION
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.self_pages import SelfPage, check_page
from evaluation.services.adoption import (
    OWNER_KIND,
    current_adoption,
    freeze_for_adoption,
    record_adoption,
    reopen,
)
from evaluation.views.self_common import FILLERS, head, own_assessment, own_page
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.selectors.attachments import attachments_of
from zaozhuang_portal.operations.services.attachments import store_attachment


def _requires_adoption(assessment: Assessment) -> None:
    if not definition_of(assessment.indicator_set).requires_adoption:
        raise Http404


@requires(*FILLERS)
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
    request: HttpRequest, page: SelfPage, adoption: Adoption | None, form: MeetingForm, *, status: int = 200
) -> HttpResponse:
    now = clock.now()
    check = check_page(page, now=now)
    context = head(page, now) | {
        "adoption": adoption,
        "form": form,
        "blockers": check.result.errors_but(ADOPTION),
        "minutes": attachments_of(OWNER_KIND, [adoption.pk]).get(adoption.pk, []) if adoption else [],
        "minutes_editable": adoption is not None and adoption.recorded_at is None,
        "voided": page.assessment.adoptions.filter(voided_at__isnull=False).order_by("-id")[:5],
    }
    return render(request, "evaluation/self/adoption.html", context, status=status)


@requires(*FILLERS)
@require_POST
def adoption_freeze(request: HttpRequest, pk: int) -> HttpResponse:
    actor, assessment = own_assessment(request, pk)
    freeze_for_adoption(actor=actor, assessment=assessment, now=clock.now())
    messages.success(request, "已定稿。请打印后提交职工（代表）大会审议。")
    return redirect("evaluation:assessment_adoption", pk)


@requires(*FILLERS)
@require_http_methods(["GET", "POST"])
def adoption_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    actor, assessment = own_assessment(request, pk)
    if request.method == "POST":
        reopen(actor=actor, assessment=assessment, now=clock.now())
        messages.success(request, "已取消定稿，打印稿作废，可以继续修改。")
        return redirect("evaluation:assessment_home", pk)
    context = {
        "heading": "取消定稿",
        "rows": [("对象", assessment.subject.name), ("年度", assessment.year)],
        "consequence": "取消后，已打印的稿件和已登记的审议结果作废，修改完成后须重新定稿、重新审议。",
        "confirm_label": "取消定稿",
        "cancel_url": reverse("evaluation:assessment_adoption", args=[pk]),
        "danger": True,
    }
    return render(request, "components/confirm_page.html", context)
