"""Who may see and change attachments. The app that owns a kind of owner registers its answer in AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.models import Attachment


@dataclass(frozen=True)
class AttachmentAccess:
    """The two questions about one kind of owner, and its own limits (None: the limits of the settings)."""

    may_read: Callable[[Actor, Attachment], bool]
    may_write: Callable[[Actor, int], bool]
    max_files: int | None = None
    max_bytes: int | None = None


_access: dict[str, AttachmentAccess] = {}


def register_attachment_access(
    owner_kind: str,
    may_read: Callable[[Actor, Attachment], bool],
    may_write: Callable[[Actor, int], bool],
    *,
    max_files: int | None = None,
    max_bytes: int | None = None,
) -> None:
    """`may_read(actor, attachment)` and `may_write(actor, owner_id)` answer from the database, now."""
    _access[owner_kind] = AttachmentAccess(may_read, may_write, max_files, max_bytes)


def attachment_access(owner_kind: str) -> AttachmentAccess | None:
    return _access.get(owner_kind)


def may_read_attachment(actor: Actor, attachment: Attachment) -> bool:
    """False for a kind nobody registered: refuse by default."""
    access = _access.get(attachment.owner_kind)
    return access is not None and access.may_read(actor, attachment)


def may_write_attachments(actor: Actor, owner_kind: str, owner_id: int) -> bool:
    access = _access.get(owner_kind)
    return access is not None and access.may_write(actor, owner_id)
