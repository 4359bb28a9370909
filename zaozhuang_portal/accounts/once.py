"""`@creates_once`: a form that makes something makes it once, however often it is sent (F5, Back, a phone's second try).

A form that was changed and sent again under the same key is no second sending of the same: it is asked about, with
everything that was typed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.messages import constants, get_messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from zaozhuang_portal.accounts.models import FormKey
from zaozhuang_portal.accounts.services.form_keys import claim_form_key, release_form_key, settle_form_key
from zaozhuang_portal.accounts.timed_out import is_withheld
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.form_keys import FIELD, digest_of, key_for, posted_key
from zaozhuang_portal.kernel.http import htmx_redirect

View = Callable[..., HttpResponseBase]


def creates_once(view: View) -> View:
    """The view makes something on POST and answers with a redirect when it did (or names it with `made`).

    The act and the key are one transaction: refused or failed, the key is free again. Without a key (a script, a page
    loaded before this version) the view works as ever.
    """

    @functools.wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = posted_key(request)
        if not key or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        digest = digest_of(request)
        with transaction.atomic():
            row, first = claim_form_key(
                user=request.user, key=key, path=request.path[:300], digest=digest, now=clock.now()
            )
            if first:
                response = view(request, *args, **kwargs)
                target = _led_to(request, response)
                if target:
                    settle_form_key(row=row, target=target)
                else:
                    release_form_key(row=row)
                return response
        return _second_answer(request, row, digest)

    once.creates_once = True  # type: ignore[attr-defined]  # read by tests/infra/test_sent_once.py
    return once


def made(request: HttpRequest, url: str) -> None:
    """What this POST made stands at `url`, though its own answer leads elsewhere (保存并新增下一条, a slip shown once)."""
    request.made_at = url  # type: ignore[attr-defined]  # read below


def _led_to(request: HttpRequest, response: HttpResponseBase) -> str:
    """Where the answer of an act leads; "" when nothing was made: a page again, or a refusal told as a message."""
    named = getattr(request, "made_at", "")
    if named:
        return str(named)
    if any(
        message.level >= constants.ERROR for message in getattr(get_messages(request), "_queued_messages", ())
    ):
        return ""
    headers = response.headers
    target = headers.get("HX-Redirect") or (
        headers.get("Location") if 300 <= response.status_code < 400 else ""
    )
    return str(target or "")


def _second_answer(request: HttpRequest, row: FormKey, digest: str) -> HttpResponse:
    if row.digest == digest and row.path == request.path[:300]:
        messages.info(request, "这张表单刚才已经提交成功，没有重复登记。")
        return htmx_redirect(request, row.target)
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name != FIELD and not is_withheld(name)
        for value in values
    ]
    context = {
        "target": row.target,
        "same_place": urlsplit(row.target).path == request.path,
        "sent_at": row.sent_at,
        "fields": fields,
        "typed": "\n".join(value for _, value in fields if value.strip()),
        "files": [file.name for files in request.FILES.lists() for file in files[1]],
        "action": request.get_full_path(),
        "fresh_key": key_for(None),
    }
    return render(request, "components/sent_twice.html", context, status=409)
