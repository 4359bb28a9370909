"""更正 of a closed year in the browser: asking, the city's answer, withdrawing, saying it is done."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.enums import CorrectionState
from cultivation.forms.year_corrections import ConsentForm, CorrectionForm, RefusalForm
from cultivation.models import CampaignYear, YearCorrection
from cultivation.permissions.years import CORRECTION_DECIDERS, CORRECTION_READERS, CORRECTION_REQUESTERS
from cultivation.selectors.year_corrections import years_to_correct
from cultivation.services.year_corrections import (
    consent_to_correction,
    finish_correction,
    refuse_correction,
    request_correction,
    withdraw_correction,
)
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

ACTS = {"withdraw": (withdraw_correction, "已撤回更正申请。"), "finish": (finish_correction, "更正已办结。")}


def _load(request: HttpRequest, pk: int) -> tuple[Actor, YearCorrection]:
    actor = actor_of(request)
    rows = YearCorrection.objects.visible_to(actor).select_related(
        "year", "organization", "requested_by", "decided_by"
    )
    return actor, get_object_or_404(rows, pk=pk)


@requires(*CORRECTION_REQUESTERS)
@require_http_methods(["GET", "POST"])
@creates_once
def correction_create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    organization = actor.organization if actor.is_city else actor.district
    if organization is None:
        raise Http404
    form = CorrectionForm(
        request.POST if request.method == "POST" else None,
        years=years_to_correct(organization),
        cancel_url=reverse("reporting:year_list"),
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        year = get_object_or_404(CampaignYear, pk=values.pop("year"))
        try:
            correction = request_correction(
                actor=actor, year=year, organization=organization, now=clock.now(), **values
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "更正申请已提交，等待市三方委员会办公室答复。")
            return redirect("cultivation:correction_detail", pk=correction.pk)
    return render(
        request,
        "cultivation/corrections/form.html",
        {"form": form, "title": "申请年度更正"},
        status=422 if request.method == "POST" else 200,
    )


@requires(*CORRECTION_READERS)
@require_GET
def correction_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor, correction = _load(request, pk)
    return render(request, "cultivation/corrections/detail.html", _page(actor, correction))


def _page(actor: Actor, correction: YearCorrection) -> dict[str, object]:
    asked = correction.state == CorrectionState.REQUESTED
    own = actor.organization if actor.is_city else actor.district
    mine = actor.role in CORRECTION_REQUESTERS and own is not None and own.pk == correction.organization_id
    return {
        "correction": correction,
        "changes": correction.changes.select_related("by"),
        "may_decide": asked
        and actor.role in CORRECTION_DECIDERS
        and correction.requested_by_id != actor.user.pk,
        "may_withdraw": asked and mine,
        "may_finish": correction.state == CorrectionState.CONSENTED and mine,
        "timeline": timeline_of("YearCorrection", correction.pk),
    }


@requires(*CORRECTION_DECIDERS)
@require_http_methods(["GET", "POST"])
def correction_consent(request: HttpRequest, pk: int) -> HttpResponse:
    actor, correction = _load(request, pk)
    form = ConsentForm(request.POST if request.method == "POST" else None, cancel_url=_address(correction))
    if request.method == "POST" and form.is_valid():
        try:
            consent_to_correction(actor=actor, correction=correction, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "已同意更正，申请单位会收到通知。")
            return redirect(_address(correction))
    return _answer(request, correction, form, "同意更正")


@requires(*CORRECTION_DECIDERS)
@require_http_methods(["GET", "POST"])
def correction_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    actor, correction = _load(request, pk)
    form = RefusalForm(request.POST if request.method == "POST" else None, cancel_url=_address(correction))
    if request.method == "POST" and form.is_valid():
        try:
            refuse_correction(actor=actor, correction=correction, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "已答复不同意，理由会显示给申请单位。")
            return redirect(_address(correction))
    return _answer(request, correction, form, "不同意更正")


def _answer(
    request: HttpRequest, correction: YearCorrection, form: ConsentForm | RefusalForm, title: str
) -> HttpResponse:
    return render(
        request,
        "cultivation/corrections/form.html",
        {"form": form, "title": title, "correction": correction},
        status=422 if request.method == "POST" else 200,
    )


def _address(correction: YearCorrection) -> str:
    return reverse("cultivation:correction_detail", kwargs={"pk": correction.pk})


@requires(*CORRECTION_REQUESTERS)
@require_POST
def correction_move(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    actor, correction = _load(request, pk)
    if action not in ACTS:
        raise Http404
    act, words = ACTS[action]
    try:
        act(actor=actor, correction=correction, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, words)
    return redirect(_address(correction))
