"""导入用户: template → upload → preview → confirm → slips. Nothing is written before the confirm."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.once import creates_once
from zaozhuang_portal.accounts.permissions.people import MANAGER_ROLES
from zaozhuang_portal.accounts.services.user_import import (
    UserLine,
    check_user_rows,
    import_users,
    user_template,
)
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.forms import PortalForm
from zaozhuang_portal.kernel.spreadsheets import Limits, read_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LIMITS = Limits(file_bytes=2 * 1024 * 1024, rows=5_000, columns=50)
_CHECKED_FOR = 60 * 60  # seconds between check and confirm


class UploadForm(PortalForm):
    file = forms.FileField(
        label="Excel 文件",
        help_text=".xlsx、.xls 或 .csv，不超过 2 MB，一次最多 500 人",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )
    submit_label = "上传并校验"


def _salt(request: HttpRequest) -> str:
    return f"accounts.user_import.{actor_of(request).capacity.key}"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGER_ROLES)
def user_import(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, cancel_url="/people/users/")
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, cancel_url="/people/users/")
        if form.is_valid():
            try:
                sheets = read_workbook(form.cleaned_data["file"].read(), limits=_LIMITS)
                checked = check_user_rows(actor=actor_of(request), sheets=sheets)
            except DomainError as error:
                form.add_domain_error(error)
            else:
                staged = signing.dumps(
                    [line.as_dict() for line in checked.lines], salt=_salt(request), compress=True
                )
                return render(
                    request, "accounts/user_import_preview.html", {"checked": checked, "staged": staged}
                )
    return render(request, "accounts/user_import.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@requires(*MANAGER_ROLES)
@creates_once
def user_import_confirm(request: HttpRequest) -> HttpResponse:
    """Open the accounts of the checked rows; the rows come back signed, so they are what was shown."""
    try:
        staged = signing.loads(request.POST.get("staged", ""), salt=_salt(request), max_age=_CHECKED_FOR)
        lines = [UserLine(**line) for line in staged]
    except (signing.BadSignature, TypeError):
        messages.error(request, "校验结果已过期或身份已切换，请重新上传文件。")
        return redirect("accounts:user_import")
    if not lines:
        messages.error(request, "没有可以导入的人员，请改正后重新上传。")
        return redirect("accounts:user_import")
    try:
        asked = import_users(
            actor=actor_of(request), at=clock.now(), lines=lines, base_url=request.build_absolute_uri("/")
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("accounts:user_import")
    messages.success(request, f"已提交 {len(asked)} 个账号的申请，待第二人批准；请打印甲联，分别交给本人。")
    return redirect("accounts:request_slips")


@require_safe
@requires(*MANAGER_ROLES)
def user_import_template(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(user_template(actor_of(request)), content_type=XLSX)
    response.headers["Content-Disposition"] = (
        "attachment; filename*=UTF-8''%E7%94%A8%E6%88%B7%E5%AF%BC%E5%85%A5%E6%A8%A1%E6%9D%BF.xlsx"
    )
    return response
