"""Seats and member units of one tripartite body."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.forms.bodies import MemberUnitForm, SeatForm, SeatKindForm, SeatRemovalForm
from zaozhuang_portal.accounts.models import MemberUnit, TripartiteBody
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.bodies import visible_bodies, visible_seats
from zaozhuang_portal.accounts.services.seats import (
    add_member_unit,
    add_seat,
    edit_member_unit,
    edit_seat,
    remove_seat,
)
from zaozhuang_portal.accounts.views.bodies import KEEPERS
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.forms import PortalForm


def _form_page(request: HttpRequest, form: PortalForm, heading: str, body: TripartiteBody) -> HttpResponse:
    context = {"form": form, "heading": heading, "body": body}
    return render(request, "accounts/body_form.html", context, status=422 if form.is_bound else 200)


def _detail(body: TripartiteBody) -> str:
    return reverse("accounts:body_detail", args=[body.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
def seat_edit(request: HttpRequest, pk: int) -> HttpResponse:
    seat = get_object_or_404(visible_seats(actor_of(request)), pk=pk)
    organization = seat.body.organization
    form = SeatForm(
        request.POST or None,
        initial={"state": seat.state, "unit": seat.unit_id},
        organization=organization,
        cancel_url=_detail(seat.body),
    )
    if request.method == "POST" and form.is_valid():
        try:
            edit_seat(actor=actor_of(request), at=clock.now(), seat=seat, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "席位已保存。")
            return redirect(_detail(seat.body))
    return _form_page(request, form, f"{organization.name} {seat.get_kind_display()}席位", seat.body)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
@creates_once
def seat_create(request: HttpRequest, pk: int) -> HttpResponse:
    """One more required seat of the body `pk`."""
    body = get_object_or_404(visible_bodies(actor_of(request)), pk=pk)
    form = SeatKindForm(request.POST or None, cancel_url=_detail(body))
    if request.method == "POST" and form.is_valid():
        try:
            seat = add_seat(actor=actor_of(request), at=clock.now(), body=body, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "席位已增设，请填写由哪个单位担任。")
            return redirect("accounts:seat_edit", pk=seat.pk)
    return _form_page(request, form, f"为{body.organization.name}增设席位", body)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
def seat_remove(request: HttpRequest, pk: int) -> HttpResponse:
    seat = get_object_or_404(visible_seats(actor_of(request)), pk=pk)
    form = SeatRemovalForm(request.POST or None, cancel_url=_detail(seat.body))
    if request.method == "POST" and form.is_valid():
        try:
            remove_seat(actor=actor_of(request), at=clock.now(), seat=seat, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "席位已取消。")
            return redirect(_detail(seat.body))
    return _form_page(
        request, form, f"取消{seat.body.organization.name}{seat.get_kind_display()}席位", seat.body
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
@creates_once
def member_unit_create(request: HttpRequest, pk: int) -> HttpResponse:
    """A further department for the body `pk`."""
    body = get_object_or_404(visible_bodies(actor_of(request)), pk=pk)
    form = MemberUnitForm(request.POST or None, cancel_url=_detail(body))
    if request.method == "POST" and form.is_valid():
        try:
            add_member_unit(
                actor=actor_of(request), at=clock.now(), organization=body.organization, **form.cleaned_data
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "成员单位已添加，可在席位中选用。")
            return redirect(_detail(body))
    return _form_page(request, form, f"为{body.organization.name}添加成员单位", body)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
def member_unit_edit(request: HttpRequest, pk: int) -> HttpResponse:
    bodies = visible_bodies(actor_of(request))
    units = MemberUnit.objects.filter(organization__tripartite_body__in=bodies)
    unit = get_object_or_404(units.select_related("organization__tripartite_body"), pk=pk)
    body = unit.organization.tripartite_body
    initial = {"name": unit.name, "kind": unit.kind, "phone": unit.phone}
    form = MemberUnitForm(request.POST or None, initial=initial, cancel_url=_detail(body))
    if request.method == "POST" and form.is_valid():
        try:
            edit_member_unit(actor=actor_of(request), at=clock.now(), unit=unit, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "成员单位已保存。")
            return redirect(_detail(body))
    return _form_page(request, form, f"修改{unit.name}", body)
