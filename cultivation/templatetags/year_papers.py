"""What every paper of a closed year names: the corrections made since (design §3)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cultivation.selectors.calendar import is_closed
from cultivation.selectors.year_corrections import correction_lines

register = template.Library()


@register.simple_tag
def correction_notes(year_id: int | str, units: Any, roster: bool = False) -> SafeString:
    """「2026年度数据更正」 with a sentence for each correction of `units` (an organization, or several); else nothing.

    Only a closed year has any, but for a `roster`, which is sealed with the report the city received.
    """
    year_id = int(year_id)
    if not (roster or is_closed(year_id)):
        return SafeString("")
    several = units if isinstance(units, list | tuple) else [units]
    lines = correction_lines(year_id=year_id, organization_ids=[unit.pk for unit in several if unit])
    if not lines:
        return SafeString("")
    rows = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html(
        '<section class="correction-notes" aria-label="{}年度更正"><p>{}年度数据更正：</p><ol>{}</ol></section>',
        year_id,
        year_id,
        rows,
    )
