"""What every answer carries: request id, content security policy with nonce, the other guard headers, error pages."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from zaozhuang_portal.kernel.clock import SHANGHAI
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import normal_lines

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,64}")

# A file from users opens nowhere: it may be looked at, never run.
DOWNLOAD_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


class LazyNonce:
    """A nonce that exists once a template asks for it; most pages have no inline script."""

    def __init__(self) -> None:
        self.value = ""

    def __str__(self) -> str:
        self.value = self.value or secrets.token_urlsafe(16)
        return self.value

    def __bool__(self) -> bool:
        return True


def _form_targets() -> str:
    """Where forms may go: here, and the unified sign-in to which the sign-in form redirects."""
    server = urlsplit(getattr(settings, "OIDC_SERVER_URL", "") or "")
    return f"'self' {server.scheme}://{server.netloc}" if server.netloc else "'self'"


def content_security_policy(nonce: str) -> str:
    """The policy of a page; `nonce` empty when no inline script was rendered."""
    allowed = f" 'nonce-{nonce}'" if nonce else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{allowed}",
            f"style-src 'self'{allowed}",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "frame-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            f"form-action {_form_targets()}",
            "frame-ancestors 'none'",
        )
    )


class GuardHeadersMiddleware:
    """First in the list, so that errors and redirects carry the headers too. A view's own header wins."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get("X-Request-ID", "")
        trusted = bool(settings.TRUSTED_PROXIES) and _REQUEST_ID.fullmatch(sent)
        request_id = sent if trusted else uuid.uuid4().hex[:16]
        nonce = LazyNonce()
        request.request_id = request_id  # type: ignore[attr-defined]  # read by audit, logs and error pages
        request.csp_nonce = nonce  # type: ignore[attr-defined]  # read by templates
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", content_security_policy(nonce.value))
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"
        )
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Cache-Control", "private, no-store")
        headers["X-Request-ID"] = request_id
        return response


_NUL = "\x00"


class NulMiddleware:
    """A NUL in the address or a cookie comes from no browser and fits no text column (PostgreSQL): 400, before sessions.

    What a form sends is looked at by TypedTextMiddleware, once the body may be read.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _NUL in request.path_info or any(_NUL in value for value in request.COOKIES.values()):
            return error_response(request, 400)
        if "%00" in request.META.get("QUERY_STRING", "") and _has_nul(request.GET):
            return error_response(request, 400)
        return self.get_response(request)


def _has_nul(values: QueryDict) -> bool:
    return any(_NUL in name or any(_NUL in value for value in texts) for name, texts in values.lists())


class TypedTextMiddleware:
    """What a form sends, before any view counts, compares or stores it: line breaks are LF (browsers send CRLF), and a
    NUL, which no text column holds, is refused in words instead of dropped."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        if request.method != "POST" or request.content_type not in _FORM_TYPES:
            return None
        posted = request.POST
        if _has_nul(posted):
            words = "填写的内容里有不能保存的控制字符（空字符），没有保存。请返回，把粘贴来的文字重新输入或先粘到记事本再复制。"
            return error_response(request, 400, message=words, code="control_character")
        if not any("\r" in value for _, values in posted.lists() for value in values):
            return None
        mended = posted.copy()
        for name, values in posted.lists():
            mended.setlist(name, [normal_lines(value) for value in values])
        mended._mutable = False
        request.POST = mended  # type: ignore[misc, assignment]  # the setter of WSGIRequest
        return None


def on_this_site(request: HttpRequest, target: str) -> bool:
    """Whether `target` is a path of this site, or a whole address of it: what a redirect may lead to."""
    whole = target.startswith("/") or "://" in target
    return whole and url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )


def way_back(request: HttpRequest, default: str = "") -> str:
    """Where the person came from: the form's field `next`, then `default`, then the referring page; else the first page."""
    for target in (request.POST.get("next", ""), default, request.headers.get("Referer", "")):
        if target and on_this_site(request, target):
            return target
    return "/"


class DomainErrorMiddleware:
    """Last line for a domain error no view has put on a form: the page of its status with its own words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return error_response(request, exception.status, message=exception.message, code=exception.code)
        if isinstance(exception, RequestDataTooBig):
            return error_response(request, 413)
        return None


def error_response(
    request: HttpRequest,
    status: int,
    *,
    message: str = "",
    code: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page templates/errors/<status>.html; for htmx a notice to swap in, for an autosave JSON."""
    if request.headers.get("X-Autosave") or "application/json" in request.headers.get("Accept", ""):
        body = {
            "errors": [
                {"code": code or str(status), "message": message or "请求未能处理，请刷新页面后重试。"}
            ]
        }
        response: HttpResponse = JsonResponse(body, status=status)
    else:
        fragment = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
        name = "errors/fragment.html" if fragment else f"errors/{status}.html"
        context = {"status": status, "message": message}
        response = HttpResponse(render_to_string(name, context, request=request), status=status)
    for key, value in (headers or {}).items():
        response.headers[key] = value
    return response


def too_many_requests(request: HttpRequest, *, seconds: int, message: str = "") -> HttpResponse:
    """429 that says when to come back, in words and as Retry-After."""
    at = datetime.now(SHANGHAI) + timedelta(seconds=seconds)
    words = message or "短时间内操作次数过多，本次没有办理。"
    return error_response(
        request,
        429,
        message=f"{words}请在 {at:%H:%M:%S} 之后再试。",
        code="too_many_requests",
        headers={"Retry-After": str(seconds)},
    )


class SeeOther(HttpResponseRedirect):
    """303: the browser goes on with GET."""

    status_code = 303


def htmx_redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Go to `url` after a POST: HX-Redirect for htmx, 303 otherwise."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return SeeOther(url)
