"""A form sent after the session timed out: the answer carries everything that was typed, to be sent again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Never given back to a page: the token is fetched anew, a password is typed anew.
_WITHHELD = ("csrfmiddlewaretoken", "password", "passwd", "secret")


def is_withheld(name: str) -> bool:
    """Whether a posted field must not stand in the page of a signed-out person."""
    return any(word in name.lower() for word in _WITHHELD)


def keep_posted_form(request: HttpRequest) -> HttpResponse:
    """401 with the posted fields as hidden inputs and the button 重新提交 to the same address.

    The request has passed the CSRF check, so the fields come from one of our own pages in this browser.
    Files cannot be carried over: their fields are offered again with the names of what had been chosen.
    """
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if not is_withheld(name)
        for value in values
        if isinstance(value, str)
    ]
    files = [
        {"name": name, "chosen": "、".join(upload.name or "" for upload in uploads), "many": len(uploads) > 1}
        for name, uploads in request.FILES.lists()
    ]
    context = {
        "fields": fields,
        "files": files,
        "typed": "\n".join(value for _, value in fields if value.strip()),
        "action": request.get_full_path(),
    }
    return render(request, "accounts/timed_out.html", context, status=401)
