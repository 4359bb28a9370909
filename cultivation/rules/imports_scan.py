"""Which rows of a sheet are data: blank, total, note, repeated-heading and example rows are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from cultivation.rules.imports_fields import EXAMPLE_MARK
from cultivation.rules.imports_headers import SheetLayout, normalize_heading
from zaozhuang_portal.kernel.parsing import cell_text

_TOTAL = re.compile(r"(?:合计|总计|小计|共计|累计|总合计|本页合计|本页小计)(?:[:：(（].*)?")
_NOTE = re.compile(
    r"(?:注|备注|说明|填表说明|填报说明|填报单位|填报人|填表人|审核人|制表人?|制表单位|填报日期|填表日期|单位负责人|负责人|"
    r"联系人|联系电话|报送单位|报送日期|签字|盖章|单位（盖章）)\s*(?:[:：].*|（.*|\d*[.、].*)"
)
_NUMBERING = frozenset("甲乙丙丁戊己庚辛")


class Skip(StrEnum):
    """Why a row is no data; the value is the word on the screen."""

    BLANK = "空行"
    TOTAL = "合计行"
    NOTE = "说明行"
    HEADING = "重复的表头"
    EXAMPLE = "示例行"
    NUMBERING = "栏次行"


def scan_rows(
    rows: Sequence[Sequence[object]], layout: SheetLayout, identity_keys: Sequence[str]
) -> Iterator[tuple[int, Skip | None]]:
    """(row index from 0, why it is skipped or None for data) for every row below the heading.

    A row with one of `identity_keys` filled in is data, whatever its first cell says.
    """
    used = [
        column.index for column in layout.columns if column.key and column.key not in ("ignored", "district")
    ]
    headings = {column.index: normalize_heading(column.heading) for column in layout.columns}
    keys = {column.key: column.index for column in layout.columns if column.key}
    identity = [keys[key] for key in identity_keys if key in keys]
    for index in range(layout.first_data_row, len(rows)):
        yield index, _why_skipped(rows[index], used, identity, headings, index == layout.first_data_row)


def _why_skipped(
    row: Sequence[object], used: list[int], identity: list[int], headings: dict[int, str], is_first: bool
) -> Skip | None:
    width = len(row)
    has_identity = any(i < width and row[i] not in ("", None) for i in identity)
    filled = 0
    for i in used:
        if i < width:
            cell = row[i]
            if cell is not None and cell != "" and (type(cell) is not str or not cell.isspace()):
                filled += 1
    first = ""
    for cell in row:
        if type(cell) is str:
            if cell and not cell.isspace():
                first = cell
                break
        elif cell is not None:
            first = cell_text(cell)
            break
    if not first:
        return Skip.BLANK
    if any(type(cell) is str and EXAMPLE_MARK in cell for cell in row):
        return Skip.EXAMPLE
    if not has_identity:
        return _why_no_data(row, first, filled, headings, is_first)
    if is_first and _is_numbering(row):
        return Skip.NUMBERING
    if _same_as_heading(row, headings):
        return Skip.HEADING
    return None


def _why_no_data(
    row: Sequence[object], first: str, filled: int, headings: dict[int, str], is_first: bool
) -> Skip | None:
    texts = [cell_text(cell).strip() for cell in row]
    compact = ["".join(text.split()) for text in texts if text]
    if any(_TOTAL.fullmatch(text) for text in compact[:3]):
        return Skip.TOTAL
    if any(_NOTE.fullmatch(text) for text in compact[:1]) and filled <= 3:
        return Skip.NOTE
    if is_first and _is_numbering(row):
        return Skip.NUMBERING
    if _same_as_heading(row, headings):
        return Skip.HEADING
    return None if filled else Skip.BLANK


def _same_as_heading(row: Sequence[object], headings: dict[int, str]) -> bool:
    """A heading repeated at a page break: at least two cells, all equal to their headings."""
    same = 0
    for index, cell in enumerate(row):
        if cell in ("", None):
            continue
        if type(cell) is not str or headings.get(index) != normalize_heading(cell):
            return False
        same += 1
    return same >= 2


def _is_numbering(row: Sequence[object]) -> bool:
    """「甲 乙 1 2 3」 or 「1 2 3 4」 under a heading."""
    texts = [cell_text(cell).strip() for cell in row]
    filled = [text for text in texts if text]
    numbers = [int(text) for text in filled if text.isdecimal() and len(text) <= 3]
    letters = [text for text in filled if text in _NUMBERING]
    return (
        len(filled) >= 3
        and len(numbers) + len(letters) == len(filled)
        and numbers == list(range(1, len(numbers) + 1))
    )
