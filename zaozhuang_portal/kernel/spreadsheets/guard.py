"""Inspect an Office file (zip) before any parser sees it: sizes, ratio, DTD, macros, links, far cells.

A far cell matters: a 5 kB workbook with one cell at XFD1048576 makes the reader ask for 500 GB.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from zaozhuang_portal.kernel.spreadsheets.refusals import Limits, SpreadsheetError

ZIP_MAGIC = b"PK\x03\x04"
CFB_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1 << 20
_OVERLAP = 512
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]*)(\d+)[\"']")
_EXTERNAL_PART = re.compile(
    rb"<(?:\w+:)?Relationship\b(?=[^>]*TargetMode\s*=\s*[\"']External)(?![^>]*Type\s*=\s*[\"'][^\"']*/hyperlink[\"'])",
    re.IGNORECASE,
)
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_MACRO_PARTS = (
    "vbaproject.bin",
    "vbadata.xml",
    "xl/macrosheets/",
    "activex/",
    "macrosheets/",
    "dialogsheets/",
)


def inspect_office_zip(
    data: bytes, *, limits: Limits, kind: str = "文件", strict_objects: bool = False
) -> list[str]:
    """Check the container and return its member names. Raises SpreadsheetError on the first doubt.

    `strict_objects` also refuses embedded objects (for evidence uploads, which are handed on to others).
    Work is bounded by `limits.inflated_bytes` whatever the headers declare.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError, OverflowError):
        raise SpreadsheetError(f"{kind}已损坏或不完整，请重新保存后再上传。", code="corrupt") from None
    if len(members) > limits.members:
        raise SpreadsheetError(
            f"{kind}内部的部件过多，不像正常的办公文件，请另存为新文件后再上传。", code="bomb"
        )
    names = []
    for member in members:
        name = member.filename
        if member.flag_bits & 0x1:
            raise SpreadsheetError(f"{kind}有密码，请取消密码后再上传。", code="encrypted")
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or "\x00" in name:
            raise SpreadsheetError(f"{kind}内部的路径不正常，请另存为新文件后再上传。", code="corrupt")
        names.append(name)
    if len(set(map(str.lower, names))) != len(names):
        raise SpreadsheetError(f"{kind}内部有重名部件，请另存为新文件后再上传。", code="corrupt")
    if sum(member.file_size for member in members) > limits.inflated_bytes:
        raise SpreadsheetError(f"{kind}解压后过大，请删除多余的工作表、图片或空行后再上传。", code="bomb")
    _refuse_parts(names, kind, strict_objects)
    _inflate_all(archive, members, limits, kind)
    return names


def _refuse_parts(names: list[str], kind: str, strict_objects: bool) -> None:
    for name in names:
        lower = name.lower()
        if any(part in lower for part in _MACRO_PARTS):
            raise SpreadsheetError(
                f"{kind}含有宏，请另存为不含宏的 .xlsx（或 .docx）后再上传。", code="macros"
            )
        if "externallinks/" in lower:
            raise SpreadsheetError(
                f"{kind}引用了其他工作簿（外部链接），请在“数据—编辑链接”中断开链接，或只粘贴数值后再上传。",
                code="external_link",
            )
        if strict_objects and (
            "/embeddings/" in lower or lower.endswith((".exe", ".bin.exe", ".js", ".vbs"))
        ):
            raise SpreadsheetError(f"{kind}内嵌了其他对象，请删除内嵌对象后再上传。", code="embedded_object")


def _inflate_all(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], limits: Limits, kind: str) -> None:
    total = 0
    for member in members:
        size = 0
        is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
        is_sheet = _WORKSHEET.fullmatch(member.filename) is not None
        extent = _Extent()
        try:
            for window, fresh in _windows(archive, member):
                size += fresh
                if total + size > limits.inflated_bytes or size > max(
                    _CHUNK * 2, member.compress_size * limits.ratio
                ):
                    raise SpreadsheetError(
                        f"{kind}解压后异常膨胀，不像正常的办公文件，请另存为新文件后再上传。", code="bomb"
                    )
                if is_xml:
                    _scan_xml(window, member.filename, kind)
                if is_sheet:
                    extent.add(window)
        except (
            zipfile.BadZipFile,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
            ValueError,
            zlib.error,
        ):
            raise SpreadsheetError(f"{kind}已损坏或不完整，请重新保存后再上传。", code="corrupt") from None
        total += size
        if is_sheet:
            extent.check(limits, kind)


def _windows(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[tuple[bytes, int]]:
    """Pieces of the inflated member, each preceded by the tail of the last, with the count of new bytes."""
    tail = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            yield tail + chunk, len(chunk)
            tail = chunk[-_OVERLAP:]


def _scan_xml(window: bytes, name: str, kind: str) -> None:
    if window[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in window[:200]:
        raise SpreadsheetError(f"{kind}的内部编码不是 UTF-8，请另存为新文件后再上传。", code="corrupt")
    if _DTD.search(window):
        raise SpreadsheetError(f"{kind}含有不允许的实体定义（DTD），请另存为新文件后再上传。", code="dtd")
    if name.lower().endswith(".rels") and _EXTERNAL_PART.search(window):
        raise SpreadsheetError(
            f"{kind}引用了外部文件或模板，请断开链接、改为内嵌内容后再上传。", code="external_link"
        )


class _Extent:
    """The farthest row and column any cell of a sheet claims."""

    def __init__(self) -> None:
        self._columns: set[bytes] = set()
        self._row = 0

    def add(self, window: bytes) -> None:
        rows = set()
        for letters, digits in set(_REFERENCE.findall(window)):
            self._columns.add(letters.upper())
            rows.add(digits)
        if rows:
            longest = max(map(len, rows))
            self._row = max(self._row, int(max(row for row in rows if len(row) == longest)))

    def check(self, limits: Limits, kind: str) -> None:
        width = max((column_number(letters) for letters in self._columns), default=0)
        if self._row > limits.rows or width > limits.columns or self._row * width > limits.cells:
            raise SpreadsheetError(
                f"{kind}的工作表伸展到第 {min(self._row, 9_999_999)} 行、第 {min(width, 99_999)} 列，"
                f"超过 {limits.rows} 行、{limits.columns} 列（共 {limits.cells} 格）的上限。"
                "请把有内容的区域复制到新工作簿，或分批上传。",
                code="too_many_cells",
            )


def column_number(letters: bytes) -> int:
    """1 for A, 27 for AA; 0 for no letters. More than three letters is beyond any sheet."""
    if len(letters) > 3:
        return 1_000_000
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
