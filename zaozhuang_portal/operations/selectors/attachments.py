"""Reading files and lists of files."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import Http404

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.access import Sealing, may_read_attachment, sealing_of
from zaozhuang_portal.operations.models import Attachment

logger = logging.getLogger(__name__)


class FileDamaged(DomainError):
    """The bytes on disk are not the bytes that were stored."""

    status = 409


def find_attachment(actor: Actor, uid: UUID) -> Attachment:
    """The file, when it is there and the actor may read it; Http404 otherwise, whatever the reason."""
    attachment = Attachment.objects.filter(uid=uid).first()
    if attachment is None or not _is_kept(attachment) or not may_read_attachment(actor, attachment):
        raise Http404("没有这个文件，或您无权查看。")
    return attachment


def _is_kept(attachment: Attachment) -> bool:
    """Present, or removed after its owner was first sealed: what a sealed record once showed stays readable."""
    if attachment.removed_at is None:
        return True
    since = sealing_of(attachment.owner_kind, attachment.owner_id).since
    return since is not None and attachment.removed_at >= since


def files_of_one(owner_kind: str, owner_id: int) -> tuple[list[Attachment], list[Attachment], Sealing]:
    """The files of one owner, those removed after it was first sealed (they stay readable), and its sealing.

    Both oldest first, versions and duplicates marked. Statements: 1 and those of the sealing.
    """
    sealing = sealing_of(owner_kind, owner_id)
    rows = Attachment.objects.filter(owner_kind=owner_kind, owner_id=owner_id)
    shown = Q(removed_at__isnull=True)
    if sealing.since is not None:
        shown |= Q(removed_at__gte=sealing.since)
    every = list(rows.filter(shown).order_by("id"))
    mark_versions(every, sealing)
    present = [file for file in every if file.removed_at is None]
    mark_duplicates(present)
    return present, [file for file in every if file.removed_at is not None], sealing


def mark_versions(files: Iterable[Attachment], sealing: Sealing) -> None:
    """Say of each file of one owner which version it is, and whether it came or stands under the seal."""
    version: dict[int, int] = {}
    listed = sorted(files, key=lambda file: file.pk)
    replaced = {file.replaces_id for file in listed}
    for file in listed:
        file.version = version[file.pk] = version.get(file.replaces_id or 0, 0) + 1
        file.superseded = file.pk in replaced
        late = sealing.since is not None and file.uploaded_at >= sealing.since
        file.after_seal = sealing.after if late else ""
        file.sealed = sealing.now


def attachments_of(owner_kind: str, owner_ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Files by owner, in one statement, with `duplicate_of` set within each owner."""
    files: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.of(owner_kind, *owner_ids):
        files.setdefault(attachment.owner_id, []).append(attachment)
    for of_one in files.values():
        mark_duplicates(of_one)
    return files


def mark_duplicates(
    files: Iterable[Attachment], name: Callable[[Attachment], str] = lambda file: file.label
) -> None:
    """Set `duplicate_of` to the name of the earliest file of the same content among `files`, or "".

    Whatever a page lists together is marked together: files that stand at several places of one page go through
    one call, `name` saying where the earlier one stands.
    """
    seen: dict[str, Attachment] = {}
    for attachment in sorted(files, key=lambda file: file.pk):
        earlier = seen.setdefault(attachment.sha256, attachment)
        attachment.duplicate_of = "" if earlier is attachment else name(earlier)


def open_verified(attachment: Attachment) -> File[bytes]:
    """The stored file, opened, after its SHA-256 was compared. Raises FileDamaged."""
    try:
        handle: File[bytes] = default_storage.open(str(attachment.file.name), "rb")
    except FileNotFoundError:
        raise _damaged(attachment, "missing") from None
    digest = hashlib.sha256()
    for chunk in handle.chunks():
        digest.update(chunk)
    if digest.hexdigest() != attachment.sha256:
        handle.close()
        raise _damaged(attachment, "changed")
    handle.seek(0)
    return handle


def _damaged(attachment: Attachment, how: str) -> FileDamaged:
    logger.critical("attachment %s (%s) is %s on disk", attachment.pk, attachment.file.name, how)
    return FileDamaged(
        f"“{attachment.label}”在存储中已损坏或缺失，不能下载。系统已记录，请联系系统管理员从备份恢复。",
        code="file_damaged",
    )
