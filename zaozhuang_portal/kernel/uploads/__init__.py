"""Checks on an uploaded file: by extension, by content and by a full parse; the declared type is ignored.

Allowed: pdf, jpg, png, heic (becomes jpg), docx, xlsx. Nothing is ever rendered from the original.
"""

from zaozhuang_portal.kernel.uploads.checking import (
    ACCEPT,
    ALLOWED_EXTENSIONS,
    CheckedUpload,
    check_upload,
)
from zaozhuang_portal.kernel.uploads.labels import safe_label
from zaozhuang_portal.kernel.uploads.refusals import UploadError, UploadLimits

__all__ = [
    "ACCEPT",
    "ALLOWED_EXTENSIONS",
    "CheckedUpload",
    "UploadError",
    "UploadLimits",
    "check_upload",
    "safe_label",
]
