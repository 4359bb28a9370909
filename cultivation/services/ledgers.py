"""Writing the rows of every ledger: create, change by version, remove to the 回收站 and restore, always with an audit entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count

from cultivation.enums import CorrectionArea
from cultivation.ledgers.base import Ledger
from cultivation.ledgers.display import words_of
from cultivation.models import Record
from cultivation.permissions.ledgers import refuse_entry, refuse_record_change
from cultivation.selectors.ledgers import BIN_DAYS
from cultivation.selectors.year_corrections import year_is_open
from cultivation.services.closed_years import closed_words, guard_years
from cultivation.services.ledger_clashes import DuplicateRecord, explain_refusal
from cultivation.services.ledger_twins import find_twin
from cultivation.services.ledger_values import (
    Draft,
    NeedsConfirmation,
    RecordRefused,
    examine_record,
    wrong_fields,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.bulk import key_set
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

__all__ = [
    "DuplicateRecord",
    "NeedsConfirmation",
    "RecordRefused",
    "attributes_of",
    "create_record",
    "examine_record",
    "guard_ledger",
    "only_finishes",
    "refuse_change",
    "refuse_in_use",
    "remove_record",
    "restore_record",
    "update_record",
]


def refuse_change(actor: Actor, ledger: Ledger, record: Record) -> str:
    """Why the actor may not change this row now, or ""."""
    reason = refuse_record_change(actor, ledger.keepers, ledger.noun, record)
    return reason or ledger.refuse_change(actor, record) or _refuse_closed(ledger, record)


def _refuse_closed(ledger: Ledger, record: Record) -> str:
    """A row of a closed year is offered for a change while something of it is left to finish, or a 更正 is running."""
    if ledger.standing or (ledger.finishing and ledger.open_row(record)):
        return ""
    year, organization = record.year_id, record.organization_id
    if year_is_open(year_id=year, organization_id=organization, area=CorrectionArea.LEDGER):
        return ""
    return closed_words(year)


def guard_ledger(
    *, actor: Actor | None, ledger: Ledger, records: Iterable[Record], now: datetime, what: str
) -> None:
    """Refuse to write these rows where their years are closed (`guard_years`). Inside the act's transaction."""
    if not ledger.standing:
        guard_years(
            actor=actor,
            places=[(record.year_id, record.organization_id) for record in records],
            area=CorrectionArea.LEDGER,
            now=now,
            what=what,
        )


def only_finishes(ledger: Ledger, record: Record, changed: Iterable[str]) -> bool:
    """Whether these changed attributes do no more than finish an open row: that needs no 更正."""
    return ledger.open_row(record) and {key.removesuffix("_id") for key in changed} <= ledger.finishing


def _check_change(actor: Actor, ledger: Ledger, record: Record) -> None:
    if reason := refuse_change(actor, ledger, record):
        raise NotAllowed(reason)


def attributes_of(ledger: Ledger, draft: Draft) -> dict[str, Any]:
    """The attributes to write: what was entered and what `prepare` derived."""
    columns = {
        **draft.values,
        "organization": draft.organization,
        "township": draft.township,
        "year_id": draft.year,
        "backfilled": draft.backfilled,
        "source_document": draft.source_document if draft.backfilled else "",
    }
    names = {name for item in ledger.model._meta.concrete_fields for name in (item.name, item.attname)}
    return {name: value for name, value in columns.items() if name in names}


def _ask_about_twin(actor: Actor, ledger: Ledger, record: Any, draft: Draft, confirm_warnings: bool) -> None:
    """A row that looks like one that is there is a warning, once nothing else is wrong."""
    if confirm_warnings or wrong_fields(draft.slips):
        return
    twin = find_twin(actor=actor, ledger=ledger, record=record, draft=draft)
    if twin is not None:
        draft.slips.append(twin.slip)
        draft.other = twin.other


