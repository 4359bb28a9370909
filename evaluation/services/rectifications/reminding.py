"""整改期限提醒: at 50, 75 and 90 % of the term and once when it is overdue, each told once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from cultivation.rules.reminders import is_hour_of_digest
from cultivation.selectors.work_days import work_calendar
from evaluation.models import RectificationReminder
from evaluation.rules.rectifications import OVERDUE
from evaluation.selectors.rectifications.reminders import MarkReached, marks_to_tell
from zaozhuang_portal.kernel.clock import SHANGHAI, describe_deadline, shanghai_date
from zaozhuang_portal.operations.services.notifications import notify


def remind_of_terms(*, now: datetime) -> int:
    """Tell the unit of each order whose term has reached a mark; returns how many orders were told of.

    On working days from nine in the morning; asked again, or by two at once, it tells nothing twice: the row of the mark
    decides. After days without a beat only the last mark is told.
    """
    today = shanghai_date(now)
    if not is_hour_of_digest(now, SHANGHAI) or not work_calendar().is_workday(today):
        return 0
    return sum(_tell(reached, now) for reached in marks_to_tell(today))


@transaction.atomic
def _tell(reached: MarkReached, now: datetime) -> bool:
    order, last = reached.order, reached.marks[-1]
    if order.due_on is None:
        return False
    values = {"rectification": order, "due_on": order.due_on}
    _, mine = RectificationReminder.objects.get_or_create(**values, mark=last, defaults={"told_at": now})
    if not mine:
        return False
    RectificationReminder.objects.bulk_create(
        (RectificationReminder(**values, mark=mark, told_at=now) for mark in reached.marks if mark != last),
        ignore_conflicts=True,
    )
    words = "已逾期" if last == OVERDUE else f"期限已过 {last}%"
    notify(
        users=reached.people,
        title=f"整改{words}：{order.finding.title}",
        body=f"{order.number}，整改截止 {describe_deadline(now, order.due_on)}。",
        url=reverse("evaluation:rectification_detail", kwargs={"pk": order.pk}),
        now=now,
        kind="Rectification",
        object_id=order.pk,
    )
    return True
