"""What an autosaving card and the server tell each other: the fields as they were shown, what came of a save, clashes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, JsonResponse

from zaozhuang_portal.kernel.clock import SHANGHAI

# Longest `shown` that is read: a card holds at most some thousand characters, a few times over.
MAX_SHOWN = 200_000
_MAX_VALUES = 12


@dataclass(frozen=True)
class FieldClash:
    """One field two people changed: what is stored, as its control holds it and as one reads it, and by whom."""

    name: str
    label: str
    theirs: str
    words: str
    by: str
    at: datetime | None


def is_autosave(request: HttpRequest) -> bool:
    """Whether a card saves itself: the answer is JSON."""
    return request.headers.get("X-Autosave") == "1"


def write_shown(values: Mapping[str, str | list[str]]) -> str:
    """The hidden field `shown` of a card: what the server shows, by the names of its controls."""
    return json.dumps(values, ensure_ascii=False)


def read_shown(text: str) -> dict[str, list[str]] | None:
    """`shown` as it came back: per control what was shown, then what the device sent without hearing an answer.

    None when there is none or it cannot be read: then the revision decides.
    """
    if not text or len(text) > MAX_SHOWN:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    lists = {name: values if isinstance(values, list) else [values] for name, values in found.items()}
    return {
        name: [value for value in values if isinstance(value, str)][:_MAX_VALUES]
        for name, values in lists.items()
    }


def autosave_response(
    *,
    revision: int,
    saved_at: datetime,
    fragments: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    shown: Mapping[str, str] | None = None,
    taken: Collection[str] = (),
    clashes: Sequence[FieldClash] = (),
    conflict_url: str = "",
) -> JsonResponse:
    """The answer to an autosave: new revision, clock time in Shanghai, fragments by CSS selector.

    `errors` (field → words) are shown beside the fields; the values were kept as typed all the same. `shown` is every
    field as stored now, `taken` names those somebody else filled. With `clashes` it is 409: these fields keep the stored
    value until one text is chosen, the others were saved; `conflict_url` shows both cards side by side.
    """
    body: dict[str, object] = {
        "revision": revision,
        "saved_at": f"{saved_at.astimezone(SHANGHAI):%H:%M}",
        "fragments": dict(fragments or {}),
        "errors": dict(errors or {}),
        "shown": dict(shown or {}),
        "taken": list(taken),
    }
    if clashes:
        body["conflict_url"] = conflict_url
        body["clashes"] = [
            {
                "name": clash.name,
                "label": clash.label,
                "theirs": clash.theirs,
                "words": clash.words,
                "by": clash.by,
                "at": f"{clash.at.astimezone(SHANGHAI):%m-%d %H:%M}" if clash.at else "",
            }
            for clash in clashes
        ]
    return JsonResponse(body, status=409 if clashes else 200, json_dumps_params={"ensure_ascii": False})


def autosave_refusal(message: str, fields: Mapping[str, str]) -> JsonResponse:
    """422 to an autosave: nothing was stored, the page keeps what was typed. `fields`: name of a control → words."""
    body = {"errors": [{"code": "too_long", "message": message}], "fields": dict(fields)}
    return JsonResponse(body, status=422, json_dumps_params={"ensure_ascii": False})