@transaction.atomic
def create_record(
    *,
    actor: Actor,
    ledger: Ledger,
    values: Mapping[str, Any],
    now: datetime,
    backfilled: bool = False,
    source_document: str = "",
    confirm_warnings: bool = False,
) -> Any:
    """Enter one row (`values` as examine_record takes them); returns it.

    Raises NotAllowed, RecordRefused (`.slips`), NeedsConfirmation (`.slips`, only warnings), DuplicateRecord (`.other`),
    YearClosed.
    """
    if refused := refuse_entry(actor, ledger.keepers, ledger.noun):
        raise NotAllowed(refused)
    draft = examine_record(
        actor=actor,
        ledger=ledger,
        record=None,
        values=values,
        now=now,
        backfilled=backfilled,
        source_document=source_document,
    )
    _ask_about_twin(actor, ledger, None, draft, confirm_warnings)
    draft.raise_slips(confirm_warnings=confirm_warnings)
    ledger.prepare(actor, None, draft.values)
    record = ledger.model(
        **attributes_of(ledger, draft),
        created_at=now,
        created_by=actor.user,
        updated_at=now,
        updated_by=actor.user,
    )
    guard_ledger(actor=actor, ledger=ledger, records=[record], now=now, what=f"登记{ledger.noun}：{record}")
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:
        raise explain_refusal(actor, ledger, record) from error
    ledger.finish(actor, record)
    record_audit(
        actor=actor,
        at=now,
        action=f"{'补录' if draft.backfilled else '登记'}{ledger.noun}",
        kind=ledger.kind,
        object_id=record.pk,
        label=str(record),
        changes={"source_document": ["", record.source_document]} if draft.backfilled else {},
    )
    return record


@transaction.atomic
def update_record(
    *,
    actor: Actor,
    ledger: Ledger,
    record: Any,
    expected_version: int,
    values: Mapping[str, Any],
    now: datetime,
    backfilled: bool | None = None,
    source_document: str | None = None,
    confirm_warnings: bool = False,
) -> Any:
    """Change a row if nobody else did since `expected_version`; keys that are not in `values` keep what is stored.

    A row of a year already reported may change until the year is closed: the frozen figures show the difference.
    Raises ConflictError besides what create_record raises; then nothing was written.
    """
    _check_change(actor, ledger, record)
    if record.removed_at is not None:
        raise ConflictError(f"这条{ledger.noun}已被删除，请先从回收站恢复。")
    draft = examine_record(
        actor=actor,
        ledger=ledger,
        record=record,
        values=values,
        now=now,
        backfilled=record.backfilled if backfilled is None else backfilled,
        source_document=record.source_document if source_document is None else source_document,
    )
    _ask_about_twin(actor, ledger, record, draft, confirm_warnings)
    draft.raise_slips(confirm_warnings=confirm_warnings)
    ledger.prepare(actor, record, draft.values)
    columns = attributes_of(ledger, draft)
    changes = _changes(ledger, record, columns)
    if not changes and record.version == expected_version:
        return record
    before = (record.year_id, record.organization_id)
    free = ledger.standing or only_finishes(ledger, record, changes)
    for name, value in columns.items():
        setattr(record, name, value)
    if not free:
        guard_years(
            actor=actor,
            places=[before, (record.year_id, record.organization_id)],
            area=CorrectionArea.LEDGER,
            now=now,
            what=f"修改{ledger.noun}：{record}",
        )
    rows: Any = ledger.model._default_manager.filter(
        pk=record.pk, version=expected_version, removed_at__isnull=True
    )
    try:
        with transaction.atomic():
            updated = rows.update(
                **columns, version=expected_version + 1, updated_at=now, updated_by=actor.user
            )
    except IntegrityError as error:
        raise explain_refusal(actor, ledger, record) from error
    if not updated:
        by = ledger.model._default_manager.values_list("updated_by_id", flat=True).get(pk=record.pk)
        words = changed_since("该记录", actor.user.pk, by)
        raise ConflictError(f"{words}。您填写的内容保留在下方，请与最新内容核对后再保存。")
    record.refresh_from_db()
    ledger.finish(actor, record)
    record_audit(
        actor=actor,
        at=now,
        action=f"修改{ledger.noun}",
        kind=ledger.kind,
        object_id=record.pk,
        label=str(record),
        changes=changes,
    )
    return record


