"""Many rows at once, behind one interface: COPY on PostgreSQL, bulk_create elsewhere. No domain words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models.expressions import RawSQL

_BATCH = 2000
# Below this COPY saves nothing over one INSERT.
_COPY_FROM = 200


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> list[Any]:
    """Insert `rows` (values in the order of `columns`, which are field attnames) and return their primary keys.

    Defaults of columns that are not named must come from the caller. Must run in a transaction.
    Raises what the database raises (IntegrityError); then nothing of the transaction stands.
    """
    if not rows:
        return []
    connection = connections[using]
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("insert_rows needs a transaction")
    if connection.vendor == "postgresql" and len(rows) >= _COPY_FROM:
        return _copy(model, columns, rows, using)
    objects = [model(**dict(zip(columns, row, strict=True))) for row in rows]
    model._default_manager.using(using).bulk_create(objects, batch_size=_BATCH)
    return [item.pk for item in objects]


def _copy(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], using: str
) -> list[Any]:
    connection = connections[using]
    quote = connection.ops.quote_name
    meta = model._meta
    attnames = {field.attname: field for field in meta.concrete_fields}
    key = meta.pk.attname
    names = [str(attnames[name].column) for name in columns]
    with connection.cursor() as cursor:
        if key in columns:
            position = list(columns).index(key)
            keys = [row[position] for row in rows]
        else:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [meta.db_table, meta.pk.column, len(rows)],
            )
            keys = [value for (value,) in cursor.fetchall()]
            names = [str(meta.pk.column), *names]
            rows = [(value, *row) for value, row in zip(keys, rows, strict=True)]
        listed = ", ".join(quote(name) for name in names)
        with cursor.copy(f"COPY {quote(meta.db_table)} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    return keys


def text_set(values: Iterable[str], *, using: str = DEFAULT_DB_ALIAS) -> RawSQL:
    """The right side of `column__in=` for any number of texts in one statement with one parameter."""
    listed = list(values)
    if connections[using].vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [listed])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(listed)])


def key_set(values: Iterable[int], *, using: str = DEFAULT_DB_ALIAS) -> RawSQL:
    """As text_set, for integer keys."""
    listed = list(values)
    if connections[using].vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [listed])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(listed)])
