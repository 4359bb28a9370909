"""Put many rows into the 回收站 at once: each is judged by itself, what may go goes, in one transaction (ux E4)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from cultivation.ledgers.base import Ledger
from cultivation.services.ledgers import guard_ledger, refuse_change, refuse_in_use
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audits
from zaozhuang_portal.kernel.bulk import key_set
from zaozhuang_portal.kernel.errors import ConflictError, DomainError

# One transaction, one page of reasons: more than this is narrowed by a filter first.
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Removal:
    """What may go, and what stays with its reason, in the order of the rows given."""

    records: list[Any]
    skipped: list[tuple[Any, str]]

    @property
    def total(self) -> int:
        return len(self.records) + len(self.skipped)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Each reason with the number of rows it keeps, the most frequent first."""
        return Counter(reason for _, reason in self.skipped).most_common()

    @property
    def mark(self) -> str:
        """Changes when other rows would go: what was confirmed is what is removed."""
        keys = ",".join(str(key) for key in sorted(record.pk for record in self.records))
        return hashlib.sha256(keys.encode()).hexdigest()[:16]


def too_many(ledger: Ledger, total: int) -> str:
    """Why so many rows cannot be removed at once, or ""."""
    if total <= MOST_AT_ONCE:
        return ""
    return (
        f"一次最多删除 {MOST_AT_ONCE} {ledger.unit}，当前条件下有 {total} {ledger.unit}。请再加筛选条件（如年度、乡镇），"
        "分几次删除。"
    )


def judge_removal(*, actor: Actor, ledger: Ledger, rows: QuerySet[Any]) -> Removal:
    """Which of `rows` (visible_records, at most MOST_AT_ONCE) may go. Raises DomainError when there are more.

    Statements: rows, and one per kind of record that may point to them; of an instructor one more per strange row.
    """
    found = list(rows.select_related(*ledger.select_related).order_by("-pk")[: MOST_AT_ONCE + 1])
    if len(found) > MOST_AT_ONCE:
        raise DomainError(too_many(ledger, rows.count()), code="too_many")
    return _judge(actor, ledger, found)


def _judge(actor: Actor, ledger: Ledger, found: Sequence[Any]) -> Removal:
    in_use = refuse_in_use(ledger, found)
    records, skipped = [], []
    for record in found:
        reason = refuse_change(actor, ledger, record) or in_use.get(record.pk, "")
        if reason:
            skipped.append((record, reason))
        else:
            records.append(record)
    return Removal(records, skipped)


@transaction.atomic
def remove_records(
    *, actor: Actor, ledger: Ledger, rows: QuerySet[Any], now: datetime, expected: str = ""
) -> Removal:
    """Remove what may go of `rows`; the rest stays and is named. Rows are judged as they are now, locked.

    `expected`: the mark of what was confirmed; ConflictError, and nothing happens, when others would go.
    Raises DomainError for more than MOST_AT_ONCE. An audit entry for each row.
    """
    if rows.order_by()[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE:
        raise DomainError(too_many(ledger, rows.count()), code="too_many")
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    manager: Any = ledger.model._default_manager
    locked = (
        manager.select_for_update(of=("self",))
        .filter(pk__in=key_set(keys), removed_at__isnull=True)
        .order_by("pk")
        .select_related(*ledger.select_related)
    )
    removal = _judge(actor, ledger, sorted(locked, key=lambda record: -record.pk))
    if expected and removal.mark != expected:
        raise ConflictError("列表刚刚有变化，要删除的已不是刚才的那些。请核对下面的数目后再确认。")
    if removal.records:
        guard_ledger(
            actor=actor,
            ledger=ledger,
            records=removal.records,
            now=now,
            what=f"删除{ledger.noun}{len(removal.records)}{ledger.unit}",
        )
        gone = manager.filter(pk__in=key_set([record.pk for record in removal.records]))
        gone.update(removed_at=now, removed_by=actor.user, updated_at=now)
        record_audits(
            actor=actor,
            at=now,
            action=f"删除{ledger.noun}",
            kind=ledger.kind,
            items=((record.pk, str(record), {}) for record in removal.records),
        )
    return removal