def _changes(ledger: Ledger, record: Any, columns: Mapping[str, Any]) -> dict[str, list[str]]:
    """{attribute: [old, new]} in words, for the timeline."""
    changes = {}
    for name, value in columns.items():
        old = getattr(record, name)
        if old == value:
            continue
        column = ledger.by_key.get(name)
        key = name.removesuffix("_id")
        changes[key] = (
            [words_of(column, old), words_of(column, value)] if column else [_plain(old), _plain(value)]
        )
    return changes


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else str(value)


@transaction.atomic
def remove_record(*, actor: Actor, ledger: Ledger, record: Any, now: datetime) -> Any:
    """Put a row into the 回收站: no list and no figure shows it, restore_record brings it back for 30 days.

    Raises NotAllowed, DomainError while rows in force point to it, ConflictError when it is gone already.
    """
    _check_change(actor, ledger, record)
    if in_use := refuse_in_use(ledger, [record]).get(record.pk):
        raise DomainError(in_use, code="in_use")
    guard_ledger(actor=actor, ledger=ledger, records=[record], now=now, what=f"删除{ledger.noun}：{record}")
    rows: Any = ledger.model._default_manager.filter(pk=record.pk, removed_at__isnull=True)
    if not rows.update(removed_at=now, removed_by=actor.user, updated_at=now):
        raise ConflictError(f"这条{ledger.noun}刚刚已被删除，请刷新列表。")
    record.removed_at, record.removed_by = now, actor.user
    record_audit(
        actor=actor,
        at=now,
        action=f"删除{ledger.noun}",
        kind=ledger.kind,
        object_id=record.pk,
        label=str(record),
    )
    return record


def refuse_in_use(ledger: Ledger, records: Sequence[Any]) -> dict[int, str]:
    """Of these rows, those that rows in force point to, with the reason. Statements: one per kind that may point."""
    names = {record.pk: str(record) for record in records}
    reasons: dict[int, str] = {}
    for relation in ledger.model._meta.related_objects:
        model: Any = relation.related_model
        if not (isinstance(model, type) and issubclass(model, Record)):
            continue
        key = f"{relation.field.name}_id"
        pointing = model._default_manager.live().filter(**{f"{key}__in": key_set(list(names))})  # type: ignore[attr-defined]  # RecordQuerySet
        for pk, used in pointing.order_by().values_list(key).annotate(used=Count("pk")):
            name = model._meta.verbose_name
            reasons.setdefault(
                pk,
                f"“{names[pk]}”还有 {used} 条{name}，不能删除。请先删除这些{name}，或把它们改到别的{ledger.noun}。",
            )
    return reasons


@transaction.atomic
def restore_record(*, actor: Actor, ledger: Ledger, record: Any, now: datetime) -> Any:
    """Take a row out of the 回收站. Raises NotAllowed, DomainError after 30 days, DuplicateRecord when it was entered anew."""
    _check_change(actor, ledger, record)
    if record.removed_at is None:
        return record
    if record.removed_at <= now - timedelta(days=BIN_DAYS):
        raise DomainError(f"删除已超过 {BIN_DAYS} 天，不能恢复。确需恢复的，请重新登记。", code="too_late")
    guard_ledger(actor=actor, ledger=ledger, records=[record], now=now, what=f"恢复{ledger.noun}：{record}")
    rows: Any = ledger.model._default_manager.filter(pk=record.pk, removed_at__isnull=False)
    removed_at, record.removed_at, record.removed_by = record.removed_at, None, None
    try:
        with transaction.atomic():
            restored = rows.update(removed_at=None, removed_by=None, updated_at=now)
    except IntegrityError as error:
        refusal = explain_refusal(actor, ledger, record)
        record.removed_at = removed_at
        raise refusal from error
    if restored:
        record_audit(
            actor=actor,
            at=now,
            action=f"恢复{ledger.noun}",
            kind=ledger.kind,
            object_id=record.pk,
            label=str(record),
        )
    return record
