"""Result files of jobs: jobs/<job>/<lease token>/<n>, so that two runs never write the same name.

Only the run that ends the job gets Attachment rows; everything else under jobs/<job>/ is thrown away.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.operations.enums import JOB_FILES
from zaozhuang_portal.operations.models import Attachment, Job

logger = logging.getLogger(__name__)
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
    ".json": "application/json",
    ".png": "image/png",
    ".zip": "application/zip",
}


@dataclass(frozen=True)
class OutputFile:
    """One file a run has stored, not yet anybody's."""

    stored_name: str
    label: str
    content_type: str
    size: int
    sha256: str


def output_folder(job: Job) -> str:
    return f"jobs/{job.uid.hex}"


def store_output(job: Job, token: UUID, number: int, label: str, content: bytes | Path) -> OutputFile:
    """Write one file under this run's own folder. Raises DomainError for no content or an unknown kind of file."""
    content_type = CONTENT_TYPES.get(PurePosixPath(label).suffix.lower())
    if content_type is None:
        raise DomainError(f"不能生成“{label}”：不支持这种文件。", code="unknown_file_type")
    with contextlib.ExitStack() as stack:
        handle: File[bytes]
        if isinstance(content, Path):
            handle = File(stack.enter_context(content.open("rb")))
        else:
            handle = ContentFile(content)
        digest, size = hashlib.sha256(), 0
        for chunk in handle.chunks():
            digest.update(chunk)
            size += len(chunk)
        if size == 0:
            raise DomainError(f"“{label}”没有内容，未生成。", code="empty_file")
        handle.seek(0)
        name = f"{output_folder(job)}/{token.hex}/{number}"
        stored = default_storage.save(name, handle)
    return OutputFile(stored, shortened(label, 160), content_type, size, digest.hexdigest())


def register_output(job: Job, outputs: Iterable[OutputFile], now: datetime) -> list[Attachment]:
    """Attachment rows of the run that won, in the transaction that ends the job."""
    return Attachment.objects.bulk_create(
        Attachment(
            owner_kind=JOB_FILES,
            owner_id=job.pk,
            file=output.stored_name,
            label=output.label,
            content_type=output.content_type,
            size=output.size,
            sha256=output.sha256,
            uploaded_by_id=job.requested_by_id,
            uploaded_at=now,
            organization_id=job.organization_id,
        )
        for output in outputs
    )


def forget_files(job: Job, now: datetime) -> None:
    """The rows stay as the trace of what was there; nobody can open them any more."""
    Attachment.objects.filter(owner_kind=JOB_FILES, owner_id=job.pk, removed_at__isnull=True).update(
        removed_at=now
    )


def discard_output(job: Job, *, token: UUID | None = None, keep: UUID | None = None) -> None:
    """Delete what runs of this job stored: one run's (`token`), all but one run's (`keep`), or everything.

    Never raises: a file that could not be deleted now goes with the sweep of orphans.
    """
    folder = output_folder(job)
    try:
        runs = [token.hex] if token else default_storage.listdir(folder)[0]
        for run in runs:
            if keep is None or run != keep.hex:
                _delete_folder(f"{folder}/{run}")
    except FileNotFoundError:
        return
    except OSError:
        logger.exception("output of job %s could not be deleted", job.pk)
    with contextlib.suppress(OSError):  # other runs' folders may still stand in it
        default_storage.delete(folder)


def _delete_folder(folder: str) -> None:
    for name in default_storage.listdir(folder)[1]:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)
