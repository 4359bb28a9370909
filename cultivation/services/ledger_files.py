"""Who may read and add the files of a record: what operations asks for each kind of ledger row."""

from __future__ import annotations

from cultivation.ledgers.base import Ledger, all_ledgers
from cultivation.selectors.ledgers import readable_records, visible_records
from cultivation.services.ledgers import refuse_change
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.access import ONLY_OTHER
from zaozhuang_portal.operations.enums import AttachmentPurpose
from zaozhuang_portal.operations.models import Attachment


def ledgers_of(kind: str) -> list[Ledger]:
    """The ledgers whose rows are of this model."""
    return [ledger for ledger in all_ledgers() if ledger.kind == kind]


def file_purposes(kind: str) -> dict[str, str]:
    """What a file of these records may be: something beside it, and, where a paper is signed, that paper."""
    papers = [ledger.paper for ledger in ledgers_of(kind) if ledger.paper is not None]
    return {**ONLY_OTHER, **({AttachmentPurpose.SCAN: papers[0].scan_word} if papers else {})}


def may_read_record_file(actor: Actor, attachment: Attachment) -> bool:
    """Who may open the row in force sees its files."""
    return any(
        readable_records(actor, ledger).filter(pk=attachment.owner_id).exists()
        for ledger in ledgers_of(attachment.owner_kind)
    )


def may_write_record_files(actor: Actor, kind: str, owner_id: int) -> bool:
    """Who may change the row may add to it."""
    for ledger in ledgers_of(kind):
        record = visible_records(actor, ledger).filter(pk=owner_id).first()
        if record is not None and not refuse_change(actor, ledger, record):
            return True
    return False
