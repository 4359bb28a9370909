"""用户管理: list, new, detail, correct."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import AccountAct, AccountRequestState, Level
from zaozhuang_portal.accounts.forms.people import NewUserForm, PersonForm
from zaozhuang_portal.accounts.models import AccountRequest, User
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.permissions.people import (
    MANAGER_ROLES,
    check_may_manage,
    visible_users,
)
from zaozhuang_portal.accounts.scopes import scope_labels
from zaozhuang_portal.accounts.selectors.account_requests import requests_about
from zaozhuang_portal.accounts.selectors.code_tables import OrganizationEntry, organization_table
from zaozhuang_portal.accounts.selectors.dormant import disabled_on
from zaozhuang_portal.accounts.selectors.people import (
    list_users,
    manageable_units,
    memberships_of,
    with_memberships,
)
from zaozhuang_portal.accounts.services.account_requests import request_account_act
from zaozhuang_portal.accounts.services.users import update_user
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.components import Chip
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page
from zaozhuang_portal.kernel.lengths import searched
from zaozhuang_portal.kernel.parsing import whole_number

PAGE_SIZE = 50
STATES = {"active": "启用", "disabled": "已停用", "dormant": "久未登录，即将停用"}


def visible_user(request: HttpRequest, pk: int) -> User:
    """The user of the URL if the actor manages people there; 404 otherwise."""
    return get_object_or_404(User.objects.filter(visible_users(actor_of(request))), pk=pk)


def show_request(request: HttpRequest, row: AccountRequest) -> HttpResponse:
    """To the page of an account act just asked for, which says whether it is done or for whom it waits."""
    if row.state == AccountRequestState.APPROVED:
        messages.success(request, f"已办理：{row}。")
    else:
        messages.success(request, f"已提交：{row}，待第二人批准。")
    return redirect("accounts:request_detail", pk=row.pk)


@require_safe
@requires(*MANAGER_ROLES)
def user_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    text = searched(request.GET.get("q", ""))
    organization_id = whole_number(request.GET.get("unit"))
    state = request.GET.get("state", "") if request.GET.get("state", "") in STATES else ""
    users = list_users(actor, text=text, organization_id=organization_id, state=state)
    today = clock.shanghai_date(clock.now())
    page = fetch_page(
        with_memberships(users, actor, on=today),
        [SortKey("username")],
        cursor=request.GET,
        size=PAGE_SIZE,
        count_in_rows=True,
    )
    extra = scope_labels([user.pk for user in page.rows], actor)
    for user in page.rows:
        user.other_capacities = extra.get(user.pk, [])
        user.disabled_on = disabled_on(user)
    units = manageable_units(actor)
    names = organization_table()
    unit = next((unit for unit in units if unit.pk == organization_id), None)
    chips = [
        Chip(label, value, _without(request, name))
        for name, label, value in (
            ("q", "姓名、用户名或手机", text),
            ("unit", "单位", unit.name if unit else ""),
            ("state", "状态", STATES.get(state, "")),
        )
        if value
    ]
    context = {
        "page": page,
        "units": [(item, _unit_label(item, names)) for item in units],
        "text": text,
        "unit": unit,
        "state": state,
        "states": STATES,
        "chips": chips,
    }
    return render(request, "accounts/user_list.html", context)


def _unit_label(item: OrganizationEntry, names: dict[int, OrganizationEntry]) -> str:
    """A township or park with its district in front: the name alone says little."""
    district = names.get(item.parent_id or 0) if item.level in {Level.TOWNSHIP, Level.PARK} else None
    return f"{district.name} › {item.name}" if district else item.name


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query.pop(name, None)
    return f"?{query.urlencode()}"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
@creates_once
def user_create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = NewUserForm(request.POST or None, actor=actor, cancel_url="/people/users/")
    if request.method == "POST" and form.is_valid():
        try:
            row = request_account_act(
                actor=actor,
                at=clock.now(),
                act=AccountAct.CREATE,
                base_url=request.build_absolute_uri("/"),
                **form.cleaned_data,
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return show_request(request, row)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/user_form.html", {"form": form, "heading": "新增用户"}, status=status)


@require_safe
@requires(*MANAGER_ROLES)
def user_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    user = visible_user(request, pk)
    today = clock.shanghai_date(clock.now())
    memberships = list(memberships_of(user, actor))
    try:
        check_may_manage(actor, user, on=today)
        obstacle = "" if user.pk != actor.user.pk else "这是您本人的账号，请在“个人设置”中修改密码。"
    except NotAllowed as refusal:
        obstacle = refusal.message
    context = {
        "person": user,
        "memberships": memberships,
        "requests": requests_about(user, actor),
        "other_capacities": scope_labels([user.pk], actor).get(user.pk, []),
        "today": today,
        "obstacle": obstacle,
    }
    return render(request, "accounts/user_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
def user_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = visible_user(request, pk)
    initial = {"full_name": user.full_name, "phone": user.phone, "email": user.email}
    form = PersonForm(request.POST or None, initial=initial, cancel_url=f"/people/users/{pk}/")
    if request.method == "POST" and form.is_valid():
        try:
            update_user(actor=actor_of(request), at=clock.now(), user=user, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "已保存。")
            return redirect("accounts:user_detail", pk=pk)
    context = {"form": form, "heading": f"修改 {user.full_name}（{user.username}）"}
    return render(request, "accounts/user_form.html", context, status=422 if form.is_bound else 200)
