"""Pages and switches that belong to no app: 长辈版, density, help, and the error handlers of the project."""

from __future__ import annotations

import sys
from copy import copy

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from zaozhuang_portal.kernel.http import error_response, too_many_requests, way_back
from zaozhuang_portal.kernel.preferences import DENSITIES, elder_mode, set_preference

LAST_RESORT = """<!DOCTYPE html><html lang="zh-Hans"><meta charset="utf-8"><title>系统出错</title>
<h1>系统出错，本次操作没有完成</h1><p>请返回上一页重试；仍不成功，请把错误编号告诉管理员。</p><p>错误编号：%s</p></html>"""


@login_not_required
@require_POST
def switch_elder(request: HttpRequest) -> HttpResponse:
    """Turn 长辈版 on or off (field `elder`, without it: the other way) and go back."""
    wanted = request.POST.get("elder") or ("off" if elder_mode(request) else "on")
    response = redirect(way_back(request))
    set_preference(request, response, "elder_mode", "on" if wanted == "on" else "off")
    return response


@login_not_required
@require_POST
def switch_density(request: HttpRequest) -> HttpResponse:
    """Row height of lists: compact, normal or roomy. An unknown value is answered with normal."""
    wanted = request.POST.get("density", "")
    response = redirect(way_back(request))
    set_preference(request, response, "density", wanted if wanted in DENSITIES else "normal")
    return response


@login_not_required
@require_safe
def show_page(request: HttpRequest, page: str) -> HttpResponse:
    """A static page of templates/pages, open to everybody."""
    return render(request, f"pages/{page}.html")


def handle_400(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return error_response(request, 413)
    return error_response(request, 400)


def handle_403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 403, message=str(exception))


def handle_404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 404)


def handle_429(request: HttpRequest) -> HttpResponse:
    """A limit of allauth on the signed-in person (password change, confirming a password): all are per minute."""
    return too_many_requests(request, seconds=60)


def handle_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: almost always a page left open overnight."""
    return error_response(
        request,
        403,
        code="csrf",
        message="页面停留太久或已重新登录，安全校验已失效。请返回上一页，刷新后再提交；已填内容请先复制保存。",
    )


def _without_database(request: HttpRequest) -> HttpRequest:
    """A copy for the error page whose template must not ask the database for session, user or messages."""
    bare = copy(request)
    bare.session = {}  # type: ignore[assignment]  # read like a session by the context processors
    bare.user = AnonymousUser()
    bare.actor = None  # type: ignore[attr-defined]  # set by ActorMiddleware
    bare._messages = []  # type: ignore[attr-defined]  # set by MessageMiddleware
    return bare


def handle_500(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After while the database is away. Never fails itself."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    try:
        if away:
            return error_response(_without_database(request), 503, headers={"Retry-After": "5"})
        return error_response(request, 500)
    except Exception:  # the page of last resort must not raise, whatever is broken
        return HttpResponse(LAST_RESORT % getattr(request, "request_id", ""), status=503 if away else 500)
