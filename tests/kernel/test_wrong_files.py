"""A file of another kind is named, with what is needed and how to mend it; a text in a known encoding is read."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from tests.kernel import hostile
from zaozhuang_portal.kernel.spreadsheets import SpreadsheetError, read_workbook

CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TABLE = "企业名称,职工人数\n滕州机械,312\n"


def container(*parts: str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for part in parts:
            target.writestr(part, "<x/>")
    return stream.getvalue()


def compound(stream: str) -> bytes:
    return CFB + b"\0" * 1000 + stream.encode("utf-16-le") + b"\0" * 3000


WRONG = {
    "pdf": (hostile.pdf(), "PDF 文件", "上传原来的 Excel 表格"),
    "docx": (hostile.docx(), "Word 文档（.docx）", "复制粘贴到 Excel"),
    "doc": (compound("WordDocument"), "旧版 Word 文档（.doc）", "复制粘贴到 Excel"),
    "pptx": (container("ppt/presentation.xml"), "演示文稿", "复制粘贴到 Excel"),
    "old xls": (compound("Workbook"), "旧格式的 Excel 表格（.xls）", "“另存为”选 .xlsx"),
    "xls of 1995": (compound("Book"), "旧格式的 Excel 表格（.xls）", "“另存为”选 .xlsx"),
    "xls of 1992": (b"\x09\x04\x06\x00" + b"\0" * 60, "旧格式的 Excel 表格（.xls）", "“另存为”选 .xlsx"),
    "xlsb": (container("xl/workbook.bin"), "二进制 Excel 工作簿（.xlsb）", "“另存为”选 .xlsx"),
    "ods": (container("content.xml", "META-INF/manifest.xml"), "开放文档", "“另存为”选 .xlsx"),
    "ofd": (container("OFD.xml"), "OFD 版式文件", "上传原来的 Excel 表格"),
    "numbers": (container("Index/Document.iwa"), "苹果 Numbers 表格", "导出为 Excel"),
    "zip": (container("名册.xlsx"), "压缩包", "先解压"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "压缩包", "先解压"),
    "jpg": (hostile.image(), "图片", "上传原来的 Excel 表格"),
    "png": (hostile.image("PNG"), "图片", "上传原来的 Excel 表格"),
    "heic": (b"\0\0\0\x18ftypheic" + b"\0" * 40, "图片", "上传原来的 Excel 表格"),
    "web page": (b"<html><table><tr><td>1</td></tr></table></html>", "网页", "“另存为”选 .xlsx"),
    "xml": (b"<?xml version='1.0'?><Workbook/>", "XML 文件", "“另存为”选 .xlsx"),
    "rtf": (b"{\\rtf1 x}", "写字板文档", "复制粘贴到 Excel"),
    "csv in no known encoding": (b"name,\xff\xff\n1,2\n", "文字编码不是 UTF-8 或 GBK", "“另存为”选 .xlsx"),
    "unknown": (b"\x00\x01\x02\x03", "认不出的文件", "“另存为”选 .xlsx"),
}


@pytest.mark.parametrize(("data", "name", "mend"), WRONG.values(), ids=WRONG)
def test_it_says_what_the_file_is_what_is_needed_and_how_to_mend_it(
    data: bytes, name: str, mend: str
) -> None:
    with pytest.raises(SpreadsheetError) as refused:
        read_workbook(data)
    message = refused.value.message
    assert refused.value.code == "not_spreadsheet"
    assert message.startswith("这个文件是") and name in message
    assert "这里需要 Excel 表格（.xlsx，也可以是 .xls、.csv）" in message and mend in message


@pytest.mark.parametrize(("data", "how"), [(b"", "0 字节"), (b"  \n , \n", "只有空行")])
def test_an_empty_file_is_said(data: bytes, how: str) -> None:
    with pytest.raises(SpreadsheetError, match=f"文件是空的（{how}）.*保存为 .xlsx") as refused:
        read_workbook(data)
    assert refused.value.code == "empty"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_the_encodings_of_excel_and_wps_are_read(encoding: str) -> None:
    [sheet] = read_workbook(TABLE.encode(encoding))
    assert sheet.rows == [["企业名称", "职工人数"], ["滕州机械", "312"]]
