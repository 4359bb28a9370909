"""Write an import into a ledger in one phase: inserts for the new rows, upserts for the changed, audit in batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction

from cultivation.ledgers.base import Ledger
from cultivation.ledgers.display import words_of
from cultivation.rules.imports_cells import Ref
from cultivation.rules.imports_plan import ChangedRow, ImportPlan
from cultivation.services.imports_kinds import ImportTask
from cultivation.services.ledger_clashes import explain_refusal
from cultivation.services.ledgers import guard_ledger, only_finishes
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audits
from zaozhuang_portal.kernel.bulk import key_set
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError

_BATCH = 500


def write_records(ledger: Ledger, plan: ImportPlan, task: ImportTask) -> dict[str, Any]:
    """Insert and change the rows of the plan, one audit entry for each; returns the undo log.

    Must run in the caller's transaction. Raises ConflictError when a row was changed meanwhile, DomainError naming the
    line that the database refuses.
    """
    user = task.actor.user if task.actor else None
    created = [
        ledger.model(**new.target, created_at=task.now, created_by=user, updated_at=task.now, updated_by=user)
        for new in plan.created
    ]
    _guard(ledger, created, plan.changed, task)
    _write(task.actor, ledger, created, [new.draft.row for new in plan.created], insert=True)
    log = _change(ledger, plan.changed, task)
    changed = [item.target[0] for item in plan.changed]
    _write(task.actor, ledger, changed, [item.draft.row for item in plan.changed], insert=False)
    hang_below(task.actor, ledger, [*created, *changed])
    _audit(ledger, created, plan.changed, task)
    return {"created": [record.pk for record in created], "changed": log}


def _guard(ledger: Ledger, created: Sequence[Any], changed: Sequence[ChangedRow], task: ImportTask) -> None:
    """Before anything is set: the rows as they will be, and those that change as they are."""
    touched: list[Any] = list(created)
    for item in changed:
        record, attributes = item.target
        if not only_finishes(ledger, record, item.changes):
            touched.append(record)
            year = attributes.get("year_id", record.year_id)
            touched.append(ledger.model(year_id=year, organization_id=record.organization_id))
    guard_ledger(
        actor=task.actor,
        ledger=ledger,
        records=touched,
        now=task.now,
        what=f"导入{ledger.noun}{len(created) + len(changed)}{ledger.unit}",
    )


def hang_below(actor: Actor | None, ledger: Ledger, records: Sequence[Any]) -> None:
    """What hangs below the rows, all at once where the ledger knows how."""
    if ledger.after_import is None:
        for record in records:
            ledger.finish(actor, record)
    elif records:
        ledger.after_import(records)


def _change(ledger: Ledger, items: Sequence[ChangedRow], task: ImportTask) -> list[list[Any]]:
    """Lock the changed rows, check their versions, set the new values; returns [id, version after, old values]."""
    manager: Any = ledger.model._default_manager
    locked = (
        manager.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=key_set([item.id for item in items]), removed_at__isnull=True)
        .order_by("pk")
    )
    versions = dict(locked.values_list("pk", "version")) if items else {}
    log = []
    for item in items:
        if versions.get(item.id) != item.version:
            by = manager.filter(pk=item.id).values_list("updated_by_id", flat=True).first()
            words = changed_since(f"“{item.name}”", task.actor.user.pk if task.actor else None, by)
            raise ConflictError(f"{words}，本次导入没有写入任何内容。请重新校验后再确认。")
        record, attributes = item.target
        old = {}
        for name, value in attributes.items():
            column = ledger.model._meta.get_field(name.removesuffix("_id") if name == "year_id" else name)
            before = getattr(record, column.attname)  # type: ignore[union-attr]  # a concrete field
            setattr(record, name, value)
            if getattr(record, column.attname) != before:  # type: ignore[union-attr]
                old[column.attname] = _plain(before)  # type: ignore[union-attr]
        record.version += 1
        record.updated_at = task.now
        record.updated_by = task.actor.user if task.actor else None
        log.append([item.id, record.version, old])
    return log


def _write(
    actor: Actor | None, ledger: Ledger, records: Sequence[Any], lines: Sequence[int], *, insert: bool
) -> None:
    """All rows in batches. When the database refuses, halve until the line is found that it refuses."""
    if not records:
        return
    try:
        with transaction.atomic():
            save_records(ledger.model, records, insert=insert)
    except IntegrityError:
        if len(records) == 1:
            raise _refusal(actor, ledger, records[0], lines[0]) from None
        if insert:
            for record in records:
                record.pk = None
                record._state.adding = True
        half = len(records) // 2
        _write(actor, ledger, records[:half], lines[:half], insert=insert)
        _write(actor, ledger, records[half:], lines[half:], insert=insert)


def save_records(model: type[models.Model], records: Sequence[Any], *, insert: bool) -> None:
    """Insert new rows, or write loaded and locked ones back: one statement for each 500."""
    manager: Any = model._default_manager
    if insert:
        manager.bulk_create(records, batch_size=_BATCH)
        return
    columns = [
        field.name for field in model._meta.concrete_fields if not field.primary_key and not field.generated
    ]
    manager.bulk_create(
        records, update_conflicts=True, unique_fields=["id"], update_fields=columns, batch_size=_BATCH
    )


def _refusal(actor: Actor | None, ledger: Ledger, record: Any, line: int) -> DomainError:
    reason = (
        explain_refusal(actor, ledger, record).message
        if actor is not None
        else "内容与已有的记录相同，或各列之间互相矛盾，请核对。"
    )
    return DomainError(f"第 {line} 行：{reason}本次导入没有写入任何内容。", code="refused")


def _audit(ledger: Ledger, created: Sequence[Any], changed: Sequence[ChangedRow], task: ImportTask) -> None:
    source = {"source_document": ["", task.source_document]} if task.backfilled else {}
    word = "补录" if task.backfilled else "登记"
    record_audits(
        actor=task.actor,
        at=task.now,
        action=f"导入{word}{ledger.noun}",
        kind=ledger.kind,
        items=((record.pk, str(record), source) for record in created),
    )
    record_audits(
        actor=task.actor,
        at=task.now,
        action=f"导入修改{ledger.noun}",
        kind=ledger.kind,
        items=(
            (
                item.id,
                str(item.target[0]),
                {
                    key: [_word(ledger, key, old), _word(ledger, key, new)]
                    for key, (old, new) in item.changes.items()
                },
            )
            for item in changed
        ),
    )


def _word(ledger: Ledger, key: str, value: Any) -> str:
    if isinstance(value, Ref):
        return value.label
    column = ledger.by_key.get(key)
    return words_of(column, value) if column else "" if value is None else str(value)


def _plain(value: Any) -> Any:
    """A value JSON can hold, and Field.to_python can read back."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
