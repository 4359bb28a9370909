"""What a person sees who is locked out: until when, and how to get in before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zaozhuang_portal.accounts.middleware import client_ip, client_username
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.http import too_many_requests


def handle_lockout(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: 429 with Retry-After; the pair of account and address is locked, nothing else."""
    now, cool_off = clock.now(), get_cool_off()
    latest = (
        AccessAttempt.objects.filter(
            username=client_username(request, credentials), ip_address=client_ip(request)
        )
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    until = (latest or now) + cool_off
    seconds = max(1, math.ceil((until - now).total_seconds()))
    if request.headers.get("HX-Request") or "application/json" in request.headers.get("Accept", ""):
        return too_many_requests(request, seconds=seconds, message="连续输错密码次数过多，登录已锁定。")
    context = {"until": until, "limit": settings.AXES_FAILURE_LIMIT, "sms": settings.SMS_SIGN_IN}
    locked = render(request, "account/locked.html", context, status=429)
    locked.headers["Retry-After"] = str(seconds)
    return locked
