"""划转 in the browser: the list of requests, asking (out or in), accepting, refusing, withdrawing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cultivation.enums import TransferState
from cultivation.forms.subject_lives import (
    REFUSE_PHRASES,
    AcceptForm,
    ReasonForm,
    TransferForm,
    TransferInForm,
)
from cultivation.models import SubjectTransfer
from cultivation.services.subject_transfers import (
    accept_transfer,
    find_by_code,
    may_decide,
    may_withdraw,
    refuse_transfer,
    request_transfer,
    withdraw_transfer,
)
from cultivation.views.subjects import KEEPERS, load_subject
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

DECIDERS = (Role.CITY_OFFICE, Role.DISTRICT_OFFICE)
LIMIT = 200


def _transfers(actor: Actor):  # type: ignore[no-untyped-def]  # a queryset
    return SubjectTransfer.objects.visible_to(actor).select_related(
        "subject__township",
        "from_organization",
        "to_organization",
        "to_township",
        "requesting_organization",
        "requested_by",
    )


def _load(request: HttpRequest, pk: int) -> tuple[Actor, SubjectTransfer]:
    actor = actor_of(request)
    transfer = _transfers(actor).filter(pk=pk).first()
    if transfer is None:
        raise Http404
    return actor, transfer


@requires(*KEEPERS)
@require_GET
def transfer_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    rows = list(_transfers(actor)[:LIMIT])
    return render(
        request,
        "cultivation/transfers/list.html",
        {
            "waiting": [
                (row, may_decide(actor, row), may_withdraw(actor, row))
                for row in rows
                if row.state == TransferState.REQUESTED
            ],
            "settled": [row for row in rows if row.state != TransferState.REQUESTED],
            "may_ask_in": actor.district is not None,
        },
    )


@requires(*KEEPERS)
@require_http_methods(["GET", "POST"])
@creates_once
def transfer_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a subject away: by its own district, or by the city."""
    actor, subject = load_subject(request, pk)
    back = reverse("cultivation:subject_detail", kwargs={"pk": subject.pk})
    form = TransferForm(request.POST or None, subject=subject, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            request_transfer(
                actor=actor,
                subject=subject,
                to_organization=form.cleaned_data["to_organization"],
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "划转申请已提交，等待对方接收。")
            return redirect("cultivation:transfer_list")
    return render(
        request,
        "cultivation/subjects/life.html",
        {
            "subject": subject,
            "form": form,
            "title": f"申请划转：{subject.name}",
            "words": "对方接收后由其管理。今年已列入的名单、已填的记录和数字仍归原单位，不随之变动；"
            "未结束的结对和定点联系在接收当日结束。",
        },
        status=422 if request.method == "POST" else 200,
    )


@requires(Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER)
@require_http_methods(["GET", "POST"])
@creates_once
def transfer_in(request: HttpRequest) -> HttpResponse:
    """Ask another district for a firm, by its credit code."""
    actor = actor_of(request)
    form = TransferInForm(
        request.POST or None,
        actor=actor,
        initial={"credit_code": request.GET.get("code", "")},
        cancel_url=reverse("cultivation:transfer_list"),
    )
    district = actor.district
    if request.method == "POST" and district is not None and form.is_valid():
        try:
            request_transfer(
                actor=actor,
                subject=find_by_code(form.cleaned_data["credit_code"]),
                to_organization=district,
                to_township=form.cleaned_data["to_township"],
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "划转申请已提交，等待现管理单位同意。")
            return redirect("cultivation:transfer_list")
    return render(
        request,
        "cultivation/transfers/form.html",
        {"form": form, "title": "申请划入企业"},
        status=422 if request.method == "POST" else 200,
    )


@requires(*DECIDERS)
@require_http_methods(["GET", "POST"])
def transfer_accept(request: HttpRequest, pk: int) -> HttpResponse:
    actor, transfer = _load(request, pk)
    form = AcceptForm(
        request.POST if request.method == "POST" else None,
        district=transfer.to_organization,
        initial={"to_township": transfer.to_township_id},
        cancel_url=reverse("cultivation:transfer_list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            subject = accept_transfer(
                actor=actor,
                transfer=transfer,
                to_township=form.cleaned_data["to_township"],
                now=clock.now(),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"“{subject.name}”已划转至{transfer.to_organization.name}。")
            return redirect("cultivation:transfer_list")
    return render(
        request,
        "cultivation/transfers/form.html",
        {"form": form, "transfer": transfer, "title": f"接收“{transfer.subject.name}”"},
        status=422 if request.method == "POST" else 200,
    )


@requires(*DECIDERS)
@require_http_methods(["GET", "POST"])
def transfer_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    actor, transfer = _load(request, pk)
    form = ReasonForm(
        request.POST or None,
        label="退回理由",
        submit_label="退回申请",
        phrases=REFUSE_PHRASES,
        cancel_url=reverse("cultivation:transfer_list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            refuse_transfer(
                actor=actor, transfer=transfer, reason=form.cleaned_data["reason"], now=clock.now()
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "已退回，理由会显示给申请单位。")
            return redirect("cultivation:transfer_list")
    return render(
        request,
        "cultivation/transfers/form.html",
        {"form": form, "transfer": transfer, "title": f"退回“{transfer.subject.name}”的划转申请"},
        status=422 if request.method == "POST" else 200,
    )


@requires(*KEEPERS)
@require_POST
def transfer_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    actor, transfer = _load(request, pk)
    try:
        withdraw_transfer(actor=actor, transfer=transfer, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "已撤回申请。")
    return redirect("cultivation:transfer_list")
