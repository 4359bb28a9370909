"""Deleting rows that figures were counted from: what they held stays readable for figures of an earlier day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet


def delete_kept(rows: QuerySet[Any], *, at: datetime, moment: str = "changed_at") -> int:
    """Delete rows of a kept table; their last state is kept with `at`. Returns how many there were.

    A deletion knows no time of its own, so the rows are marked with it first. Call inside the transaction of the act.
    """
    keys = list(rows.order_by().values_list("pk", flat=True))
    doomed = rows.model._default_manager.filter(pk__in=keys)
    doomed.update(**{moment: at})
    doomed.delete()
    return len(keys)
