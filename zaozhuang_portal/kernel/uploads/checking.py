"""One entry: the bytes and the name in, a checked upload or one clear refusal out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass

from zaozhuang_portal.kernel.limited import OverLimit, Refused, open_limited
from zaozhuang_portal.kernel.spreadsheets.guard import CFB_MAGIC, ZIP_MAGIC
from zaozhuang_portal.kernel.uploads.labels import extension_of, safe_label
from zaozhuang_portal.kernel.uploads.refusals import UploadError, UploadLimits

ALLOWED_EXTENSIONS = frozenset({"pdf", "jpg", "png", "heic", "docx", "xlsx"})
ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.docx,.xlsx"
_ALIASES = {"jpeg": "jpg", "jpe": "jpg", "heif": "heic"}
_CONTENT_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_RESAVE = {"doc": "docx", "xls": "xlsx", "docm": "docx", "xlsm": "xlsx", "wps": "docx", "et": "xlsx"}
_IMAGES = frozenset({"jpg", "png", "heic"})


@dataclass(frozen=True, slots=True)
class CheckedUpload:
    """What may be stored: `content` may differ from what was sent (images are encoded anew)."""

    content: bytes
    content_type: str
    extension: str
    safe_label: str
    sha256: str


def check_upload(
    data: bytes,
    filename: str,
    *,
    allowed: Collection[str] = ALLOWED_EXTENSIONS,
    limits: UploadLimits | None = None,
) -> CheckedUpload:
    """Check one file and return what to store. Raises UploadError with one cause in Chinese (ux F25).

    Extension, leading bytes and a full parse must agree. A photo named .jpg that is HEIC inside (as phones
    do) or the reverse is accepted by its content.
    """
    limits = limits or UploadLimits()
    extension = extension_of(filename)
    extension = _ALIASES.get(extension, extension)
    if extension not in allowed:
        raise _wrong_extension(extension, allowed)
    if not data:
        raise UploadError("文件是空的，请重新选择。", code="empty")
    if len(data) > limits.file_bytes:
        raise UploadError(
            f"文件不能超过 {limits.file_bytes // 1024 // 1024} MB，请压缩后再上传。", code="too_large"
        )
    found = _sniff(data, extension)
    if found != extension and not (found in _IMAGES and extension in _IMAGES and found in allowed):
        raise UploadError(
            f"文件名是 .{extension}，内容却不是，请用原来的软件另存为 .{extension} 后再上传。",
            code="wrong_content",
        )
    content = data
    if found in _IMAGES:
        content = _open("clean_image", data, limits, extension=found)
        found = "jpg" if found == "heic" else found
    elif found == "pdf":
        _open("check_pdf", data, limits)
    else:
        _open("check_office", data, limits, extension=found)
    return CheckedUpload(
        content,
        _CONTENT_TYPES[found],
        found,
        safe_label(filename, found),
        hashlib.sha256(content).hexdigest(),
    )


def _open(function: str, data: bytes, limits: UploadLimits, **more: str) -> bytes:
    """Open the file in the limited process; what it makes of it."""
    try:
        return open_limited(function, data, asdict(limits) | more).content
    except Refused as refused:
        raise UploadError(refused.message, code=refused.code) from None
    except OverLimit as over:
        if over.too_slow:
            raise UploadError("文件过于复杂，检查超时，请重新保存或缩小后再上传。", code="too_slow") from None
        raise UploadError(
            "文件已损坏或过于复杂，打不开，请重新保存或缩小后再上传。", code="too_heavy"
        ) from None


def _wrong_extension(extension: str, allowed: Collection[str]) -> UploadError:
    listed = "、".join(
        name.upper() for name in ("pdf", "jpg", "png", "heic", "docx", "xlsx") if name in allowed
    )
    if extension in _RESAVE and _RESAVE[extension] in allowed:
        return UploadError(
            f"不支持 .{extension}，请另存为 .{_RESAVE[extension]} 后再上传。", code="wrong_extension"
        )
    return UploadError(f"文件须为 {listed} 格式，请转换后再上传。", code="wrong_extension")


def _sniff(data: bytes, extension: str) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"%PDF-") or data[:32].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return "pdf"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"):
        return "heic"
    if data.startswith(ZIP_MAGIC):
        return extension if extension in ("docx", "xlsx") else "zip"
    encrypted = data.startswith(CFB_MAGIC) and "EncryptedPackage".encode("utf-16-le") in data
    if encrypted and extension in ("docx", "xlsx"):
        raise UploadError("文件有密码，请取消密码后再上传。", code="encrypted")
    return ""
