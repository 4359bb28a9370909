"""Storing and removing files: check, scan, file, row, in this order; a row never points at nothing."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.kernel.uploads import CheckedUpload, UploadError, UploadLimits, check_upload
from zaozhuang_portal.operations.access import (
    attachment_access,
    hold_owner,
    may_write_attachments,
    purposes_of,
    sealing_of,
)
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.models.attachments import storage_name
from zaozhuang_portal.operations.services.antivirus import scan_upload

logger = logging.getLogger(__name__)
_MEGABYTE = 1024 * 1024
_UNKNOWN_PURPOSE = "这里的文件只能作为{}，请刷新页面后重新选择。"


def store_attachment(
    *,
    actor: Actor,
    owner_kind: str,
    owner_id: int,
    upload: UploadedFile[Any],
    now: datetime,
    organization: Organization | None = None,
    valid_until: date | None = None,
    purpose: str = "",
    replaces: Attachment | None = None,
    uid: UUID | None = None,
) -> Attachment:
    """Check one uploaded file and keep it for its owner, as `purpose` or as what files of this owner usually are.

    The same content twice is kept; the list points it out. With `replaces` it is the new version of a file of the same
    owner, which stays beside it; of a sealed owner (access.Sealing) that is the only way to change a file. Call outside
    a transaction: the check takes time, and a rollback around it would leave the file to the sweep of orphans.
    `uid` is the id a device gave the file before it had a signal: sent again, it is the file already stored.
    Raises NotAllowed, UploadError, IllegalTransition.
    """
    _require_write(actor, owner_kind, owner_id)
    if uid is not None and (known := _sent_before(actor, owner_kind, owner_id, uid)) is not None:
        return known
    purposes = purposes_of(owner_kind)
    purpose = replaces.purpose if replaces is not None else purpose or next(iter(purposes))
    if purpose not in purposes:
        raise UploadError(_UNKNOWN_PURPOSE.format("或".join(purposes.values())), code="purpose")
    checked = _check(upload)
    scan_upload(checked.content, checked.safe_label)
    attachment = Attachment(
        **({"uid": uid} if uid is not None else {}),
        owner_kind=owner_kind,
        owner_id=owner_id,
        purpose=purpose,
        label=checked.safe_label,
        content_type=checked.content_type,
        size=len(checked.content),
        sha256=checked.sha256,
        uploaded_by=actor.user,
        uploaded_at=now,
        organization=organization,
        valid_until=valid_until,
        replaces=replaces,
    )
    _refuse_over_quota(attachment, now)
    stored = _write(attachment, checked)
    try:
        with transaction.atomic():
            _insert(attachment, stored, actor, now)
    except IntegrityError:
        _delete_file(stored)  # the same file arrived twice at once: the first one stands
        known = _sent_before(actor, owner_kind, owner_id, attachment.uid)
        if known is None:
            raise
        return known
    except BaseException:
        _delete_file(stored)
        raise
    return attachment


def _sent_before(actor: Actor, owner_kind: str, owner_id: int, uid: UUID) -> Attachment | None:
    """The file this person has sent to this owner under that id, removed since or not. Raises UploadError for another's."""
    known = Attachment.objects.filter(uid=uid).first()
    if known is None:
        return None
    if (known.owner_kind, known.owner_id, known.uploaded_by_id) != (owner_kind, owner_id, actor.user.pk):
        raise UploadError("这个文件的编号已用于别处，请重新选择文件上传。", code="uid_used")
    return known


def remove_attachment(*, actor: Actor, attachment: Attachment, now: datetime) -> Attachment:
    """Take a file out of its owner's list. The file stays on disk as evidence and for 撤销. Raises NotAllowed."""
    return _set_removed(actor, attachment, now, removed=True)


def restore_attachment(*, actor: Actor, attachment: Attachment, now: datetime) -> Attachment:
    """Undo remove_attachment. Raises NotAllowed, or UploadError when the owner has its full number again."""
    if attachment.removed_at is not None:
        _refuse_over_quota(attachment, now)
    return _set_removed(actor, attachment, now, removed=False)


