"""The tables whose former states are kept, and their triggers, which every migration of tables ends by putting in place.

A table that SQLite makes anew (any change of a column) loses its trigger; so they are not made by a migration of their
own, but looked over after each run of `migrate`: what is there already stays.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, models

from zaozhuang_portal.accounts.rules import row_versions as sql
from zaozhuang_portal.accounts.rules.row_versions import KeptTable

_KEPT: dict[str, KeptTable] = {}


def keep_versions(model: type[models.Model], **how: Any) -> None:
    """Called in AppConfig.ready(): keep the former states of this model's rows (`how`: the fields of KeptTable)."""
    _KEPT[model._meta.db_table] = KeptTable(model._meta.db_table, **how)


def kept_tables() -> dict[str, KeptTable]:
    return dict(_KEPT)


def columns_of(connection: Any, table: str) -> list[str]:
    """The columns of a table as it is in the database now."""
    with connection.cursor() as cursor:
        return [row.name for row in connection.introspection.get_table_description(cursor, table)]


def _present(connection: Any) -> dict[str, str]:
    """Triggers of ours in the database: name → table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        return {name: table.strip('"') for name, table in cursor.fetchall() if name.startswith(sql.PREFIX)}


def install_triggers(using: str = "default", **kwargs: Any) -> None:
    """Every kept table has its trigger and no other of ours. Safe to run again; receiver of post_migrate."""
    connection = connections[using]
    there = set(connection.introspection.table_names())
    present = _present(connection)
    wanted: dict[str, list[str]] = {}
    if sql.VERSIONS in there:
        for table, kept in _KEPT.items():
            columns = columns_of(connection, table) if table in there else []
            if {kept.birth, kept.moment, *kept.watched} <= set(columns):
                name, statements = sql.trigger_statements(connection.vendor, kept, columns)
                wanted[name] = statements
    gone = [
        statement
        for name, table in present.items()
        if name not in wanted
        for statement in sql.drop_statements(connection.vendor, name, table)
    ]
    new = [text for name, statements in wanted.items() if name not in present for text in statements]
    with connection.cursor() as cursor:
        for statement in [*gone, *new]:
            cursor.execute(statement)
