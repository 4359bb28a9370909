"""What a file is that is no spreadsheet, told from its bytes: said to the person with what is needed and how to mend it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO

from zaozhuang_portal.kernel.spreadsheets.refusals import SpreadsheetError

NEEDED = "这里需要 Excel 表格（.xlsx，也可以是 .xls、.csv）。"
_SAVE_AS = "请用 Excel 或 WPS 打开，“另存为”选 .xlsx，再上传。"
_FROM_PAGES = "请上传原来的 Excel 表格；没有的，请把内容录入 Excel，保存为 .xlsx 再上传。"
_FROM_WORD = "请选中文件里的表格，复制粘贴到 Excel 中，保存为 .xlsx 再上传。"
_FROM_ARCHIVE = "请先解压，再上传里面的表格。"


@dataclass(frozen=True)
class FileKind:
    """What the file is and what the person does about it."""

    name: str
    mend: str

    @property
    def refusal(self) -> SpreadsheetError:
        gap = " " if self.name[0].isascii() else ""
        return SpreadsheetError(
            f"这个文件是{gap}{self.name}，不能按表格读取。{NEEDED}{self.mend}", code="not_spreadsheet"
        )


PDF = FileKind("PDF 文件", _FROM_PAGES)
IMAGE = FileKind("图片", _FROM_PAGES)
WEB_PAGE = FileKind("网页（有的系统导出的 .xls 其实是网页）", _SAVE_AS)
XML = FileKind("XML 文件", _SAVE_AS)
RICH_TEXT = FileKind("写字板文档（.rtf）", _FROM_WORD)
WORD = FileKind("Word 文档（.docx）", _FROM_WORD)
OLD_WORD = FileKind("旧版 Word 文档（.doc）", _FROM_WORD)
SLIDES = FileKind("演示文稿", _FROM_WORD)
ARCHIVE = FileKind("压缩包", _FROM_ARCHIVE)
OLD_EXCEL = FileKind("旧格式的 Excel 表格（.xls），已损坏或版本太早", _SAVE_AS)
OTHER_OFFICE = FileKind("其他软件的办公文档", _SAVE_AS)
ENCODED_TEXT = FileKind("文本文件（.csv），但文字编码不是 UTF-8 或 GBK，读出来是乱码", _SAVE_AS)
UNKNOWN = FileKind("认不出的文件", _SAVE_AS)

# Parts that only files of this kind have.
_PARTS = (
    ("word/document.xml", WORD),
    ("ppt/presentation.xml", SLIDES),
    ("ofd.xml", FileKind("OFD 版式文件", _FROM_PAGES)),
    ("xl/workbook.bin", FileKind("二进制 Excel 工作簿（.xlsb）", _SAVE_AS)),
    ("index/document.iwa", FileKind("苹果 Numbers 表格", "请在 Numbers 中导出为 Excel（.xlsx），再上传。")),
    ("meta-inf/manifest.xml", FileKind("开放文档（.ods、.odt）", _SAVE_AS)),
)
_STARTS = (
    (b"%PDF", PDF),
    (b"{\\rtf", RICH_TEXT),
    (b"\xff\xd8\xff", IMAGE),
    (b"\x89PNG", IMAGE),
    (b"GIF8", IMAGE),
    (b"II*\x00", IMAGE),
    (b"MM\x00*", IMAGE),
    (b"Rar!", ARCHIVE),
    (b"7z\xbc\xaf", ARCHIVE),
    (b"\x1f\x8b", ARCHIVE),
    (b"PK", ARCHIVE),
    # The streams of Excel 2 to 4, before the container of later versions.
    (b"\x09\x00\x04\x00", OLD_EXCEL),
    (b"\x09\x02\x06\x00", OLD_EXCEL),
    (b"\x09\x04\x06\x00", OLD_EXCEL),
)
_STREAMS = (
    ("WordDocument", OLD_WORD),
    ("PowerPoint Document", SLIDES),
    ("Workbook", OLD_EXCEL),
    ("Book", OLD_EXCEL),
)


def kind_of_zip(data: bytes) -> FileKind | None:
    """The kind an Office-like container names itself by its parts; None for a workbook and for what is unknown."""
    try:
        names = {name.lower() for name in zipfile.ZipFile(BytesIO(data)).namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        return None
    if "xl/workbook.xml" in names:
        return None
    return next((kind for part, kind in _PARTS if part in names), None)


def kind_of_compound(data: bytes) -> FileKind:
    """An old Office file that could not be read as a workbook, by the streams it has."""
    return next((kind for name, kind in _STREAMS if name.encode("utf-16-le") in data), OTHER_OFFICE)


def kind_of_bytes(data: bytes) -> FileKind | None:
    """Anything but a container: by how it begins; None for text."""
    found = next((kind for start, kind in _STARTS if data.startswith(start)), None)
    if found is not None:
        return found
    if (
        data[4:8] == b"ftyp"
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or (data[:2] == b"BM" and (b"\x00" in data[:64]))
    ):
        return IMAGE
    return UNKNOWN if any(byte < 9 or 13 < byte < 27 for byte in data[:4096]) else None


def kind_of_text(text: str) -> FileKind | None:
    """A text that is no table: a page, a document, a drawing. None for rows and columns."""
    head = text.lstrip()[:2048].lower()
    if head.startswith("{\\rtf"):
        return RICH_TEXT
    if head.startswith("%pdf"):
        return PDF
    if not head.startswith("<"):
        return None
    return WEB_PAGE if "<html" in head or "<table" in head or "<!doctype html" in head else XML
