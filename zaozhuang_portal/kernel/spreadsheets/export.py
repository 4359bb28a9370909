"""数据版: one heading row, no merges, streamed in constant memory from an iterator (ux P11, design §7).

Sheets: 数据, 说明 (filters, as-of, counts), 字典 (what each column holds). It imports again unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from rustpy_xlsxwriter import FastExcel, Format

from zaozhuang_portal.kernel.spreadsheets.cells import DATE_FORMAT, MAX_CELL_TEXT, TEXT_FORMAT, storable_text

DATA_SHEET = "数据"
NOTES_SHEET = "说明"
DICTIONARY_SHEET = "字典"


@dataclass(frozen=True)
class ExportColumn:
    """`kind` is text, integer, money, share or date; `meaning` goes to the dictionary sheet."""

    header: str
    kind: str = "text"
    meaning: str = ""
    width: float = 16


_FORMATS = {
    "text": TEXT_FORMAT,
    "integer": "0",
    "money": "#,##0.00",
    "share": "0.0%",
    "date": DATE_FORMAT,
}


def write_data_workbook(
    target: str | Path | BinaryIO,
    columns: Sequence[ExportColumn],
    rows: Iterable[Sequence[Any]],
    *,
    notes: Sequence[tuple[str, str]] = (),
    dictionary: Sequence[tuple[str, str]] = (),
) -> int:
    """Stream `rows` (one value per column) to `target`; returns how many data rows were written.

    Blank is an empty cell, zero is 0; every string is a text cell and never a formula. The row count is
    added to the notes. Raises ValueError when two headings are equal or a row has the wrong width.
    """
    headers = [column.header for column in columns]
    if len(set(headers)) != len(headers):
        raise ValueError("headings must be unique")
    counter = _Counter()
    data = _records(headers, rows, counter)
    first = next(data, None)
    empty = first is None
    records = iter([dict.fromkeys(headers, None)]) if first is None else _chain(first, data)
    meaning = [(column.header, column.meaning) for column in columns] + list(dictionary)

    def note_records() -> Iterator[dict[str, str]]:
        for name, text in notes:
            yield {"项目": storable_text(name), "内容": storable_text(text)}
        yield {"项目": "行数", "内容": str(0 if empty else counter.value)}

    (
        FastExcel(target if not isinstance(target, Path) else str(target), output_format="xlsx")
        .freeze(row=1, col=1, sheet=DATA_SHEET)
        .sheet(
            DATA_SHEET,
            records,
            column_widths=[column.width for column in columns],
            column_formats=[Format().set_num_format(_FORMATS[column.kind]) for column in columns],
            header_format=Format().set_bold().set_background_color("#E9EFF6"),
            autofilter=not empty,
        )
        .sheet(NOTES_SHEET, note_records(), column_widths=[18, 80])
        .sheet(
            DICTIONARY_SHEET,
            ({"列名": storable_text(name), "含义": storable_text(text)} for name, text in meaning),
            column_widths=[24, 80],
        )
        .save()
    )
    return 0 if empty else counter.value


class _Counter:
    def __init__(self) -> None:
        self.value = 0


def _chain(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest


def _records(
    headers: list[str], rows: Iterable[Sequence[Any]], counter: _Counter
) -> Iterator[dict[str, Any]]:
    width = len(headers)
    for row in rows:
        if len(row) != width:
            raise ValueError(f"row {counter.value + 1} has {len(row)} values, expected {width}")
        counter.value += 1
        yield dict(zip(headers, map(_plain, row), strict=False))


def _plain(value: Any) -> Any:
    if type(value) is str:
        # A printable text holds nothing a workbook cannot; only the others are searched.
        if value.isprintable() and len(value) <= MAX_CELL_TEXT:
            return value or None
        return storable_text(value)
    if value is None:
        return None
    if isinstance(value, str):
        return storable_text(value) or None
    if type(value) is date or type(value) is int:
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, (int, float, date)):
        return value
    return storable_text(str(value))
