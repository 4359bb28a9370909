"""三方机构: the list, one body's page, several marked as established at once, parks."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.accounts.forms.bodies import BodyForm, EstablishForm, ParkForm
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.selectors.bodies import registered_place, seats_by_body, visible_bodies
from zaozhuang_portal.accounts.selectors.timeline import timeline_of
from zaozhuang_portal.accounts.services.bodies import add_park, edit_body, establish_bodies
from zaozhuang_portal.accounts.words import ACTIONS
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.parsing import whole_number

READERS = (*sorted(CITY_ROLES | DISTRICT_ROLES), Role.LEADER)
KEEPERS = (Role.CITY_OFFICE, Role.DISTRICT_OFFICE)
FIELDS = ("name", "established", "established_on", "document_number", "contact_name", "phone")
_WORDS = {
    "name": "名称",
    "established": "已建立",
    "established_on": "成立日期",
    "document_number": "文号",
    "contact_name": "联系人",
    "phone": "联系电话",
    "state": "状态",
    "unit": "单位",
    "kind": "类别",
}


@require_safe
@requires(*READERS)
def body_list(request: HttpRequest) -> HttpResponse:
    """Every body in reach; ?state=missing only those that are not established."""
    actor = actor_of(request)
    bodies = list(visible_bodies(actor))
    missing = request.GET.get("state") == "missing"
    shown = [body for body in bodies if not (missing and body.established)]
    seats = seats_by_body(shown)
    context = {
        "rows": [(body, seats[body.pk]) for body in shown],
        "total": len(bodies),
        "missing": missing,
        "missing_count": sum(not body.established for body in bodies),
        "may_keep": actor.role in KEEPERS,
    }
    return render(request, "accounts/bodies/list.html", context)


@require_safe
@requires(*READERS)
def body_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    body = get_object_or_404(visible_bodies(actor), pk=pk)
    timeline = timeline_of("TripartiteBody", body.pk, labels=_WORDS)
    context = {
        "body": body,
        "seats": seats_by_body([body])[body.pk],
        "units": body.organization.member_units.order_by("id"),
        "may_keep": actor.role in KEEPERS,
        "timeline": [replace(entry, title=ACTIONS.get(entry.title, entry.title)) for entry in timeline],
    }
    return render(request, "accounts/bodies/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
def body_edit(request: HttpRequest, pk: int) -> HttpResponse:
    body = get_object_or_404(visible_bodies(actor_of(request)), pk=pk)
    back = reverse("accounts:body_detail", args=[pk])
    initial = {name: getattr(body, name) for name in FIELDS}
    form = BodyForm(request.POST or None, initial=initial, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            edit_body(actor=actor_of(request), at=clock.now(), body=body, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "三方机构已保存。")
            return redirect(back)
    context = {"form": form, "heading": body.name}
    return render(request, "accounts/body_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
@creates_once
def bodies_establish(request: HttpRequest) -> HttpResponse:
    """Tick the bodies that one document set up; the ticks survive an error."""
    actor = actor_of(request)
    waiting = list(visible_bodies(actor).filter(established=False).select_related("organization__parent"))
    form = EstablishForm(request.POST or None, cancel_url=reverse("accounts:body_list"))
    ticked = {number for number in map(whole_number, request.POST.getlist("body")) if number is not None}
    if request.method == "POST":
        chosen = list(visible_bodies(actor).filter(pk__in=ticked))
        if len(chosen) != len(ticked):
            raise Http404
        if form.is_valid():
            try:
                number = establish_bodies(actor=actor, at=clock.now(), bodies=chosen, **form.cleaned_data)
            except DomainError as error:
                form.add_domain_error(error)
            else:
                messages.success(request, f"已登记 {number} 个三方机构成立。")
                return redirect("accounts:body_list")
    groups: dict[Organization, list[tuple[object, bool]]] = {}
    for body in waiting:
        place = body.organization.parent or body.organization
        groups.setdefault(place, []).append((body, body.pk in ticked))
    ordered = sorted(groups.items(), key=lambda group: (group[0].sort_order, group[0].code))
    context = {"form": form, "groups": ordered, "waiting": len(waiting)}
    return render(request, "accounts/bodies/establish.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*KEEPERS)
@creates_once
def park_create(request: HttpRequest) -> HttpResponse:
    """A park becomes a place of its district, with a body of its own. ?district=&name= are filled in."""
    actor = actor_of(request)
    districts = Organization.objects.districts()
    if not actor.is_city:
        districts = districts.filter(pk=actor.district.pk if actor.district else None)
    home = districts.filter(pk=whole_number(request.GET.get("district"))).first() or actor.district
    name = request.GET.get("name", "").strip()
    form = ParkForm(
        request.POST or None,
        districts=districts,
        initial={"district": home.pk if home else None, "name": name},
        cancel_url=reverse("accounts:body_list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            body = add_park(actor=actor, at=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"已添加{body.organization}，请登记其三方机构。")
            return redirect("accounts:body_edit", pk=body.pk)
    place = registered_place(home, name) if home and name and not form.is_bound else None
    context = {"form": form, "heading": "添加工业园区", "registered": place}
    return render(request, "accounts/body_form.html", context, status=422 if form.is_bound else 200)
