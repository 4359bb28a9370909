"""The key of a form that makes something: a hidden field, so that the same form sent twice is one record.

`{% form_key %}` (portal_ui) puts it into a hand-made form, a `PortalForm` has it; accounts.once reads it.
"""

from __future__ import annotations

import hashlib
import re
import uuid

from django.http import HttpRequest

FIELD = "form_key"
_SHAPE = re.compile(r"[0-9a-f]{32}")
# Not part of what was typed: tokens, marks of what a page showed, which of the buttons was pressed.
_ASIDE = ("csrfmiddlewaretoken", FIELD, "shown", "confirmed")


def posted_key(request: HttpRequest) -> str:
    """The key of the form that was sent, "" for none or one that no page of ours made."""
    sent = request.POST.get(FIELD, "") if request.method == "POST" else ""
    return sent if _SHAPE.fullmatch(sent) else ""


def key_for(request: HttpRequest | None) -> str:
    """The key of the form that is drawn: the one that was sent with a form shown again, else a fresh one."""
    return (posted_key(request) if request is not None else "") or uuid.uuid4().hex


def digest_of(request: HttpRequest) -> str:
    """SHA-256 of what a form carried: equal for the same form sent twice."""
    digest = hashlib.sha256()
    for name, values in sorted(request.POST.lists()):
        if name not in _ASIDE and not name.startswith("save"):
            digest.update(repr((name, values)).encode("utf-8", "surrogatepass"))
    for name, files in sorted(request.FILES.lists()):
        digest.update(
            repr((name, [(file.name, file.size) for file in files])).encode("utf-8", "surrogatepass")
        )
    return digest.hexdigest()
