"""A ledger as rows for its 数据版: streamed from a server-side cursor, private columns masked for those who do not keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet

from cultivation.ledgers.base import Column, ColumnKind, Ledger, find_ledger
from cultivation.ledgers.display import words_of
from cultivation.ledgers.exchange import (
    BACKFILLED_HEADER,
    DISTRICT_HEADER,
    SOURCE_HEADER,
    TOWNSHIP_HEADER,
    exchanged,
    spec_of,
)
from cultivation.rules.record_numbers import numberer
from cultivation.selectors.exports import mask_phone
from cultivation.selectors.ledger_lookups import name_column
from cultivation.selectors.ledgers import LedgerFilters, filtered_records, sort_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import MemberUnit, Organization
from zaozhuang_portal.kernel.spreadsheets.export import ExportColumn

CHUNK = 2000
_OUTPUT_KINDS = {ColumnKind.INTEGER: "integer", ColumnKind.DECIMAL: "money", ColumnKind.DATE: "date"}
_MASK = "***"

Shape = Callable[[Any], Any]


@dataclass(frozen=True)
class Slot:
    """One column of the export: its heading, what is read, and how the value is shown (None: as it stands).

    `source` is a lookup of the ORM; "" means the row itself, or a stand-in with the attributes of `sources`.
    """

    column: ExportColumn
    source: str
    shape: Shape | None = None
    sources: tuple[str, ...] = ()


def export_slots(ledger: Ledger, *, keeper: bool) -> list[Slot]:
    """编号, 区（市）, 乡镇（街道）, 年度, the ledger's columns, 补录 and its source. Statements: 1–2 for the names."""
    names = dict(Organization.objects.values_list("pk", "name"))
    columns = exchanged(ledger)
    taken = {column.header for column in columns}
    help_of = {field.header: field.help for field in spec_of(ledger).fields}
    slots = [
        Slot(ExportColumn("编号", meaning=help_of["编号"], width=18), "pk", numberer(ledger.slug)),
        Slot(
            ExportColumn(DISTRICT_HEADER, meaning="填报单位；导入时只核对", width=16),
            "organization_id",
            names.get,
        ),
    ]
    if TOWNSHIP_HEADER not in taken and "township" not in ledger.by_key:
        township = ExportColumn(TOWNSHIP_HEADER, meaning="由系统填写，导入时不读", width=16)
        slots.append(Slot(township, "township_id", names.get))
    if "year" not in ledger.by_key:
        slots.append(Slot(ExportColumn("年度", "integer", help_of.get("年度", ""), 8), "year_id"))
    units: dict[int, str] = {}
    if any(column.kind is ColumnKind.MEMBER_UNIT for column in columns):
        units = dict(MemberUnit.objects.values_list("pk", "name"))
    slots += [_slot(column, names, units, keeper) for column in columns]
    slots.append(
        Slot(
            ExportColumn(BACKFILLED_HEADER, meaning="历史补录的记录；导入时不读", width=8),
            "backfilled",
            lambda value: "是" if value else None,
        )
    )
    slots.append(
        Slot(ExportColumn(SOURCE_HEADER, meaning="补录来源；导入时不读", width=24), "source_document")
    )
    return slots


def _slot(column: Column, names: dict[int, str], units: dict[int, str], keeper: bool) -> Slot:
    source, shape = _read(column, names, units)
    sources = column.value_from if source == "" else ()
    kind = _OUTPUT_KINDS.get(column.kind, "text")
    if column.private and not keeper:
        shape, kind = _masked(column, shape), "text"
    meaning = "；".join(part for part in (column.help, f"单位：{column.unit}" if column.unit else "") if part)
    return Slot(ExportColumn(column.header, kind, meaning, column.width), source, shape, sources)


