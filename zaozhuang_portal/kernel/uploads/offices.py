"""Word and Excel evidence: a sound container, well-formed parts, no macros, objects or outside links."""

from __future__ import annotations

import zipfile
from io import BytesIO
from xml.parsers import expat

from zaozhuang_portal.kernel.spreadsheets.guard import inspect_office_zip
from zaozhuang_portal.kernel.spreadsheets.refusals import Limits, SpreadsheetError
from zaozhuang_portal.kernel.uploads.refusals import UploadError, UploadLimits

_MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_LABEL = {"docx": "Word 文档", "xlsx": "Excel 工作簿"}


def check_office(data: bytes, *, extension: str, **caps_: int) -> tuple[dict[str, str], bytes]:
    """Raises UploadError unless `data` is a harmless .docx or .xlsx within UploadLimits. In the limited process only."""
    limits = UploadLimits(**caps_)
    label = _LABEL[extension]
    caps = Limits(file_bytes=limits.file_bytes, inflated_bytes=limits.inflated_bytes)
    try:
        names = inspect_office_zip(data, limits=caps, kind=label, strict_objects=True)
    except SpreadsheetError as refusal:
        raise UploadError(refusal.message, code=refusal.code) from None
    if _MAIN_PART[extension] not in names or "[Content_Types].xml" not in names:
        raise UploadError(f"文件内容不是{label}，请另存为 .{extension} 后再上传。", code="wrong_content")
    archive = zipfile.ZipFile(BytesIO(data))
    if b"macroenabled" in archive.read("[Content_Types].xml").lower():
        raise UploadError(f"{label}含有宏，请另存为不含宏的 .{extension} 后再上传。", code="macros")
    for name in names:
        if name.lower().endswith((".xml", ".rels")):
            _parse(archive, name, label)
    return {}, b""


def _parse(archive: zipfile.ZipFile, name: str, label: str) -> None:
    parser = expat.ParserCreate()
    try:
        with archive.open(name) as stream:
            parser.ParseFile(stream)
    except (expat.ExpatError, zipfile.BadZipFile, OSError, ValueError):
        raise UploadError(f"{label}已损坏或不完整，请重新保存后再上传。", code="corrupt") from None
