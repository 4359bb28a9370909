"""A ledger as a kind of import and as the columns of its 数据版: both from the same `Column` declarations."""

from __future__ import annotations

from functools import cache

from cultivation.ledgers.base import Column, ColumnKind, Ledger
from cultivation.rules.imports_fields import RECORD_NUMBER, UNDERSTOOD, ImportField, KindSpec

YEAR = "year"
# Export columns that follow from the row itself; an import reads past them.
DISTRICT_HEADER = "区（市）"
TOWNSHIP_HEADER = "乡镇（街道）"
BACKFILLED_HEADER = "补录"
SOURCE_HEADER = "补录来源"

_NUMBER = ImportField(
    RECORD_NUMBER,
    "编号",
    "由系统给出，用来认出这一行；请不要改动，新增的行留空，与已有的同名而确是另一条的写“新增”",
    ("记录编号", "系统编号"),
    kind="number",
    width=16,
)
_YEAR = ImportField(YEAR, "年度", "2023 至 2027；不填为本年度", ("年份",), kind="year", example=2026, width=8)


def exchanged(ledger: Ledger) -> tuple[Column, ...]:
    """The columns that travel, in the order of the declaration."""
    return tuple(column for column in ledger.columns if column.in_exchange)


@cache
def spec_of(ledger: Ledger) -> KindSpec:
    """What the import pipeline needs to know of a ledger."""
    fields = [_NUMBER]
    if not ledger.year_key and YEAR not in ledger.by_key:
        fields.append(_YEAR)
    fields += [_field(column) for column in exchanged(ledger)]
    known = {field.header for field in fields}
    fields += [
        ImportField(f"_{header}", header, "由系统填写，导入时不读", read_only=True)
        for header in (TOWNSHIP_HEADER, "年度", BACKFILLED_HEADER, SOURCE_HEADER)
        if header not in known
    ]
    return KindSpec(
        ledger.slug,
        ledger.noun,
        ledger.unit,
        tuple(fields),
        identity=(RECORD_NUMBER,),
        understood=UNDERSTOOD,
    )


def _field(column: Column) -> ImportField:
    read_only = column.kind is ColumnKind.DERIVED or not column.in_form
    return ImportField(
        column.key,
        column.header,
        column.help,
        column.synonyms,
        kind=column.kind.value,
        required=column.required and not read_only,
        longest=column.limit,
        example=column.example,
        width=column.width,
        unit=column.unit,
        choices=column.choices,
        minimum=column.minimum,
        maximum=column.maximum,
        places=column.places,
        maskable=column.private or column.kind is ColumnKind.PHONE,
        read_only=read_only,
    )
