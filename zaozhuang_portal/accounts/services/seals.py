"""Sealing the audit log: unchained entries become hash-chained batches, so no write ever waits on the chain."""

from __future__ import annotations

import json
import logging
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from zaozhuang_portal.accounts.models import AuditEntry, AuditSeal
from zaozhuang_portal.accounts.rules.audit_chain import FIELDS, seal_hash

logger = logging.getLogger("zaozhuang_portal.audit")
BATCH = 500
ANCHORS = "audit_anchors.jsonl"


def seal_audit_entries(*, now: datetime) -> int:
    """Seal everything unsealed, oldest first, in batches; returns how many entries. Safe to run twice at once.

    Each seal is also written to the log and appended to DATA_DIR/audit_anchors.jsonl, outside the database, so that
    cutting off the end of the chain can be noticed.
    """
    sealed = 0
    while True:
        try:
            seal = _seal_batch(now)
        except IntegrityError:
            logger.info("audit seal: another process is sealing")
            return sealed
        if seal is None:
            return sealed
        sealed += seal.entry_count
        _anchor(seal)


@transaction.atomic
def _seal_batch(now: datetime) -> AuditSeal | None:
    entries = list(AuditEntry.objects.filter(seal=None).order_by("id").values(*FIELDS)[:BATCH])
    if not entries:
        return None
    last = AuditSeal.objects.order_by("-id").first()
    previous = last.hash if last else ""
    seal = AuditSeal.objects.create(
        sealed_at=now, entry_count=len(entries), previous_hash=previous, hash=seal_hash(previous, entries)
    )
    AuditEntry.objects.filter(pk__in=[entry["id"] for entry in entries]).update(seal=seal)
    return seal


def _anchor(seal: AuditSeal) -> None:
    logger.info("audit seal %s entries=%s hash=%s", seal.pk, seal.entry_count, seal.hash)
    line = json.dumps({"seal": seal.pk, "hash": seal.hash, "entries": seal.entry_count})
    try:
        with (settings.DATA_DIR / ANCHORS).open("a", encoding="ascii") as anchors:
            anchors.write(line + "\n")
    except OSError:
        logger.exception("audit seal %s could not be anchored outside the database", seal.pk)
