"""PDF: it parses, has no password, and holds nothing that acts: no script, launch or embedded file."""

from __future__ import annotations

import logging
import zipfile
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from zaozhuang_portal.kernel.uploads.refusals import UploadError, UploadLimits

logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_ACTIVE_KEYS = {
    "/JS": "脚本",
    "/JavaScript": "脚本",
    "/EmbeddedFiles": "内嵌文件",
    "/EF": "内嵌文件",
    "/RichMedia": "多媒体",
    "/XFA": "动态表单",
}
_ACTIVE_NAMES = {
    "/JavaScript": "脚本",
    "/Launch": "启动程序的动作",
    "/EmbeddedFile": "内嵌文件",
    "/Filespec": "",
    "/SubmitForm": "提交数据的动作",
    "/ImportData": "导入数据的动作",
    "/GoToE": "内嵌文件",
    "/RichMedia": "多媒体",
}
_MOST_OBJECTS = 200_000
_DEEPEST = 40


def check_pdf(data: bytes, **caps: int) -> tuple[dict[str, str], bytes]:
    """Raises UploadError unless the file is a plain PDF within the caps (UploadLimits). In the limited process only."""
    limits = UploadLimits(**caps)
    if zipfile.is_zipfile(BytesIO(data)):
        raise UploadError(
            "文件内容混有压缩包，不是正常的 PDF，请重新打印或扫描成 PDF 后再上传。", code="polyglot"
        )
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise UploadError("文件有密码，请取消密码后再上传。", code="encrypted")
        pages = len(reader.pages)
        _walk(reader)
    except (UploadError, MemoryError):
        raise
    except Exception:  # whatever a parser stumbles over in a stranger's file, the file is damaged
        raise UploadError("PDF 已损坏或不完整，请重新打印或扫描成 PDF 后再上传。", code="corrupt") from None
    if pages == 0:
        raise UploadError("PDF 没有页面，请重新打印或扫描成 PDF 后再上传。", code="corrupt")
    if pages > limits.pages:
        raise UploadError(
            f"PDF 有 {pages} 页，超过 {limits.pages} 页的上限，请拆分后再上传。", code="too_many_pages"
        )
    return {}, b""


def _walk(reader: PdfReader) -> None:
    """Look at every dictionary reachable from the trailer and every object the cross-reference lists."""
    seen: set[tuple[int, int]] = set()
    pending: list[tuple[Any, int]] = [(reader.trailer, 0)]
    for generation, table in reader.xref.items():
        pending += [(IndirectObject(number, generation, reader), 0) for number in table if number]
    pending += [(IndirectObject(number, 0, reader), 0) for number in reader.xref_objStm]
    visited = 0
    while pending:
        value, depth = pending.pop()
        visited += 1
        if visited > _MOST_OBJECTS * 5 or len(seen) > _MOST_OBJECTS or depth > _DEEPEST:
            raise UploadError("PDF 的结构过于复杂，请重新打印成 PDF 后再上传。", code="too_complex")
        if isinstance(value, IndirectObject):
            key = (value.idnum, value.generation)
            if key in seen:
                continue
            seen.add(key)
            value = value.get_object()
            depth = 0
        if isinstance(value, DictionaryObject):
            _refuse_active(value)
            pending += [(child, depth + 1) for child in value.values() if _is_container(child)]
        elif isinstance(value, ArrayObject):
            pending += [(child, depth + 1) for child in value if _is_container(child)]


def _is_container(value: Any) -> bool:
    return isinstance(value, (IndirectObject, DictionaryObject, ArrayObject))


def _refuse_active(value: DictionaryObject) -> None:
    found = next((text for key, text in _ACTIVE_KEYS.items() if key in value), "")
    for key in ("/S", "/Type", "/Subtype"):
        name = value.raw_get(key) if key in value else None
        found = found or (_ACTIVE_NAMES.get(name, "") if isinstance(name, str) else "")
    if found:
        raise UploadError(
            f"PDF 含有{found}，不能上传。请用“打印为 PDF”重新生成一份后再上传。", code="active_content"
        )
