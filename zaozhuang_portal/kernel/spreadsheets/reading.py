"""Read .xlsx, .xls, .csv and pasted cells into plain rows. Hostile files are refused, never half-read."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from zaozhuang_portal.kernel.limited import OverLimit, Refused, open_limited
from zaozhuang_portal.kernel.spreadsheets.guard import CFB_MAGIC, ZIP_MAGIC, inspect_office_zip
from zaozhuang_portal.kernel.spreadsheets.refusals import Limits, SpreadsheetError
from zaozhuang_portal.kernel.spreadsheets.wrong_files import (
    ARCHIVE,
    ENCODED_TEXT,
    OTHER_OFFICE,
    kind_of_bytes,
    kind_of_compound,
    kind_of_text,
    kind_of_zip,
)

_EMPTY = "文件是空的（{}），里面没有内容。请检查选的是不是这个文件，在 Excel 中填好、保存为 .xlsx 后再上传。"
# The names of sheets that have none of their own.
PASTED, CSV = "粘贴", "CSV"
_MESSAGES = {
    "encrypted": "文件有密码，请取消密码后再上传。",
    "corrupt": "文件已损坏，或不是 Excel 表格，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。",
    "too_many_cells": "工作表的行或列过多，请只保留有内容的区域，或分批上传。",
    "too_slow": "文件过于复杂，读取超时，请把数据复制到新工作簿后再上传。",
}


@dataclass(slots=True)
class Sheet:
    """One sheet, starting at A1: `rows[0]` is Excel row 1. Blank cells are '' or None.

    Numbers stay numbers (an 18-digit code typed as a number stays recognizable), dates are date.
    """

    name: str
    rows: list[list[Any]] = field(default_factory=list)
    visible: bool = True


def read_workbook(source: bytes | Path, *, limits: Limits | None = None) -> list[Sheet]:
    """All worksheets of an .xlsx, .xls or .csv (UTF-8, GB 18030, UTF-16 with its mark) file, by content, whatever its name.

    Raises SpreadsheetError with one cause and its cure in Chinese: another kind of file, empty, too large, encrypted,
    macros, external links, damaged, too many cells. A workbook is parsed in its own process with memory and time limits.
    """
    limits = limits or Limits()
    data = source.read_bytes() if isinstance(source, Path) else source
    if not data:
        raise SpreadsheetError(_EMPTY.format("0 字节"), code="empty")
    if len(data) > limits.file_bytes:
        raise SpreadsheetError(
            f"文件不能超过 {limits.file_bytes // 1024 // 1024} MB，请删除图片和多余的工作表，或分批上传。",
            code="too_large",
        )
    if data.startswith(ZIP_MAGIC):
        other = kind_of_zip(data)
        if other is not None:
            raise other.refusal
        if "xl/workbook.xml" not in inspect_office_zip(data, limits=limits):
            raise ARCHIVE.refusal
        return _parse_isolated(data, limits)
    if data.startswith(CFB_MAGIC):
        if _wide("EncryptedPackage") in data:
            raise SpreadsheetError(_MESSAGES["encrypted"], code="encrypted")
        if _wide("_VBA_PROJECT") in data:
            raise SpreadsheetError("文件含有宏，请另存为不含宏的 .xlsx 后再上传。", code="macros")
        return _parse_compound(data, limits)
    return [_read_csv(data, limits)]


def read_pasted(text: str, *, limits: Limits | None = None) -> Sheet:
    """Cells pasted from a spreadsheet: tabs between columns, line breaks between rows.

    Raises SpreadsheetError when nothing was pasted or it exceeds the limits.
    """
    limits = limits or Limits()
    if len(text) > limits.file_bytes:
        raise SpreadsheetError("粘贴的内容过多，请改为上传文件。", code="too_large")
    rows = _split(text, "\t" if "\t" in text else ",", limits)
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise SpreadsheetError("没有粘贴到内容，请在 Excel 中选中含表头的区域，复制后粘贴。", code="empty")
    return Sheet(PASTED, rows)


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _parse_isolated(data: bytes, limits: Limits) -> list[Sheet]:
    caps = {"rows": limits.rows, "columns": limits.columns, "cells": limits.cells}
    try:
        answer = open_limited(
            "parse_workbook", data, caps, memory=limits.parse_memory, seconds=limits.parse_seconds
        )
    except OverLimit as over:
        code = "too_slow" if over.too_slow else "corrupt"
        raise SpreadsheetError(_MESSAGES[code], code=code) from None
    except Refused as refused:
        raise SpreadsheetError(_MESSAGES[refused.code], code=refused.code) from None
    read = json.loads(answer.content, object_hook=_decode)
    return [Sheet(sheet["name"], sheet["rows"], sheet["visible"]) for sheet in read["sheets"]]


def _parse_compound(data: bytes, limits: Limits) -> list[Sheet]:
    """An .xls; what cannot be read is named, a Word document by its own name."""
    try:
        return _parse_isolated(data, limits)
    except SpreadsheetError as refused:
        if refused.code != "corrupt":
            raise
        kind = kind_of_compound(data)
        if kind is OTHER_OFFICE:
            raise
        raise kind.refusal from refused


def _decode(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        if "d" in value:
            return date.fromisoformat(value["d"])
        if "t" in value:
            return datetime.fromisoformat(value["t"])
    return value


def _read_csv(data: bytes, limits: Limits) -> Sheet:
    text = _text_of(data)
    other = kind_of_text(text)
    if other is not None:
        raise other.refusal
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;", key=first.count)
    rows = _split(text, delimiter, limits)
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise SpreadsheetError(_EMPTY.format("只有空行"), code="empty")
    return Sheet(CSV, rows)


def _text_of(data: bytes) -> str:
    """UTF-16 only with its mark, as Excel writes “Unicode 文本”; everything else is judged by what decodes."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    other = None if wide else kind_of_bytes(data)
    if other is not None:
        raise other.refusal
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ENCODED_TEXT.refusal


def _split(text: str, delimiter: str, limits: Limits) -> list[list[Any]]:
    rows: list[list[Any]] = []
    cells = 0
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            cells += len(row)
            if len(rows) >= limits.rows or len(row) > limits.columns or cells > limits.cells:
                raise SpreadsheetError(_MESSAGES["too_many_cells"], code="too_many_cells")
            rows.append(row)
    except csv.Error:
        raise SpreadsheetError(
            f"第 {len(rows) + 1} 行读不出来，可能是引号不成对，请另存为 .xlsx 后再上传。", code="corrupt"
        ) from None
    return rows
