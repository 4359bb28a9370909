"""审计日志 for the auditor; 登录安全 for the security administrator."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.accounts.selectors.audit import AuditFilter, filter_audit
from zaozhuang_portal.accounts.selectors.timeline import kind_word
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.words import ACTIONS, KINDS, code_of
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.components import Chip
from zaozhuang_portal.kernel.keyset import SortKey, fetch_page
from zaozhuang_portal.kernel.lengths import searched
from zaozhuang_portal.kernel.parsing import ParseError, parse_date

PAGE_SIZE = 50


@require_safe
@requires(Role.AUDITOR)
def audit_list(request: HttpRequest) -> HttpResponse:
    """Filters are in the URL; a date that cannot be read is said, not ignored."""
    given = {
        name: searched(request.GET.get(name, ""))
        for name in ("person", "action", "kind", "object", "first", "last")
    }
    problems = []
    days: dict[str, Any] = {"first": None, "last": None}
    for name in days:
        try:
            days[name] = parse_date(given[name])
        except ParseError as error:
            problems.append(str(error))
    wanted = AuditFilter(
        person=given["person"],
        action=code_of(ACTIONS, given["action"]),
        kind=code_of(KINDS, given["kind"]),
        object_id=given["object"],
        **days,
    )
    entries = AuditEntry.objects.none() if problems else filter_audit(wanted)
    page = fetch_page(entries, [SortKey("id", descending=True)], cursor=request.GET, size=PAGE_SIZE)
    labels = {
        "person": "用户",
        "action": "动作",
        "kind": "对象类别",
        "object": "对象编号",
        "first": "自",
        "last": "至",
    }
    shown = {
        **given,
        "action": ACTIONS.get(given["action"], given["action"]),
        "kind": kind_word(given["kind"]),
    }
    chips = [Chip(labels[name], shown[name], _without(request, name)) for name in labels if given[name]]
    context = {
        "page": page,
        "given": given,
        "chips": chips,
        "problems": problems,
        "actions": sorted(set(ACTIONS.values())),
        "kinds": sorted(set(KINDS.values())),
    }
    return render(request, "accounts/audit_list.html", context, status=422 if problems else 200)


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query.pop(name, None)
    return f"?{query.urlencode()}"


@require_safe
@requires(Role.SECURITY_ADMIN)
def lockout_list(request: HttpRequest) -> HttpResponse:
    """Who is locked out now, and the rules in force."""
    since = clock.now() - settings_cooloff()
    attempts = AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gt=since
    ).order_by("-attempt_time")[:200]
    days = settings.PASSWORD_MAX_AGE_DAYS
    forced = "、".join(Role(role).label for role in sorted(settings.REQUIRE_TOTP_ROLES))
    rules = [
        ("登录失败锁定", f"同一账号、同一地址 15 分钟内输错 {settings.AXES_FAILURE_LIMIT} 次，锁定 15 分钟"),
        ("空闲退出", f"{settings.SESSION_IDLE_SECONDS // 60} 分钟无操作"),
        ("最长登录时间", f"{settings.SESSION_COOKIE_AGE // 3600} 小时"),
        ("密码", "至少 12 位、3 类字符，不以地名和单位名为主，不用最近 5 次用过的"),
        ("定期更换密码", f"工作人员每 {days} 天" if days else "不要求"),
        ("须启用两步验证的角色", forced or "未要求（由部署参数 REQUIRE_TOTP_ROLES 设置）"),
        ("短信验证码登录", "开通" if settings.SMS_SIGN_IN else "未开通"),
        ("统一身份认证", "已配置" if settings.SOCIALACCOUNT_PROVIDERS else "未配置"),
    ]
    return render(request, "accounts/lockout_list.html", {"attempts": attempts, "rules": rules})


def settings_cooloff() -> Any:
    from axes.helpers import get_cool_off

    return get_cool_off()


@require_POST
@requires(Role.SECURITY_ADMIN)
def lockout_lift(request: HttpRequest, pk: int) -> HttpResponse:
    attempt = get_object_or_404(AccessAttempt, pk=pk)
    reset(ip=attempt.ip_address, username=attempt.username)
    record_audit(
        actor=actor_of(request),
        at=clock.now(),
        action="lift_lockout",
        kind="User",
        label=f"{attempt.username}",
    )
    messages.success(request, "已解除锁定。")
    return redirect("accounts:lockout_list")
