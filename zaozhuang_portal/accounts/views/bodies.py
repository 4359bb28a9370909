"""三方机构: bodies, member units and seats."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.accounts.forms.bodies import BodyForm, MemberUnitForm, SeatForm
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.services.bodies import add_member_unit, edit_body, edit_seat
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

READERS = (*sorted(CITY_ROLES | DISTRICT_ROLES), Role.LEADER)
KEEPERS = (Role.CITY_OFFICE, Role.DISTRICT_OFFICE)
LIST_URL = "/people/bodies/"


def _visible(actor: Actor) -> QuerySet[TripartiteBody]:
    bodies = TripartiteBody.objects.select_related("organization").order_by(
        "organization__level", "organization__sort_order"
    )
    if actor.sees_whole_city:
        return bodies
    return bodies.filter(organization__in=Organization.objects.visible_to(actor))


@require_safe
@requires(*READERS)
def body_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    bodies = _visible(actor).prefetch_related("seats__unit")
    context = {"bodies": bodies, "may_keep": actor.role in KEEPERS}
    return render(request, "accounts/body_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
def body_edit(request: HttpRequest, pk: int) -> HttpResponse:
    body = get_object_or_404(_visible(actor_of(request)), pk=pk)
    fields = ("name", "established", "established_on", "document_number")
    initial = {name: getattr(body, name) for name in fields}
    form = BodyForm(request.POST or None, initial=initial, cancel_url=LIST_URL)
    if request.method == "POST" and form.is_valid():
        try:
            edit_body(actor=actor_of(request), at=clock.now(), body=body, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "三方机构已保存。")
            return redirect("accounts:body_list")
    return _form_page(request, form, body.name)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
def seat_edit(request: HttpRequest, pk: int) -> HttpResponse:
    seats = Seat.objects.filter(body__in=_visible(actor_of(request))).select_related(
        "body__organization", "unit"
    )
    seat = get_object_or_404(seats, pk=pk)
    organization = seat.body.organization
    initial = {"state": seat.state, "unit": seat.unit_id}
    form = SeatForm(request.POST or None, initial=initial, organization=organization, cancel_url=LIST_URL)
    if request.method == "POST" and form.is_valid():
        try:
            edit_seat(actor=actor_of(request), at=clock.now(), seat=seat, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "席位已保存。")
            return redirect("accounts:body_list")
    return _form_page(request, form, f"{organization.name} {seat.get_kind_display()}席位")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
def member_unit_create(request: HttpRequest, pk: int) -> HttpResponse:
    """A further department for the body `pk`."""
    body = get_object_or_404(_visible(actor_of(request)), pk=pk)
    form = MemberUnitForm(request.POST or None, cancel_url=LIST_URL)
    if request.method == "POST" and form.is_valid():
        try:
            add_member_unit(
                actor=actor_of(request), at=clock.now(), organization=body.organization, **form.cleaned_data
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "成员单位已添加，可在席位中选用。")
            return redirect("accounts:body_list")
    return _form_page(request, form, f"为{body.organization.name}添加成员单位")


def _form_page(
    request: HttpRequest, form: BodyForm | SeatForm | MemberUnitForm, heading: str
) -> HttpResponse:
    context = {"form": form, "heading": heading}
    return render(request, "accounts/body_form.html", context, status=422 if form.is_bound else 200)
