"""Who may see and change attachments. The app that owns a kind of owner registers its answer in AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.enums import AttachmentPurpose
from zaozhuang_portal.operations.models import Attachment

# What most owners have: files of one sort. A mapping purpose → its word for this kind of owner, the usual one first.
ONLY_OTHER: Mapping[str, str] = {AttachmentPurpose.OTHER: AttachmentPurpose.OTHER.label}
ONLY_SCANS: Mapping[str, str] = {AttachmentPurpose.SCAN: AttachmentPurpose.SCAN.label}


@dataclass(frozen=True)
class Sealing:
    """Whether the owner is sealed (filed, accepted, confirmed) now, since when it first was, and the words that say so.

    A sealed owner loses no file: one is replaced only by a new version beside the old, and where there is none of a
    purpose a first may still be added, with its time. `additions`: more may be added beside (signed sheets that come
    one by one). What was removed after `since`, in a time the owner was open again, stays readable.
    """

    now: bool = False
    since: datetime | None = None
    words: str = ""
    # What is said of a file that came, or was removed, after it.
    after: str = "封存后"
    additions: bool = False


OPEN = Sealing()


def never_sealed(owner_id: int) -> Sealing:
    """Of owners that are never filed, accepted or confirmed (a firm's dossier)."""
    return OPEN


@dataclass(frozen=True)
class AttachmentAccess:
    """The two questions about one kind of owner, its own limits (None: the limits of the settings) and purposes.

    `hold(owner_id)`, for owners that can be closed: called in the transaction that writes, before `may_write` is asked
    again. It locks what closes the owner until the transaction ends, and raises a DomainError with the reason when
    it is closed, so that nothing is stored after the closing act has returned.
    """

    may_read: Callable[[Actor, Attachment], bool]
    may_write: Callable[[Actor, int], bool]
    max_files: int | None = None
    max_bytes: int | None = None
    purposes: Mapping[str, str] = field(default_factory=lambda: ONLY_OTHER)
    hold: Callable[[int], None] | None = None
    sealing: Callable[[int], Sealing] = never_sealed


_access: dict[str, AttachmentAccess] = {}


def register_attachment_access(
    owner_kind: str,
    may_read: Callable[[Actor, Attachment], bool],
    may_write: Callable[[Actor, int], bool],
    *,
    max_files: int | None = None,
    max_bytes: int | None = None,
    purposes: Mapping[str, str] = ONLY_OTHER,
    hold: Callable[[int], None] | None = None,
    sealing: Callable[[int], Sealing] = never_sealed,
) -> None:
    """`may_read(actor, attachment)` and `may_write(actor, owner_id)` answer from the database, now.

    `purposes`: what a file here may be, and its word; the first is what a file is when nothing is said. `sealing` is
    asked after `hold` when something is written, so that it answers from rows that cannot change meanwhile.
    """
    _access[owner_kind] = AttachmentAccess(may_read, may_write, max_files, max_bytes, purposes, hold, sealing)


def attachment_access(owner_kind: str) -> AttachmentAccess | None:
    return _access.get(owner_kind)


def purposes_of(owner_kind: str) -> Mapping[str, str]:
    access = _access.get(owner_kind)
    return access.purposes if access is not None else ONLY_OTHER


def may_read_attachment(actor: Actor, attachment: Attachment) -> bool:
    """False for a kind nobody registered: refuse by default."""
    access = _access.get(attachment.owner_kind)
    return access is not None and access.may_read(actor, attachment)


def may_write_attachments(actor: Actor, owner_kind: str, owner_id: int) -> bool:
    access = _access.get(owner_kind)
    return access is not None and access.may_write(actor, owner_id)


def hold_owner(owner_kind: str, owner_id: int) -> None:
    """Inside the writing transaction: keep the owner from being closed meanwhile. Raises DomainError when it is."""
    access = _access.get(owner_kind)
    if access is not None and access.hold is not None:
        access.hold(owner_id)


def sealing_of(owner_kind: str, owner_id: int) -> Sealing:
    """Of an owner of a kind nobody registered: open, since nobody may write to it anyway."""
    access = _access.get(owner_kind)
    return OPEN if access is None else access.sealing(owner_id)
