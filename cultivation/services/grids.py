"""Entry grids written through the ledgers: a cell or a line of cells is one row, created, changed or removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from cultivation.ledgers.base import Ledger, Slip
from cultivation.services.ledger_values import NeedsConfirmation
from cultivation.services.ledgers import create_record, remove_record, update_record
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import ConflictError


class GridConflict(ConflictError):
    """Somebody else changed the same cells meanwhile; `conflicts`: cell key → what is stored now. Nothing was written."""

    def __init__(self, conflicts: Mapping[str, object]) -> None:
        super().__init__(
            f"有 {len(conflicts)} 格在您打开页面后已被改过（他人，或您的另一窗口），整页没有保存。"
            "您填的数保留在格内，旁边是现在的数，请核对后再次保存。"
        )
        self.conflicts = dict(conflicts)


class WarningCollector:
    """Runs the writing of many rows; warnings of all of them are asked about once, in one go."""

    def __init__(self) -> None:
        self.slips: dict[str, Slip] = {}

    def run(self, label: str, write: Callable[[], Any]) -> Any:
        """`write` with its warnings kept aside, its result otherwise; any other refusal is raised."""
        try:
            with transaction.atomic():
                return write()
        except NeedsConfirmation as warned:
            for slip in warned.slips:
                words = f"{label}：{slip.message}" if slip.field == "" and label else slip.message
                self.slips.setdefault(words, replace(slip, message=words))
            return None

    def raise_collected(self) -> None:
        """Raises NeedsConfirmation with every different warning; the caller's transaction takes everything back."""
        if self.slips:
            raise NeedsConfirmation(list(self.slips.values()))


def write_row(
    *,
    actor: Actor,
    ledger: Ledger,
    record: Any,
    values: Mapping[str, Any] | None,
    now: datetime,
    backfilled: bool = False,
    source_document: str = "",
    confirm_warnings: bool = False,
) -> Any:
    """Create (`record` None), change or, with `values` None, remove one row."""
    if values is None:
        return remove_record(actor=actor, ledger=ledger, record=record, now=now) if record else None
    if record is None:
        return create_record(
            actor=actor,
            ledger=ledger,
            values=values,
            now=now,
            backfilled=backfilled,
            source_document=source_document,
            confirm_warnings=confirm_warnings,
        )
    return update_record(
        actor=actor,
        ledger=ledger,
        record=record,
        expected_version=record.version,
        values=values,
        now=now,
        confirm_warnings=confirm_warnings,
    )


def touched_rows(changes: Iterable[str]) -> list[str]:
    """The rows (the part of a key before the last colon) of changed cells, each once, in order."""
    return list(dict.fromkeys(key.rpartition(":")[0] for key in changes))
