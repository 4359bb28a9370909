"""SQL of the former states: triggers that keep them, and temporary tables that show the tables as they stood.

A temporary table hides the table of the same name in every statement of its connection, on both databases; what is
created, filled and dropped here is always named with its schema, so that the real table is never meant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

VERSIONS = "accounts_rowversion"
PREFIX = "keep_"


@dataclass(frozen=True)
class KeptTable:
    """How one table tells its time. All columns are names of the table.

    `birth`: when the row was entered. `moment`: when it was changed last, which every write sets; a write that leaves it
    is taken as part of the change before. `late`: the flag of rows that count though entered later (补录); a flag of the
    `owner` (table, column that points to it) where there is one.
    `named_by`, (table, column), holds rows that may name it and have the flag.
    `tombstone`: what to set in rows entered later, where other rows point to them; without it they are left out.
    `watched`: keep only these columns, and only when one of them changes; empty: all.
    """

    table: str
    birth: str = "created_at"
    moment: str = "updated_at"
    late: str = ""
    owner: tuple[str, str] = ("", "")
    named_by: tuple[str, str] = ("", "")
    tombstone: str = ""
    watched: tuple[str, ...] = ()


def _quoted(name: str) -> str:
    return f'"{name}"'


def _late(kept: KeptTable) -> str:
    """The condition of rows that count though entered later."""
    own, flag = _quoted(kept.table), _quoted(kept.late)
    table, key = kept.owner
    if table:
        return f"EXISTS (SELECT 1 FROM {_quoted(table)} AS o WHERE o.id = {own}.{_quoted(key)} AND o.{flag})"
    found = f"{own}.{flag}" if kept.late else "1 = 0"
    table, key = kept.named_by
    if table:
        found += (
            f" OR EXISTS (SELECT 1 FROM {_quoted(table)} AS n WHERE n.{_quoted(key)} = {own}.id AND n.{flag})"
        )
    return f"({found})"


def _kept(kept: KeptTable, columns: Sequence[str]) -> list[str]:
    """The columns a version holds."""
    wanted = {"id", kept.birth, kept.moment, *kept.watched}
    return [name for name in columns if not kept.watched or name in wanted]


def trigger_statements(vendor: str, kept: KeptTable, columns: Sequence[str]) -> tuple[str, list[str]]:
    """(name, statements that create it) of the table's trigger. The name changes with what it does."""
    body = _body(vendor, kept, columns)
    name = PREFIX + hashlib.sha256(f"{kept.table} {body}".encode()).hexdigest()[:16]
    table = _quoted(kept.table)
    if vendor == "sqlite":
        return name, [f"CREATE TRIGGER {name} AFTER UPDATE ON {table} BEGIN {body}; END"]
    return name, [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {body}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def drop_statements(vendor: str, name: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}"]
    return [f"DROP TRIGGER IF EXISTS {name} ON {_quoted(table)}", f"DROP FUNCTION IF EXISTS {name}()"]


def _body(vendor: str, kept: KeptTable, columns: Sequence[str]) -> str:
    sqlite = vendor == "sqlite"
    differ = "IS NOT" if sqlite else "IS DISTINCT FROM"
    compared = [name for name in columns if not kept.watched or name in kept.watched]
    changed = " OR ".join(f"OLD.{_quoted(name)} {differ} NEW.{_quoted(name)}" for name in compared)
    pairs = ", ".join(f"'{name}', OLD.{_quoted(name)}" for name in _kept(kept, columns))
    content = f"json_object({pairs})" if sqlite else f"jsonb_build_object({pairs})"
    wall = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if sqlite else "clock_timestamp()"
    return (
        f"INSERT INTO {VERSIONS} (table_name, row_id, until, content) "
        f"SELECT '{kept.table}', OLD.id, COALESCE(NEW.{_quoted(kept.moment)}, {wall}), {content} WHERE {changed}"
    )


def schemas(vendor: str) -> tuple[str, str]:
    """(where the real tables are, where temporary ones go)."""
    return ("main", "temp") if vendor == "sqlite" else ("public", "pg_temp")


def copy_statements(vendor: str, table: str) -> list[str]:
    """The copy with its key, on which joins and groups by the row rely."""
    real, temporary = schemas(vendor)
    copy = f"CREATE TEMPORARY TABLE {_quoted(table)} AS SELECT * FROM {real}.{_quoted(table)}"
    if vendor == "sqlite":
        return [copy, f"CREATE UNIQUE INDEX {temporary}.{_quoted('past_' + table)} ON {_quoted(table)} (id)"]
    return [copy, f"ALTER TABLE {temporary}.{_quoted(table)} ADD PRIMARY KEY (id)"]


def columns_statement(table: str) -> str:
    """No rows, only the columns of the copy."""
    return f"SELECT * FROM {_quoted(table)} LIMIT 0"


def drop_copy_statement(vendor: str, table: str) -> str:
    _, temporary = schemas(vendor)
    return f"DROP TABLE {temporary}.{_quoted(table)}"


def _entered_later(kept: KeptTable) -> str:
    condition = f"{_quoted(kept.birth)} >= %s"
    return f"{condition} AND NOT COALESCE({_late(kept)}, 1 = 0)"


def _later(vendor: str, kept: KeptTable) -> str:
    """Whether a row was entered after the cut-off."""
    real, _ = schemas(vendor)
    return f"EXISTS (SELECT 1 FROM {real}.{_quoted(kept.table)} WHERE {_entered_later(kept)})"


def _unknown(vendor: str, kept: KeptTable) -> str:
    """Whether a row of then was changed since without its former state being known."""
    real, _ = schemas(vendor)
    birth, moment = _quoted(kept.birth), _quoted(kept.moment)
    return (
        f"EXISTS (SELECT 1 FROM {real}.{_quoted(kept.table)} WHERE COALESCE({birth} < %s, 1 = 1) "
        f"AND {moment} >= %s AND id NOT IN (SELECT row_id FROM {VERSIONS} WHERE table_name = '{kept.table}' AND until >= %s))"
    )


def probe_statement(vendor: str, tables: Sequence[KeptTable]) -> str:
    """(table, whether rows were entered since, whether a former state is unknown) of all tables at once; the cut-off
    once for every %s."""
    return " UNION ALL ".join(
        f"SELECT '{kept.table}', {_later(vendor, kept)}, {_unknown(vendor, kept)}" for kept in tables
    )


def rewind_statements(vendor: str, kept: KeptTable, columns: Sequence[str]) -> list[str]:
    """Statements on the copy, each with the cut-off once for every %s: away with what changed since, back with what it
    was, away with what was not there yet."""
    _, temporary = schemas(vendor)
    copy = f"{temporary}.{_quoted(kept.table)}"
    since = f"SELECT row_id FROM {VERSIONS} WHERE table_name = '{kept.table}' AND until >= %s"
    own = f"NOT COALESCE({_quoted(kept.birth)} >= %s AND {_late(kept)}, 1 = 0)"
    names = _kept(kept, columns)
    into = ", ".join(_quoted(name) for name in names)
    if vendor == "sqlite":
        taken = ", ".join(f"""json_extract(content, '$."{name}"')""" for name in names)
        birth = f"""json_extract(content, '$."{kept.birth}"')"""
    else:
        taken = ", ".join(f"(r).{_quoted(name)}" for name in names)
        birth = f"(content->>'{kept.birth}')::timestamptz"
    first = (
        f"v.table_name = '{kept.table}' AND v.until >= %s AND NOT EXISTS (SELECT 1 FROM {VERSIONS} AS w WHERE "
        f"w.table_name = v.table_name AND w.row_id = v.row_id AND w.until >= %s AND "
        f"(w.until < v.until OR (w.until = v.until AND w.id < v.id))) AND COALESCE({birth} < %s, 1 = 1) "
        f"AND NOT EXISTS (SELECT 1 FROM {copy} AS c WHERE c.id = v.row_id)"
    )
    if vendor == "sqlite":
        restore = f"INSERT INTO {copy} ({into}) SELECT {taken} FROM {VERSIONS} AS v WHERE {first}"
    else:
        real, _ = schemas(vendor)
        restore = (
            f"INSERT INTO {copy} ({into}) SELECT {taken} FROM (SELECT jsonb_populate_record(NULL::{real}."
            f"{_quoted(kept.table)}, v.content) AS r FROM {VERSIONS} AS v WHERE {first}) AS then_rows"
        )
    away = (
        f"UPDATE {copy} SET {kept.tombstone} WHERE {_entered_later(kept)}"
        if kept.tombstone
        else f"DELETE FROM {copy} WHERE {_entered_later(kept)}"
    )
    return [f"DELETE FROM {copy} WHERE id IN ({since}) AND {own}", restore, away]
