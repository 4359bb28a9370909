"""Before sign-in: setting one's own password behind a one-time code, signing in by SMS code."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zaozhuang_portal.accounts.forms.sign_in import (
    ActivationForm,
    NewPasswordForm,
    SmsCodeForm,
    SmsRequestForm,
)
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.services.passwords import activate_user, find_activation
from zaozhuang_portal.accounts.services.sms_codes import redeem_sms_code, request_sms_code
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.http import on_this_site

SMS_PHONE_KEY = "sms_phone"
SMS_NEXT_KEY = "sms_next"


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: Any) -> HttpResponse:
    """Username and code typed from a slip of paper."""
    form = ActivationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = User.objects.filter(username=data["username"].strip().lower()).first()
        try:
            code = data["code"] + data["second"]
            _redeem(request, user.pk if user else 0, code, data["password1"])
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return redirect("account_login")
    return render(request, "accounts/activate.html", {"form": form}, status=422 if form.is_bound else 200)


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def activate_link(request: Any, pk: int, code: str) -> HttpResponse:
    """The page behind an activation link. A code of two halves is typed, not linked: looking at a page counts no tries."""
    try:
        row = find_activation(user_id=pk, code=code, at=clock.now(), count_failure=False)
        if row.payload.get("halves"):
            raise DomainError("这个激活码分甲、乙两联，请在登录页选择“用激活码设置密码”填写。", code="halves")
    except DomainError as error:
        return render(request, "accounts/activate_refused.html", {"message": error.message}, status=404)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _redeem(request, pk, code, form.cleaned_data["password1"])
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return redirect("account_login")
    context = {"form": form, "person": row.user}
    return render(request, "accounts/activate.html", context, status=422 if form.is_bound else 200)


def _redeem(request: Any, user_id: int, code: str, password: str) -> None:
    activate_user(
        user_id=user_id,
        code=code,
        password=password,
        at=clock.now(),
        ip=request.client_ip,
        request_id=request.request_id,
    )
    messages.success(request, "密码已设置，请用新密码登录。")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sms_sign_in(request: Any) -> HttpResponse:
    """Ask for a code. The answer is the same whether or not the number is known."""
    if not settings.SMS_SIGN_IN:
        raise Http404
    form = SmsRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        phone = form.cleaned_data["phone"]
        try:
            key = request_sms_code(phone=phone, at=clock.now(), ip=request.client_ip)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            request.session[SMS_PHONE_KEY] = key
            request.session[SMS_NEXT_KEY] = request.POST.get("next", "")
            return redirect("accounts:sms_code")
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/sms_sign_in.html", context, status=422 if form.is_bound else 200)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sms_code(request: Any) -> HttpResponse:
    """Type the code; the second factor, where enrolled, still follows."""
    key = request.session.get(SMS_PHONE_KEY, "")
    phone = key.partition(" ")[0]
    if not settings.SMS_SIGN_IN or not phone:
        return redirect("account_login")
    form = SmsCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = redeem_sms_code(key=key, code=form.cleaned_data["code"], at=clock.now())
        except DomainError as error:
            form.add_domain_error(error)
        else:
            wanted = request.session.pop(SMS_NEXT_KEY, "")
            request.session.pop(SMS_PHONE_KEY, None)
            safe = on_this_site(request, wanted)
            return perform_login(request, user, redirect_url=wanted if safe else "/")
    context = {"form": form, "phone": f"{phone[:3]}****{phone[-4:]}"}
    return render(request, "accounts/sms_code.html", context, status=422 if form.is_bound else 200)
