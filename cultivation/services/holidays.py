"""节假日安排: a list is entered or corrected line by line by the city office; every change is in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from cultivation.models import Holiday
from cultivation.permissions.holidays import require_holiday_keeper
from cultivation.rules.work_days import HolidayLine, published_lines
from cultivation.selectors.work_days import delivered_years, forget_work_calendar
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import ConflictError, DomainError

LONGEST_DOCUMENT = 60
_REPLACED = ["year", "kind", "name", "document", "recorded_at", "recorded_by"]


def _write(rows: Sequence[Holiday]) -> None:
    """A day that is there already takes the new words; two clerks at once leave one row a day."""
    Holiday.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["day"], update_fields=_REPLACED, batch_size=500
    )
    transaction.on_commit(forget_work_calendar, robust=True)


@transaction.atomic
def set_holidays(
    *, actor: Actor, year: int, document: str, lines: Sequence[HolidayLine], now: datetime
) -> int:
    """Enter these days of the list of `year`; other days of the year stay. Returns how many differ from before.

    Raises NotAllowed, DomainError (field document).
    """
    require_holiday_keeper(actor)
    words = document.strip()
    if not 0 < len(words) <= LONGEST_DOCUMENT:
        raise DomainError(
            f"请写明文号（最多{LONGEST_DOCUMENT}个字），如“国办发明电〔2026〕8号”。",
            code="document",
            field="document",
        )
    known = {row.day: row for row in Holiday.objects.filter(day__in=[line.day for line in lines])}
    changes: dict[str, list[str]] = {}
    rows: list[Holiday] = []
    for line in lines:
        row = Holiday(
            year=year,
            day=line.day,
            kind=line.kind,
            name=line.name,
            document=words,
            recorded_at=now,
            recorded_by=actor.user,
        )
        old = known.get(line.day)
        if old is None or any(
            getattr(old, name) != getattr(row, name) for name in ("year", "kind", "name", "document")
        ):
            rows.append(row)
            before = f"{old.get_kind_display()} {old.name}" if old else ""
            changes[str(line.day)] = [before, f"{row.get_kind_display()} {row.name}"]
    if not rows:
        return 0
    _write(rows)
    record_audit(
        actor=actor,
        at=now,
        action="登记节假日安排",
        kind="Holiday",
        object_id=year,
        label=f"{year}年节假日安排（{words}）",
        changes=changes,
    )
    return len(rows)


@transaction.atomic
def remove_holiday(*, actor: Actor, holiday: Holiday, now: datetime) -> None:
    """Take one day out of its list. Raises NotAllowed; ConflictError when somebody else was first."""
    require_holiday_keeper(actor)
    gone, _ = Holiday.objects.filter(pk=holiday.pk).delete()
    if not gone:
        raise ConflictError(f"{holiday.day} 已被删除，请刷新后再看。")
    transaction.on_commit(forget_work_calendar, robust=True)
    record_audit(
        actor=actor,
        at=now,
        action="删除节假日安排",
        kind="Holiday",
        object_id=holiday.year,
        label=f"{holiday.year}年节假日安排（{holiday.document}）",
        changes={str(holiday.day): [f"{holiday.get_kind_display()} {holiday.name}", ""]},
    )


@transaction.atomic
def seed_holidays(*, now: datetime) -> int:
    """The lists the portal is delivered with, into an empty table only. Returns how many days were entered."""
    if Holiday.objects.exists():
        return 0
    documents = {int(year): str(entry["document"]) for year, entry in delivered_years().items()}
    rows = [
        Holiday(
            year=year,
            day=line.day,
            kind=line.kind,
            name=line.name,
            document=documents[year],
            recorded_at=now,
        )
        for year, line in published_lines(delivered_years())
    ]
    _write(rows)
    return len(rows)
