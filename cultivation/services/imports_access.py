"""Who may read and add the scans of the stamped source of an import batch."""

from __future__ import annotations

from cultivation.enums import ImportState
from cultivation.models import ImportBatch
from cultivation.workflows import IMPORTERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.models import Attachment

BATCH_FILES = "ImportBatch"


def may_read_batch_file(actor: Actor, attachment: Attachment) -> bool:
    return ImportBatch.objects.visible_to(actor).filter(pk=attachment.owner_id).exists()


def may_write_batch_files(actor: Actor, owner_id: int) -> bool:
    """While the batch stands; an undone one keeps what it has."""
    batches = ImportBatch.objects.visible_to(actor).exclude(state=ImportState.UNDONE)
    return actor.role in IMPORTERS and batches.filter(pk=owner_id).exists()