@transaction.atomic
def set_attachment_purpose(
    *, actor: Actor, attachment: Attachment, purpose: str, now: datetime
) -> Attachment:
    """A file put into the wrong place: say what it is. Raises NotAllowed, or DomainError for another purpose."""
    hold_owner(attachment.owner_kind, attachment.owner_id)
    if not may_write_attachments(actor, attachment.owner_kind, attachment.owner_id):
        raise NotAllowed("您当前的身份不能在这里更改文件的用途。")
    _require_open(attachment.owner_kind, attachment.owner_id, "改作他用")
    purposes = purposes_of(attachment.owner_kind)
    if purpose not in purposes:
        raise DomainError(_UNKNOWN_PURPOSE.format("或".join(purposes.values())), code="purpose")
    before = attachment.purpose
    rows = Attachment.objects.current().filter(pk=attachment.pk, purpose=before)
    if before != purpose and rows.update(purpose=purpose):
        record_audit(
            actor=actor,
            at=now,
            action="更改附件用途",
            kind="Attachment",
            object_id=attachment.pk,
            label=attachment.label,
            changes={"purpose": [purposes.get(before, before), purposes[purpose]]},
        )
    attachment.refresh_from_db()
    return attachment


@transaction.atomic
def move_attachments(
    *,
    actor: Actor,
    attachments: Iterable[Attachment],
    owner_kind: str,
    owner_id: int,
    now: datetime,
    organization: Organization | None = None,
) -> list[Attachment]:
    """Give files kept for a form that was not saved yet to what it became. Raises NotAllowed for either owner."""
    moved = []
    for attachment in attachments:
        for kind, pk in ((attachment.owner_kind, attachment.owner_id), (owner_kind, owner_id)):
            hold_owner(kind, pk)
            _require_write(actor, kind, pk)
            _require_open(kind, pk, "移动")
        before = f"{attachment.owner_kind} {attachment.owner_id}"
        attachment.owner_kind, attachment.owner_id = owner_kind, owner_id
        attachment.organization = organization
        attachment.save(update_fields=["owner_kind", "owner_id", "organization"])
        record_audit(
            actor=actor,
            at=now,
            action="归入附件",
            kind="Attachment",
            object_id=attachment.pk,
            label=attachment.label,
            changes={"owner": [before, f"{owner_kind} {owner_id}"]},
        )
        moved.append(attachment)
    return moved


def _require_write(actor: Actor, owner_kind: str, owner_id: int) -> None:
    if not may_write_attachments(actor, owner_kind, owner_id):
        raise NotAllowed("您当前的身份不能在这里上传或删除文件。")


def _require_open(owner_kind: str, owner_id: int, what: str) -> None:
    """Nothing of a sealed owner is taken away. Call after hold_owner, in the writing transaction."""
    sealing = sealing_of(owner_kind, owner_id)
    if sealing.now:
        raise IllegalTransition(
            f"{sealing.words}，文件不能{what}。需要更换的，请在该文件旁上传新版本，旧件保留可查。",
            code="sealed",
        )


def _refuse_under_seal(attachment: Attachment) -> None:
    """A new version must replace the newest of the same owner; a sealed owner takes only such, or a first file."""
    former = attachment.replaces
    of_owner = Attachment.objects.of(attachment.owner_kind, attachment.owner_id)
    if former is not None:
        newest = of_owner.filter(pk=former.pk, replaced_by__isnull=True, purpose=attachment.purpose)
        if not newest.exists():
            raise IllegalTransition("这个文件刚刚已有新版本或已删除，请刷新页面后再上传。", code="replaced")
        return
    sealing = sealing_of(attachment.owner_kind, attachment.owner_id)
    if sealing.now and not sealing.additions and of_owner.filter(purpose=attachment.purpose).exists():
        raise IllegalTransition(
            f"{sealing.words}，已有的文件只能换新版本：请在要更换的文件旁点“上传新版本”，旧件保留；"
            "多页的请合并成一个 PDF。",
            code="sealed",
        )


