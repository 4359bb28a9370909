"""What is done to an account after a confirm page: reset, disable, enable, leave; beginning and ending a membership."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import AccountAct, AccountRequestState
from zaozhuang_portal.accounts.forms.people import MembershipForm, OptionalReasonForm, ReasonForm
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.permissions.people import MANAGER_ROLES, manageable_memberships
from zaozhuang_portal.accounts.services.account_requests import request_account_act
from zaozhuang_portal.accounts.views.people import show_request, visible_user
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


def _facts(user: User) -> list[tuple[str, Any]]:
    return [("姓名", user.full_name), ("用户名", user.username), ("手机号", user.phone)]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
@creates_once
def user_reset(request: HttpRequest, pk: int) -> HttpResponse:
    user = visible_user(request, pk)
    form = OptionalReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = request_account_act(
                actor=actor_of(request),
                at=clock.now(),
                act=AccountAct.RESET,
                user=user,
                reason=form.cleaned_data["reason"],
                base_url=request.build_absolute_uri("/"),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return show_request(request, row)
    context = {
        "heading": f"重置 {user.full_name} 的登录",
        "rows": _facts(user),
        "consequence": "办理后原密码、两步验证和统一身份绑定失效，已登录的会话全部退出，本人凭 72 小时内有效的激活码设置新密码。"
        "激活码只给本人：手机号经本人确认的发短信；其余分甲、乙两联，甲联由您、乙联由批准人分别交给本人，单独一联不能登录。",
        "form": form,
        "confirm_label": "申请重置登录",
        "cancel_url": f"/people/users/{pk}/",
    }
    return render(request, "components/confirm_page.html", context, status=422 if form.is_bound else 200)


def _act(request: HttpRequest, pk: int, act: AccountAct, texts: dict[str, Any]) -> HttpResponse:
    user = visible_user(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = request_account_act(
                actor=actor_of(request),
                at=clock.now(),
                act=act,
                user=user,
                reason=form.cleaned_data["reason"],
                base_url=request.build_absolute_uri("/"),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            if row.state != AccountRequestState.APPROVED:
                return show_request(request, row)
            messages.success(request, texts["done"].format(name=user.full_name))
            return redirect("accounts:user_detail", pk=pk)
    context = {
        "heading": texts["heading"].format(name=user.full_name),
        "rows": _facts(user),
        "consequence": texts["consequence"],
        "form": form,
        "confirm_label": texts["confirm"],
        "danger": texts["danger"],
        "cancel_url": f"/people/users/{pk}/",
    }
    return render(request, "components/confirm_page.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
def user_disable(request: HttpRequest, pk: int) -> HttpResponse:
    texts = {
        "heading": "停用 {name} 的账号",
        "consequence": "停用后本人立即退出登录，不能再登录；任职和经办记录保留，可随时重新启用。",
        "confirm": "停用账号",
        "done": "{name} 的账号已停用。",
        "danger": True,
    }
    return _act(request, pk, AccountAct.DISABLE, texts)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
def user_enable(request: HttpRequest, pk: int) -> HttpResponse:
    texts = {
        "heading": "启用 {name} 的账号",
        "consequence": "启用后本人可用原密码登录；忘记密码的，请再重置登录。",
        "confirm": "启用账号",
        "done": "{name} 的账号已启用。",
        "danger": False,
    }
    return _act(request, pk, AccountAct.ENABLE, texts)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
def user_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    texts = {
        "heading": "办理 {name} 离岗",
        "consequence": "本人的全部任职即时结束，账号停用并退出登录。经办过的事项、签过的意见都保留。",
        "confirm": "办理离岗",
        "done": "{name} 已离岗，任职全部结束。",
        "danger": True,
    }
    return _act(request, pk, AccountAct.DISMISS, texts)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
@creates_once
def membership_create(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    user = visible_user(request, pk)
    form = MembershipForm(request.POST or None, actor=actor, cancel_url=f"/people/users/{pk}/")
    if request.method == "POST" and form.is_valid():
        try:
            row = request_account_act(
                actor=actor,
                at=clock.now(),
                act=AccountAct.GRANT,
                user=user,
                base_url=request.build_absolute_uri("/"),
                **form.cleaned_data,
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            if row.state != AccountRequestState.APPROVED:
                return show_request(request, row)
            messages.success(request, "任职已登记。")
            return redirect("accounts:user_detail", pk=pk)
    context = {"form": form, "heading": f"为 {user.full_name}（{user.username}）登记任职"}
    return render(request, "accounts/user_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
def membership_end(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    membership = get_object_or_404(
        Membership.objects.filter(manageable_memberships(actor)).select_related(
            "user", "organization", "member_unit"
        ),
        pk=pk,
    )
    if membership.valid_to is not None and membership.valid_to < clock.shanghai_date(clock.now()):
        raise Http404
    form = ReasonForm(request.POST or None)
    back = f"/people/users/{membership.user_id}/"
    if request.method == "POST" and form.is_valid():
        try:
            row = request_account_act(
                actor=actor,
                at=clock.now(),
                act=AccountAct.END,
                user=membership.user,
                membership=membership,
                reason=form.cleaned_data["reason"],
                base_url=request.build_absolute_uri("/"),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            if row.state != AccountRequestState.APPROVED:
                return show_request(request, row)
            messages.success(request, "任职已结束，本人需重新登录。")
            return redirect(back)
    context = {
        "heading": f"结束 {membership.user.full_name} 的任职",
        "rows": [
            ("任职", str(membership)),
            ("成员单位", membership.member_unit),
            ("任职自", membership.valid_from),
        ],
        "consequence": "结束后本人立即不能再以该身份办理业务；已办事项保留。",
        "form": form,
        "confirm_label": "结束任职",
        "danger": True,
        "cancel_url": back,
    }
    return render(request, "components/confirm_page.html", context, status=422 if form.is_bound else 200)
