"""Private files on disk: a file is whole under its final name or not there at all (full disk, kill -9)."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import Any

from django.core.files.storage import FileSystemStorage

TEMPORARY = ".tmp"


class AtomicFileStorage(FileSystemStorage):
    """Writes under a temporary name, flushes to the disk, then renames. Raises OSError with nothing left behind."""

    def _save(self, name: str, content: Any) -> str:
        temporary = f"{name}.{secrets.token_hex(8)}{TEMPORARY}"
        try:
            temporary = super()._save(temporary, content)  # type: ignore[misc]  # the stubs leave _save out
            with open(self.path(temporary), "rb") as handle:
                os.fsync(handle.fileno())
            os.replace(self.path(temporary), self.path(name))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(self.path(temporary))
            raise
        return name
