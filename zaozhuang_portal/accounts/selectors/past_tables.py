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
    """
    vendor = connection.vendor
    instant = connection.ops.adapt_datetimefield_value(until)
    changed = set(
        RowVersion.objects.filter(until__gte=until).order_by().values_list("table_name", flat=True).distinct()
    )
    unknown: set[str] = set()
    with transaction.atomic(), connection.cursor() as cursor:

        def ask(statement: str) -> bool:
            cursor.execute(statement, [instant] * statement.count("%s"))
            row = cursor.fetchone()
            return bool(row and row[0])

        laid = []
        for table, kept in kept_tables().items():
            if table in present:
                continue
            if ask(sql.unknown_statement(vendor, kept)):
                unknown.add(table)
            if table not in changed and not ask(sql.later_statement(vendor, kept)):
                continue
            for statement in sql.copy_statements(vendor, table):
                cursor.execute(statement)
            laid.append(table)
            cursor.execute(sql.columns_statement(table))
            columns = [column[0] for column in cursor.description or ()]
            for statement in sql.rewind_statements(vendor, kept, columns):
                cursor.execute(statement, [instant] * statement.count("%s"))
        yield PastTables(frozenset(unknown))
        for table in laid:
            cursor.execute(sql.drop_copy_statement(vendor, table))