@transaction.atomic
def _set_removed(actor: Actor, attachment: Attachment, now: datetime, *, removed: bool) -> Attachment:
    hold_owner(attachment.owner_kind, attachment.owner_id)
    _require_write(actor, attachment.owner_kind, attachment.owner_id)
    _require_open(attachment.owner_kind, attachment.owner_id, "删除" if removed else "恢复")
    rows = Attachment.objects.filter(pk=attachment.pk, removed_at__isnull=removed)
    if rows.update(removed_at=now if removed else None):
        record_audit(
            actor=actor,
            at=now,
            action="删除附件" if removed else "恢复附件",
            kind="Attachment",
            object_id=attachment.pk,
            label=attachment.label,
            changes={"owner": [None, f"{attachment.owner_kind} {attachment.owner_id}"]},
        )
    attachment.refresh_from_db()
    return attachment


def _check(upload: UploadedFile[Any]) -> CheckedUpload:
    limits = UploadLimits(file_bytes=settings.MAX_UPLOAD_BYTES)
    if upload.size is not None and upload.size > limits.file_bytes:
        raise UploadError(
            f"文件不能超过 {limits.file_bytes // _MEGABYTE} MB，请压缩后再上传。", code="too_large"
        )
    return check_upload(upload.read(), upload.name or "", limits=limits)


def _refuse_over_quota(attachment: Attachment, now: datetime) -> None:
    """Number and bytes per owner, bytes per person and day (security checklist 39)."""
    access = attachment_access(attachment.owner_kind)
    limit = (access and access.max_files) or settings.ATTACHMENTS_PER_OWNER
    room = (access and access.max_bytes) or settings.ATTACHMENT_BYTES_PER_OWNER
    present = Attachment.objects.of(attachment.owner_kind, attachment.owner_id)
    if present.count() >= limit:
        raise UploadError(
            f"这里最多放 {limit} 个文件，已满。请先删除不需要的，再上传。", code="too_many_files"
        )
    if present.total_size() + attachment.size > room:
        raise UploadError(
            f"这里的文件合计不能超过 {room // _MEGABYTE} MB。请压缩，或先删除不需要的文件。",
            code="owner_quota",
        )
    day = Attachment.objects.filter(
        uploaded_by=attachment.uploaded_by, uploaded_at__gt=now - timedelta(days=1)
    )
    if day.total_size() + attachment.size > settings.ATTACHMENT_BYTES_PER_DAY:
        raise UploadError(
            f"您 24 小时内上传的文件已接近 {settings.ATTACHMENT_BYTES_PER_DAY // _MEGABYTE} MB 的上限，请明天再传。",
            code="daily_quota",
        )


def _write(attachment: Attachment, checked: CheckedUpload) -> str:
    try:
        name: str = default_storage.save(storage_name(attachment, ""), ContentFile(checked.content))
    except OSError as error:
        logger.error("upload could not be written: %s", error)
        raise UploadError(
            "系统存储空间不足或暂时不可用，文件没有保存。请稍后重试；仍不成功请联系系统管理员。",
            code="storage_full",
        ) from error
    return name


def _insert(attachment: Attachment, stored: str, actor: Actor, now: datetime) -> None:
    # The check and the scan took time: the owner may have been closed since the right was asked.
    hold_owner(attachment.owner_kind, attachment.owner_id)
    _require_write(actor, attachment.owner_kind, attachment.owner_id)
    _refuse_under_seal(attachment)
    # A browser sends several files at once; one person's uploads queue here, so that the count holds.
    User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
    _refuse_over_quota(attachment, now)
    attachment.file.name = stored
    attachment.save(force_insert=True)
    record_audit(
        actor=actor,
        at=now,
        action="上传附件",
        kind="Attachment",
        object_id=attachment.pk,
        label=attachment.label,
        changes={
            "owner": [None, f"{attachment.owner_kind} {attachment.owner_id}"],
            "purpose": [None, purposes_of(attachment.owner_kind)[attachment.purpose]],
            "sha256": [None, attachment.sha256],
            "replaces": [None, attachment.replaces.label if attachment.replaces else None],
            "size": [None, attachment.size],
        },
    )


def _delete_file(stored: str) -> None:
    with contextlib.suppress(OSError):  # then the sweep of orphans takes it
        default_storage.delete(stored)
