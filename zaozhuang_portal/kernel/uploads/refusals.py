"""The error of a refused upload and the caps on one file."""

from __future__ import annotations

from dataclasses import dataclass

from zaozhuang_portal.kernel.errors import DomainError


class UploadError(DomainError):
    """The file is refused; `code` names the one cause, the message says how to mend it."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, code=code, field="file")


@dataclass(frozen=True)
class UploadLimits:
    """Caps on one upload: bytes, pixels of an image, pages of a PDF, inflated bytes of an Office file."""

    file_bytes: int = 20 * 1024 * 1024
    pixels: int = 40_000_000
    pages: int = 1_000
    inflated_bytes: int = 100 * 1024 * 1024
