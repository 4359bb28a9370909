"""A unit as it is named in a form: one district, or one subject by its code or its whole name."""

from __future__ import annotations

from django import forms

from cultivation.models import Subject
from cultivation.rules.subjects import derive_names
from zaozhuang_portal.kernel.parsing import to_half_width

ONE_DISTRICT, ONE_SUBJECT = "district", "subject"


def one_subject(text: str) -> Subject:
    """The active subject of that code or whole name. Raises ValidationError for none, and for several of one name."""
    text = text.strip()
    if not text:
        raise forms.ValidationError("请填写统一社会信用代码或全称。")
    active = Subject.objects.active().select_related("township")
    found = list(active.filter(credit_code=to_half_width(text).replace(" ", "").upper())[:2])
    found = found or list(active.filter(normalized_name=derive_names(text).normalized_name)[:2])
    if len(found) != 1:
        words = "有同名的，请填信用代码" if found else "没有找到，请核对信用代码或全称"
        raise forms.ValidationError(f"“{text}”{words}。")
    return found[0]
