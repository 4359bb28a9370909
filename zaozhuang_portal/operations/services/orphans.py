"""Files on disk that no row knows: left by a kill -9 between file and row, or by a rolled-back caller."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.core.files.storage import default_storage

from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job

logger = logging.getLogger(__name__)
# Younger files may belong to an upload that is still going on.
MIN_AGE = timedelta(days=1)


def remove_orphans(*, now: datetime) -> int:
    """Delete files older than a day without a row, and left-over temporary files. Returns how many."""
    removed = 0
    for folder in _folders("attachments"):
        names = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
        removed += _remove_unknown(names, now)
    for folder in _folders("jobs"):
        if not _still_open(folder):
            names = [f"{run}/{name}" for run in _folders(folder) for name in default_storage.listdir(run)[1]]
            removed += _remove_unknown(names, now)
    return removed


def _folders(root: str) -> list[str]:
    try:
        return [f"{root}/{name}" for name in default_storage.listdir(root)[0]]
    except FileNotFoundError:
        return []


def _still_open(folder: str) -> bool:
    uid = folder.rpartition("/")[2]
    states = [JobState.PENDING, JobState.RUNNING]
    return Job.objects.filter(uid=uid, state__in=states).exists()


def _remove_unknown(names: list[str], now: datetime) -> int:
    known = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
    orphans = [name for name in names if name not in known and _is_old(name, now)]
    for name in orphans:
        default_storage.delete(name)
        logger.warning("file without a row removed: %s", name)
    return len(orphans)


def _is_old(name: str, now: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < now - MIN_AGE
    except FileNotFoundError:
        return False
