"""{% load reminders %}{% reminded "WorkItem" item.pk %}: how often a thing was reminded of, at the thing itself."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.operations.models import Reminder
from zaozhuang_portal.operations.selectors.todos import reminders_of

register = template.Library()


@register.simple_tag
def reminded(kind: str, object_id: object) -> SafeString:
    """「已催办 2 次，上次 2026-11-20」, or nothing. One statement."""
    identity = (kind, str(object_id))
    return reminded_words(reminders_of([identity]).get(identity))


@register.filter
def reminded_words(reminder: Reminder | None) -> SafeString:
    if reminder is None:
        return SafeString("")
    return format_html(
        '<span class="tag tag-warn">已催办 {} 次，上次 {}</span>',
        reminder.count,
        shanghai_date(reminder.last_at).isoformat(),
    )


@register.simple_tag
def reminders_under(kind: str, *prefix: object) -> dict[str, Reminder]:
    """The reminders of the parts of one thing, by what follows its own id: `plan-12-5` is part 5 of plan-12."""
    start = "".join(f"{word}-" for word in prefix)
    rows = Reminder.objects.filter(kind=kind, object_id__startswith=start)
    return {row.object_id.removeprefix(start): row for row in rows}


@register.filter
def reminded_part(known: dict[str, Reminder], key: object) -> SafeString:
    return reminded_words(known.get(str(key)))
