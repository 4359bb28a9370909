"""The value of a column in words: for lists, record pages, paper, the audit log and exports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from cultivation.ledgers.base import Column, ColumnKind, Ledger

FOREIGN = frozenset(
    {
        ColumnKind.SUBJECT,
        ColumnKind.ORGANIZATION,
        ColumnKind.TOWNSHIP,
        ColumnKind.MEMBER_UNIT,
        ColumnKind.USER,
        ColumnKind.RECORD,
    }
)


def value_in(column: Column, record: Any) -> Any:
    """The column's value of a row; a foreign key gives the instance."""
    return column.value_of(record) if column.value_of else getattr(record, column.key)


def words_of(column: Column, value: Any) -> str:
    """A value as a person reads it; "" for nothing, 否 for False."""
    if value is None or value == "":
        return ""
    if column.kind is ColumnKind.CHOICE:
        return dict(column.choices).get(value, str(value))
    if column.kind is ColumnKind.CHOICES:
        labels = dict(column.choices)
        return "、".join(labels.get(item, str(item)) for item in value)
    if column.kind is ColumnKind.MONTH and isinstance(value, date):
        return f"{value.year}年{value.month:02d}月"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def cell(column: Column, record: Any) -> str:
    return words_of(column, value_in(column, record))


def with_unit(column: Column, words: str) -> str:
    return f"{words} {column.unit}" if words and column.unit else words


def related_names(ledger: Ledger, columns: tuple[Column, ...] | None = None) -> tuple[str, ...]:
    """What one statement joins so that the given columns (default: the list's) show names."""
    chosen = ledger.list_columns if columns is None else columns
    names = [column.key for column in chosen if column.kind in FOREIGN]
    return tuple(dict.fromkeys((*names, *ledger.select_related)))
