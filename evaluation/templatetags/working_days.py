"""{% load working_days %}{% day_note day %}: beside a date counted in working days, that its year has no list of holidays yet."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cultivation.selectors.work_days import working_day_note

register = template.Library()


@register.simple_tag
def day_note(day: date | None) -> SafeString | str:
    """「（2028年尚无节假日安排，按周一至周五计算）」, or "" when the year has its list or there is no day."""
    note = working_day_note(day) if day is not None else ""
    return format_html(' <span class="muted small">（{}）</span>', note) if note else ""
