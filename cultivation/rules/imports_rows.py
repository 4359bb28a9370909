"""All rows of all sheets to typed rows or doubts. Pure: what the database holds comes in as a Reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cultivation.rules.imports_errors import CellDoubt
from cultivation.rules.imports_fields import DISTRICT, IGNORED, RECORD_NUMBER, ImportKind, KindSpec
from cultivation.rules.imports_headers import SheetLayout, find_layout
from cultivation.rules.imports_scan import Skip, scan_rows
from cultivation.rules.imports_values import MASKED, NEW, Reader, Reference, make_readers
from zaozhuang_portal.kernel.names import compact_name, normalize_name
from zaozhuang_portal.kernel.parsing import cell_text, clean_text, quote

Rows = Sequence[Sequence[Any]]
_DISTRICT_ENDINGS = ("高新技术产业开发区", "高新区", "区", "市")


@dataclass(slots=True)
class DraftRow:
    """One good row: `values` holds what was filled in (MASKED for a masked cell), `key` what identifies it.

    `doubtful_code`: the check digit of the credit code is wrong. `fresh`: the 编号 says 新增, it is none of those there.
    """

    sheet: str
    row: int
    values: dict[str, Any]
    key: Any
    doubtful_code: bool = False
    fresh: bool = False


@dataclass(slots=True)
class SheetCheck:
    """What became of one sheet: its layout, or None when no heading was found."""

    name: str
    layout: SheetLayout | None
    skipped: list[tuple[int, Skip]] = field(default_factory=list)
    data_rows: int = 0


@dataclass(slots=True)
class RowsCheck:
    """The outcome of reading: good rows, doubts, and per sheet what was passed over."""

    spec: KindSpec
    drafts: list[DraftRow] = field(default_factory=list)
    errors: list[CellDoubt] = field(default_factory=list)
    warnings: list[CellDoubt] = field(default_factory=list)
    sheets: list[SheetCheck] = field(default_factory=list)


def key_of(kind: ImportKind, values: Mapping[str, Any]) -> Any:
    """Enterprises by credit code, parks by name (within the organization), pilots by name and year."""
    if kind is ImportKind.ENTERPRISES:
        return values.get("credit_code")
    if kind is ImportKind.PARKS:
        return normalize_name(values["name"]) if "name" in values else None
    return (
        (normalize_name(values["name"]), values["pilot_year"])
        if {"name", "pilot_year"} <= values.keys()
        else None
    )


KEY_COLUMN: Mapping[ImportKind, str] = {
    ImportKind.ENTERPRISES: "credit_code",
    ImportKind.PARKS: "name",
    ImportKind.PILOTS: "name",
}


# Sheets of our own templates and exports that hold no rows of the register.
HELP_SHEETS = frozenset({"填写说明", "选项", "说明", "字典"})


# A sheet the person left out, in place of a column of that sheet.
LEFT_OUT = "LEFT_OUT"


def column_key(sheet: str, heading: str) -> str:
    """The key of a column in a mapping: each sheet has its own, whatever its headings are called."""
    return f"{sheet}\t{heading}"


def sheet_mapping(mapping: Mapping[str, str], sheet: str) -> dict[str, str]:
    """What was chosen for the columns of one sheet: heading → field key. Keys without a sheet count for all sheets."""
    head = column_key(sheet, "")
    own = {key.removeprefix(head): chosen for key, chosen in mapping.items() if key.startswith(head)}
    return {key: chosen for key, chosen in mapping.items() if "\t" not in key} | own


def find_tables(
    spec: KindSpec, sheets: Sequence[tuple[str, Rows]], mapping: Mapping[str, str] | None = None
) -> list[SheetCheck]:
    """The layout of each sheet; help sheets of our own files do not count, nor do those the person left out."""
    names = {name for name, _ in sheets}
    if names - HELP_SHEETS:
        sheets = [(name, rows) for name, rows in sheets if name not in HELP_SHEETS]
    tables = []
    for name, rows in sheets:
        if rows:
            chosen = sheet_mapping(mapping or {}, name)
            left_out = chosen.pop("", "") == LEFT_OUT
            tables.append(SheetCheck(name, None if left_out else find_layout(spec, rows, chosen)))
    return tables


def missing_columns(spec: KindSpec, layout: SheetLayout) -> list[str]:
    """Headings of required columns the table lacks; a table with our 编号 may bring only what it changes."""
    if RECORD_NUMBER in layout.keys:
        return []
    return [spec.by_key[key].header for key in spec.required if key not in layout.keys]


def check_rows(
    spec: KindSpec, sheets: Mapping[str, Rows], tables: Sequence[SheetCheck], reference: Reference
) -> RowsCheck:
    """Validate every data row of a kind of the register."""
    kind = ImportKind(spec.key)
    return read_rows(
        spec,
        sheets,
        tables,
        reference,
        readers=make_readers(spec.by_key, reference),
        key_of=lambda values: key_of(kind, values),
        key_column=KEY_COLUMN[kind],
    )


def read_rows(
    spec: KindSpec,
    sheets: Mapping[str, Rows],
    tables: Sequence[SheetCheck],
    reference: Reference,
    *,
    readers: Mapping[str, Reader],
    key_of: Callable[[Mapping[str, Any]], Any],
    key_column: str,
) -> RowsCheck:
    """Validate every data row of every sheet with a heading. Errors of one row are all reported at once.

    Two rows with the same key refuse each other, named at `key_column`; a key of None stands for no key. A row named
    by 编号 need not bring the required columns.
    """
    check = RowsCheck(spec)
    columns = spec.by_key
    seen: dict[Any, tuple[str, int]] = {}
    for table in tables:
        done = SheetCheck(table.name, table.layout)
        check.sheets.append(done)
        if table.layout is None:
            continue
        used = [
            (column.index, column.key, readers[column.key])
            for column in table.layout.columns
            if column.key in readers
        ]
        places = {
            column.key: column.index for column in table.layout.columns if column.key not in ("", IGNORED)
        }
        rows = sheets[table.name]
        for index, skip in scan_rows(rows, table.layout, spec.identity):
            if skip is not None:
                if skip is not Skip.BLANK:
                    done.skipped.append((index + 1, skip))
                continue
            done.data_rows += 1
            row = _Row(check, table.name, index + 1, rows[index], places)
            values = row.read(used)
            fresh = values.get(RECORD_NUMBER) is NEW
            if fresh:
                del values[RECORD_NUMBER]
            numbered = RECORD_NUMBER in values
            for key in spec.required:
                named = numbered or RECORD_NUMBER in row.failed
                if not named and key not in values and key not in row.failed:
                    header = columns[key].header
                    row.error(key, header, "", f"缺少{header}", "没有填写，请补全")
            if DISTRICT in places and not (numbered and reference.whole_city):
                row.check_district(reference)
            if row.failed:
                continue
            identity = (
                (RECORD_NUMBER, values[RECORD_NUMBER]) if numbered else None if fresh else key_of(values)
            )
            if identity is not None:
                first = seen.setdefault(identity, (table.name, index + 1))
                if first != (table.name, index + 1):
                    shown = RECORD_NUMBER if numbered else key_column
                    row.repeats(first, columns[shown].header, shown)
                    continue
            check.drafts.append(DraftRow(table.name, index + 1, values, identity, row.doubtful, fresh))
    return check


class _Row:
    """One row while it is read."""

    __slots__ = ("cells", "check", "doubtful", "failed", "number", "places", "sheet")

    def __init__(
        self, check: RowsCheck, sheet: str, number: int, cells: Sequence[Any], places: Mapping[str, int]
    ) -> None:
        self.check = check
        self.sheet = sheet
        self.number = number
        self.cells = cells
        self.places = places
        self.failed: set[str] = set()
        self.doubtful = False

    def read(self, used: Sequence[tuple[int, str, Any]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        doubtful: CellDoubt | None = None
        cells = self.cells
        width = len(cells)
        for index, key, reader in used:
            if index >= width:
                continue
            cell = cells[index]
            if cell is None or cell == "" or (type(cell) is str and cell.isspace()):
                continue
            value, cause, what = reader(cell)
            if what:
                header = self.check.spec.by_key[key].header
                if cause:
                    self.error(key, header, cell_text(cell), cause, what)
                    continue
                if key == "credit_code":
                    doubtful = self._doubt(key, header, cell_text(cell), f"{header}校验位不符", what)
                else:
                    warning = self._doubt(key, header, cell_text(cell), f"{header}须核对", what)
                    self.check.warnings.append(warning)
            if value is not None and value != "":
                values[key] = value
        self.doubtful = doubtful is not None
        if doubtful is not None and "credit_code_note" not in values:
            self.check.warnings.append(doubtful)
        return values

    def error(self, key: str, header: str, value: str, cause: str, what: str) -> None:
        self.failed.add(key)
        self.check.errors.append(self._doubt(key, header, value, cause, what))

    def _doubt(self, key: str, header: str, value: str, cause: str, what: str) -> CellDoubt:
        return CellDoubt(self.sheet, self.number, self.places.get(key, -1), header, value, cause, what)

    def repeats(self, first: tuple[str, int], header: str, key: str) -> None:
        sheet, number = first
        where = f"第 {number} 行" if sheet == self.sheet else f"工作表“{sheet}”第 {number} 行"
        index = self.places.get(key, -1)
        value = cell_text(self.cells[index]) if 0 <= index < len(self.cells) else ""
        self.error(key, header, value, f"{header}在文件内重复", f"{quote(value)}与{where}重复，请只保留一行")

    def check_district(self, reference: Reference) -> None:
        index = self.places[DISTRICT]
        text = clean_text(self.cells[index]) if index < len(self.cells) else ""
        named = _bare_district(text)
        if not named or named == _bare_district(reference.district_name):
            return
        others = {_bare_district(place.district_name) for place in reference.places}
        if named in others:
            what = f"{quote(text)}与本次导入的{reference.district_name}不一致，请分区（市）导入"
            self.error(DISTRICT, "区（市）", text, "不属于本次导入的区（市）", what)


def _bare_district(name: str) -> str:
    compact = compact_name(name).removeprefix("枣庄市")
    if "高新" in compact:
        return "高新"
    for ending in _DISTRICT_ENDINGS:
        if compact.endswith(ending) and len(compact) > len(ending) + 1:
            return compact.removesuffix(ending)
    return compact


def unmasked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without masked cells."""
    return {key: value for key, value in values.items() if value is not MASKED}
