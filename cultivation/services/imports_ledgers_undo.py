"""Undo of an import into a ledger: delete what it created, put back what it changed, as far as nobody touched it since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cultivation.ledgers.base import Ledger
from cultivation.services.imports_kinds import UndoOutcome
from cultivation.services.imports_ledgers_write import hang_below, save_records
from cultivation.services.imports_undo_rule import TOUCHED, free_to_delete, told
from cultivation.services.ledgers import guard_ledger
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audits
from zaozhuang_portal.accounts.services.row_versions import delete_kept
from zaozhuang_portal.kernel.bulk import key_set


def undo_records(ledger: Ledger, log: Mapping[str, Any], *, actor: Actor, now: datetime) -> UndoOutcome:
    """A row with another version, with a file attached, removed, or used by another record stays and is named."""
    outcome = UndoOutcome()
    ids = [*log.get("created", []), *(entry[0] for entry in log.get("changed", []))]
    rows = ledger.model._default_manager.filter(pk__in=key_set(ids)).only("pk", "year_id", "organization_id")
    guard_ledger(
        actor=actor,
        ledger=ledger,
        records=rows,
        now=now,
        what=f"撤销导入{ledger.noun}{len(ids)}{ledger.unit}",
    )
    outcome.deleted = _delete_created(ledger, log.get("created", []), actor, now, outcome)
    outcome.restored = _restore_changed(ledger, log.get("changed", []), actor, now, outcome)
    return outcome


def _delete_created(ledger: Ledger, ids: list[int], actor: Actor, now: datetime, outcome: UndoOutcome) -> int:
    manager: Any = ledger.model._default_manager
    rows = manager.select_for_update(of=("self",)).filter(pk__in=key_set(ids)).order_by("pk")
    living = {record.pk: record for record in rows}
    free = free_to_delete(ledger.model, living, outcome, in_use="已在其他记录中使用")
    record_audits(
        actor=actor,
        at=now,
        action=f"撤销导入，删除{ledger.noun}",
        kind=ledger.kind,
        items=((record.pk, str(record), {}) for record in free),
    )
    doomed = manager.filter(pk__in=key_set([record.pk for record in free]))
    delete_kept(doomed, at=now, moment="updated_at")
    return len(free)


def _restore_changed(
    ledger: Ledger, log: list[list[Any]], actor: Actor, now: datetime, outcome: UndoOutcome
) -> int:
    manager: Any = ledger.model._default_manager
    rows = manager.select_for_update(of=("self",), no_key=True).filter(
        pk__in=key_set([entry[0] for entry in log])
    )
    records = {record.pk: record for record in rows.order_by("pk")}
    by_attname = {field.attname: field for field in ledger.model._meta.concrete_fields}
    restored = []
    changes: dict[int, dict[str, list[Any]]] = {}
    for pk, version, old in log:
        record = records.get(pk)
        if record is None:
            continue
        if record.version != version or record.removed_at is not None:
            outcome.keep(str(record), TOUCHED)
            continue
        changes[pk] = {
            attname.removesuffix("_id"): [told(getattr(record, attname)), value]
            for attname, value in old.items()
        }
        for attname, value in old.items():
            setattr(record, attname, by_attname[attname].to_python(value))
        record.version += 1
        record.updated_at = now
        record.updated_by = actor.user
        restored.append(record)
    if restored:
        save_records(ledger.model, restored, insert=False)
        hang_below(actor, ledger, restored)
    record_audits(
        actor=actor,
        at=now,
        action=f"撤销导入，恢复{ledger.noun}",
        kind=ledger.kind,
        items=((record.pk, str(record), changes[record.pk]) for record in restored),
    )
    return len(restored)
