"""The authoring workbook: sheets of cells → a definition, and back (docs/indicator-sets.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, cast

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_sets import parse_indicator_set
from evaluation.rules.problems import IndicatorSetError, Problems
from evaluation.rules.workbook_form import (
    COVER,
    COVER_LISTS,
    COVER_ROWS,
    FORM_OF_KEY,
    PROVENANCE,
    WORDS,
    SheetForm,
)

Raw = dict[str, object]
Line = tuple[str, Raw]  # where it stands, what it says
LIST_SEPARATORS = re.compile("[、，,；;]")
BAND_SEPARATORS = re.compile("[=＝:：→]")


class SheetLike(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def rows(self) -> Sequence[Sequence[object]]: ...


def read_indicator_workbook(sheets: Sequence[SheetLike]) -> IndicatorSetDefinition:
    """The definition in a workbook. Raises IndicatorSetError; its problems name the sheet and row.

    Numbers that Excel keeps as binary floats count as their shortest decimal: what the cell shows was typed.
    """
    reader = _WorkbookReader({sheet.name.strip(): sheet.rows for sheet in sheets})
    raw = reader.read()
    if len(reader.problems):
        raise IndicatorSetError(reader.problems.as_tuple())
    return parse_indicator_set(raw, numbers_as_text=True, locate=reader.locate)


class _WorkbookReader:
    def __init__(self, sheets: Mapping[str, Sequence[Sequence[object]]]) -> None:
        self.sheets = sheets
        self.problems = Problems()
        self.places: dict[str, str] = {}

    def read(self) -> Raw:
        raw = self._cover()
        raw["dimensions"] = self._dimensions()
        for key in ("vetoes", "deductions", "surveys"):
            lines = self._lines(FORM_OF_KEY[key])
            self._place(key, lines)
            raw[key] = [line for _, line in lines]
        sources = self._lines(FORM_OF_KEY["sources"])
        if sources:
            raw["sources"] = {str(line.pop("code", "")): line for _, line in sources}
        return raw

    def locate(self, path: str) -> str:
        """The sheet and row of the nearest line that encloses `path`."""
        while path:
            if path in self.places:
                return self.places[path]
            path = re.sub(r"(\[\d+\]|\.?[^.\[\]]+)$", "", path)
        return ""

    def _cover(self) -> Raw:
        meta: Raw = {}
        thresholds: Raw = {}
        notes: Raw = {}
        for number, row in enumerate(self._rows(COVER, required=True), start=1):
            label = _text(row, 0)
            if not label or label == "项目":
                continue
            place = f"工作表“{COVER}”第 {number} 行："
            if label not in COVER_ROWS:
                self.problems.add(
                    "UNKNOWN_ROW", COVER, f"{place}不认识“{label[:20]}”。可用：{'、'.join(COVER_ROWS)}。"
                )
                continue
            section, key = COVER_ROWS[label]
            self.places[f"{section}.{key}"] = place
            value = _value(row[1] if len(row) > 1 else None, key, key in COVER_LISTS)
            if value is not None:
                (meta if section == "meta" else thresholds)[key] = value
            note = {
                name: found
                for column, name in enumerate(PROVENANCE.values(), start=2)
                if (found := _value(row[column] if len(row) > column else None, name, name == "source"))
                is not None
            }
            if note and section == "thresholds":
                notes[key] = note
        if notes:
            thresholds["notes"] = notes
        return {"meta": meta, "thresholds": thresholds}

    def _dimensions(self) -> list[Raw]:
        dimensions = self._lines(FORM_OF_KEY["dimensions"])
        self._place("dimensions", dimensions)
        paths = {
            str(line.get("code", "")): (f"dimensions[{index}]", line)
            for index, (_, line) in enumerate(dimensions)
        }
        for _, line in dimensions:
            line["indicators"] = []
        items = self._attach(
            FORM_OF_KEY["indicators"], "dimension", "indicators", "评价项目", dict(reversed(paths.items()))
        )
        for _, line in items.values():
            line["rule"] = []
        self._attach(FORM_OF_KEY["rule"], "indicator", "rule", "指标", items)
        return [line for _, line in dimensions]

    def _attach(
        self, form: SheetForm, key: str, into: str, heading: str, parents: Mapping[str, tuple[str, Raw]]
    ) -> dict[str, tuple[str, Raw]]:
        """Hang each line of a sheet under the parent its column names; the lines by code with their paths."""
        found: dict[str, tuple[str, Raw]] = {}
        for place, line in self._lines(form):
            code = str(line.pop(key, ""))
            if code not in parents:
                words = f"“{code}”不在表中" if code else "是空白"
                self.problems.add("UNKNOWN_PARENT", form.name, f"{place}{heading}{words}。请填写已有的编号。")
                continue
            path, parent = parents[code]
            siblings = cast(list[Raw], parent[into])
            path = f"{path}.{into}[{len(siblings)}]"
            self.places[path] = place
            siblings.append(line)
            found.setdefault(str(line.get("code", "")), (path, line))
        return found

    def _place(self, key: str, lines: Sequence[Line]) -> None:
        self.places |= {f"{key}[{index}]": place for index, (place, _) in enumerate(lines)}

    def _rows(self, name: str, *, required: bool) -> Sequence[Sequence[object]]:
        if name not in self.sheets and required:
            self.problems.add(
                "MISSING_SHEET", name, f"缺少工作表“{name}”。请用导出的样表填写，不要改工作表名称。"
            )
        return self.sheets.get(name, ())

    def _lines(self, form: SheetForm) -> list[Line]:
        """The filled rows under the heading row, blank cells left out."""
        rows = self._rows(form.name, required=form.required)
        header = next(
            (n for n, row in enumerate(rows) if sum(_heading(cell) in form.columns for cell in row) >= 2),
            None,
        )
        if header is None:
            if rows:
                words = f"工作表“{form.name}”没有表头。表头应含：{'、'.join(form.columns)}。"
                self.problems.add("MISSING_HEADING", form.name, words)
            return []
        keys: list[str] = []
        for cell in rows[header]:
            heading = _heading(cell)
            keys.append(form.columns.get(heading, ""))
            if heading and heading not in form.columns:
                words = f"工作表“{form.name}”第 {header + 1} 行：不认识表头“{heading[:20]}”。可用：{'、'.join(form.columns)}。"
                self.problems.add("UNKNOWN_HEADING", form.name, words)
        lines: list[Line] = []
        for number, row in enumerate(rows[header + 1 :], start=header + 2):
            line: Raw = {}
            for key, cell in zip(keys, row, strict=False):
                value = _value(cell, key, key in form.lists) if key else None
                if value is not None:
                    line[key] = value
            if line:
                lines.append((f"工作表“{form.name}”第 {number} 行，", line))
        return lines


def _text(row: Sequence[object], column: int) -> str:
    return str(row[column] or "").strip() if len(row) > column else ""


def _heading(cell: object) -> str:
    return (
        re.sub(r"\s+", "", str(cell or ""))
        .replace("(", "（")
        .replace(")", "）")
        .replace("不足1个", "不足 1 个")
    )


def _value(cell: object, key: str, is_list: bool) -> object:
    """A cell as the file would hold it; None when blank. A line break in a list cell: one value per line."""
    by_lines = isinstance(cell, str) and "\n" in cell
    if isinstance(cell, float):
        cell = int(cell) if cell.is_integer() else Decimal(repr(cell))
    elif isinstance(cell, date):
        cell = cell.isoformat()[:10]
    elif isinstance(cell, str):
        cell = cell.strip()
    if cell is None or cell == "":
        return None
    if not isinstance(cell, str):
        return [cell] if is_list else cell
    words = WORDS.get(key, {})
    if not is_list:
        return words.get(cell, cell)
    pieces = cell.splitlines() if by_lines else LIST_SEPARATORS.split(cell)
    found = [words.get(piece.strip(), piece.strip()) for piece in pieces if piece.strip()]
    if key == "bands":
        return [[half.strip() for half in BAND_SEPARATORS.split(piece)] for piece in found]
    return found
