"""撤销本批: within 24 hours, for every row nobody has touched since; the others are skipped and named (ux E14)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from cultivation.models import ImportBatch, ImportReport
from cultivation.services.imports_registry import adapter_of
from cultivation.workflows import IMPORT_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import DomainError

UNDO_TIME = timedelta(hours=24)
_MOST_NAMED = 200


def may_still_undo(batch: ImportBatch, now: datetime) -> bool:
    return batch.confirmed_at is not None and batch.undone_at is None and now < batch.confirmed_at + UNDO_TIME


@transaction.atomic
def undo_import(*, actor: Actor, batch: ImportBatch, now: datetime) -> ImportBatch:
    """Delete what the batch created and put back what it changed, row by row as far as untouched.

    A row edited since (another version) or already in use elsewhere (a roster, an assessment) stays and is
    named in `report.undo_result`. Raises DomainError after 24 hours, IllegalTransition when already undone.
    """
    if batch.confirmed_at is not None and now >= batch.confirmed_at + UNDO_TIME:
        raise DomainError(
            "导入已超过 24 小时，不能整批撤销。请在登记页面逐条修改，或联系市三方委员会办公室。",
            code="undo_expired",
        )
    adapter = adapter_of(batch)
    adapter.require(actor, batch.organization)
    IMPORT_WORKFLOW.apply(batch, "undo", role=actor.role, changes={"undone_at": now})
    report = ImportReport.objects.get(batch=batch)
    outcome = adapter.undo(report.undo_log, actor=actor, now=now)
    report.undo_result = {
        "deleted": outcome.deleted,
        "restored": outcome.restored,
        "kept_count": len(outcome.kept),
        "kept": outcome.kept[:_MOST_NAMED],
    }
    report.save(update_fields=["undo_result"])
    record_audit(
        actor=actor,
        at=now,
        action="撤销导入",
        kind="ImportBatch",
        object_id=batch.pk,
        label=str(batch),
        changes={
            "deleted": [0, outcome.deleted],
            "restored": [0, outcome.restored],
            "kept": [0, len(outcome.kept)],
        },
    )
    return batch