def _read(column: Column, names: dict[int, str], units: dict[int, str]) -> tuple[str, Shape | None]:
    """Where a column's value is read and how it is turned into a cell."""
    key, kind = column.key, column.kind
    if kind is ColumnKind.DERIVED or column.value_of is not None:
        value_of = column.value_of
        return "", lambda record: _derived(value_of(record)) if value_of else None
    if kind is ColumnKind.SUBJECT:
        return f"{key}__name", None
    if kind is ColumnKind.MEMBER_UNIT:
        return f"{key}_id", units.get
    if kind is ColumnKind.USER:
        return f"{key}__full_name", None
    if kind in (ColumnKind.TOWNSHIP, ColumnKind.ORGANIZATION):
        return f"{key}_id", names.get
    if kind is ColumnKind.RECORD:
        other = find_ledger(column.ledger)
        name = name_column(other.model) if other else ""
        return (f"{key}__{name}", None) if name else ("", lambda record: _derived(getattr(record, key)))
    if kind is ColumnKind.CHOICE:
        return key, dict(column.choices).get
    if kind is ColumnKind.BOOLEAN:
        return key, {True: "是", False: "否"}.get
    if kind in (ColumnKind.CHOICES, ColumnKind.MONTH):
        return key, lambda value: words_of(column, value)
    return key, None


def _derived(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | date | str) else str(value)


def _masked(column: Column, shape: Shape | None) -> Shape:
    def mask(value: Any) -> str | None:
        shown = shape(value) if shape else value
        if shown is None or shown == "":
            return None
        if column.kind is ColumnKind.PHONE:
            return mask_phone(str(shown))
        text = str(shown)
        return f"{text[0]}**" if column.kind is ColumnKind.TEXT and len(text) <= 4 else _MASK

    return mask


def export_rows(
    actor: Actor, ledger: Ledger, filters: LedgerFilters, slots: Sequence[Slot]
) -> Iterator[list[Any]]:
    """One list of values per row the list shows, in its order. Constant memory; statements: 1."""
    order = [f"-{key.column}" if key.descending else key.column for key in sort_of(ledger, filters)]
    rows = filtered_records(actor, ledger, filters).order_by(*order)
    if any(slot.source == "" and not slot.sources for slot in slots):
        yield from _from_instances(ledger, rows, slots)
    else:
        yield from _from_values(rows, slots)


def _from_values(rows: QuerySet[Any], slots: Sequence[Slot]) -> Iterator[list[Any]]:
    """Plain values: no instance is made of a row. What a derived column reads stands behind the others."""
    extra = list(dict.fromkeys(name for slot in slots for name in slot.sources))
    sources = [slot.source or "pk" for slot in slots]
    shapes = [(place, slot.shape) for place, slot in enumerate(slots) if slot.shape and slot.source]
    derived = [
        (place, slot.shape, [(name, len(slots) + extra.index(name)) for name in slot.sources])
        for place, slot in enumerate(slots)
        if slot.shape and not slot.source
    ]
    width = len(slots)
    for row in rows.values_list(*sources, *extra).iterator(chunk_size=CHUNK):
        values = list(row[:width])
        for place, shape in shapes:
            value = values[place]
            if value is not None:
                values[place] = shape(value)
        for place, shape, attributes in derived:
            values[place] = shape(SimpleNamespace(**{name: row[at] for name, at in attributes}))
        yield values


def _from_instances(ledger: Ledger, rows: QuerySet[Any], slots: Sequence[Slot]) -> Iterator[list[Any]]:
    """As export_rows, for ledgers with a column that is worked out from the row itself."""
    joined = {slot.source.partition("__")[0] for slot in slots if "__" in slot.source}
    rows = rows.select_related(*dict.fromkeys((*ledger.select_related, *sorted(joined))))
    readers = [_reader(slot) for slot in slots]
    for record in rows.iterator(chunk_size=CHUNK):
        yield [read(record) for read in readers]


def _reader(slot: Slot) -> Shape:
    if slot.source == "":
        assert slot.shape is not None  # noqa: S101 - a slot without a source is all shape
        return slot.shape
    first, _, rest = slot.source.partition("__")
    shape = slot.shape

    def read(record: Any) -> Any:
        value = getattr(record, first)
        if rest and value is not None:
            value = getattr(value, rest)
        return value if shape is None or value is None else shape(value)

    return read
