"""The tables as they stood at an instant: every statement inside reads what was known then, none needs to know.

Copies are laid over the tables that changed since (rules.row_versions); nothing is written to a real table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from zaozhuang_portal.accounts.kept_tables import kept_tables
from zaozhuang_portal.accounts.models import RowVersion
from zaozhuang_portal.accounts.rules import row_versions as sql


@dataclass(frozen=True)
class PastTables:
    """`unknown`: tables with rows whose state of then was never kept; they show the present one."""

    unknown: frozenset[str]


@contextmanager
def tables_as_of(until: datetime, *, present: Collection[str] = ()) -> Iterator[PastTables]:
    """Inside, kept tables read as they stood just before `until` (aware); those of `present` stay as they are.

    Holds a transaction. Not for a request that writes: what is written inside goes to the copies and is gone afterwards.
    Statements: 4, and 7 for each table that changed since, however many rows did.
    """
    vendor = connection.vendor
    instant = connection.ops.adapt_datetimefield_value(until)
    tables = {table: kept for table, kept in kept_tables().items() if table not in present}
    probe = sql.probe_statement(vendor, list(tables.values()))
    with transaction.atomic(), connection.cursor() as cursor:
        changed = set(
            RowVersion.objects.filter(until__gte=until)
            .order_by()
            .values_list("table_name", flat=True)
            .distinct()
        )
        cursor.execute(probe, [instant] * probe.count("%s"))
        found = cursor.fetchall()
        unknown = frozenset(table for table, _, lost in found if lost)
        laid = [table for table, entered, _ in found if entered or table in changed]
        for table in laid:
            kept = tables[table]
            for statement in sql.copy_statements(vendor, table):
                cursor.execute(statement)
            cursor.execute(sql.columns_statement(table))
            columns = [column[0] for column in cursor.description or ()]
            for statement in sql.rewind_statements(vendor, kept, columns):
                cursor.execute(statement, [instant] * statement.count("%s"))
        yield PastTables(unknown)
        for table in laid:
            cursor.execute(sql.drop_copy_statement(vendor, table))
