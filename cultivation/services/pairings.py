"""结对: opened, ended with a reason, carried on into the next year (notice 三（二）2, C072)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from cultivation.ledgers.pairings import PAIRINGS
from cultivation.models import CampaignYear, Pairing, Subject
from cultivation.rules.pairings import renewed_period
from cultivation.services.ledgers import create_record, update_record
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError

CARRIED = ("subject", "role", "unit", "person_name", "person", "phone", "commitments")


def open_pairing(
    *,
    actor: Actor,
    subject: Subject,
    values: Mapping[str, Any],
    now: datetime,
    backfilled: bool = False,
    source_document: str = "",
    confirm_warnings: bool = False,
) -> Pairing:
    """`values`: role, unit and/or person_name or person, starts_on, and what else the ledger has.

    Raises RecordRefused on an overlap (a second 主结对, the same partner twice), NotAllowed outside one's district.
    """
    pairing: Pairing = create_record(
        actor=actor,
        ledger=PAIRINGS,
        values={**values, "subject": subject},
        now=now,
        backfilled=backfilled,
        source_document=source_document,
        confirm_warnings=confirm_warnings,
    )
    return pairing


def end_pairing(*, actor: Actor, pairing: Pairing, ends_on: date, reason: str, now: datetime) -> Pairing:
    """`ends_on` is the last day. The reason has at least 2 characters. Raises DomainError with the field, ConflictError."""
    reason = reason.strip()
    if len(reason) < 2:
        raise DomainError("请写明结束原因，如“结对人调岗”“企业搬迁”。", code="reason", field="reason")
    if ends_on < pairing.starts_on:
        raise DomainError(
            f"结束日期 {ends_on} 早于开始日期 {pairing.starts_on}，请核对；登记错了的，请在记录页删除。",
            field="ends_on",
        )
    ended: Pairing = update_record(
        actor=actor,
        ledger=PAIRINGS,
        record=pairing,
        expected_version=pairing.version,
        values={"ends_on": ends_on, "end_reason": reason},
        now=now,
        confirm_warnings=True,
    )
    return ended


@transaction.atomic
def renew_pairings(
    *, actor: Actor, pairings: Iterable[Pairing], old: CampaignYear, new: CampaignYear, now: datetime
) -> list[Pairing]:
    """Carry pairings on into the next year: the old one ends with its year, the new one runs for the whole next year.

    One that was ended before the year's end is left alone. All or nothing. Returns the new ones.
    """
    renewed = []
    for pairing in pairings:
        period = renewed_period(
            pairing.ends_on, old_last=old.period_end, new_first=new.period_start, new_last=new.period_end
        )
        if period is None:
            continue
        first, last = period
        before = first - timedelta(days=1)
        if pairing.starts_on > before:
            raise DomainError(f"“{pairing}”从 {pairing.starts_on} 开始，不属于{old}，不能续到{new}。")
        if pairing.ends_on != before:
            end_pairing(actor=actor, pairing=pairing, ends_on=before, reason=f"转入{new}", now=now)
        carried = {name: getattr(pairing, name) for name in CARRIED}
        renewed.append(
            create_record(
                actor=actor,
                ledger=PAIRINGS,
                values={**carried, "starts_on": first, "ends_on": last},
                now=now,
                confirm_warnings=True,
            )
        )
    return renewed
