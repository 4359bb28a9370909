"""{% load attachments %}{% other_purposes file as others %}: what else a stored file may be, for the button that says so."""

from __future__ import annotations

from django import template

from zaozhuang_portal.operations.access import purposes_of
from zaozhuang_portal.operations.enums import AttachmentPurpose
from zaozhuang_portal.operations.models import Attachment

register = template.Library()


@register.simple_tag
def other_purposes(file: Attachment) -> list[tuple[str, str]]:
    """(purpose, word) of those it has not; empty where files have one purpose only. No statement."""
    return [(key, word) for key, word in purposes_of(file.owner_kind).items() if key != file.purpose]


@register.filter
def scan_word(file: Attachment) -> str:
    """The word of a signed paper (签到表), or nothing for any other file."""
    return (
        purposes_of(file.owner_kind).get(file.purpose, "") if file.purpose == AttachmentPurpose.SCAN else ""
    )
