"""Queries of one fixed shape, put into SQL once: for the few that every request of every page makes.

Django's ORM writes the SQL of a queryset anew each time it is evaluated. For a membership with its four joined tables that
takes several times as long as the answer of the database (docs/decisions/0008-list-rendering.md).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


class Slot(Expression):
    """A place for a value in the queryset of a CompiledQuery."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]

    def value(self, values: dict[str, Any], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connection)


class CompiledQuery(Generic[Row]):
    """`build()` gives the queryset, with Slots for what varies; it may select_related, and nothing is annotated.

    The rows come out as the queryset would give them. Kept per database connection, since a connection is one thread's.
    """

    def __init__(self, build: Callable[[], QuerySet[Row, Row]]) -> None:
        self._build = build

    @cached_property
    def _queryset(self) -> QuerySet[Row, Row]:
        return self._build()[:1]

    def first(self, **values: Any) -> Row | None:
        """The first row in the queryset's order, or None. One statement."""
        connection = connections[self._queryset.db]
        kept: dict[CompiledQuery[Any], _Compiled] = connection.__dict__.setdefault("_portal_compiled", {})
        compiled = kept.get(self)
        if compiled is None:
            compiled = kept[self] = _Compiled(self._queryset, connection)
        found: Row | None = compiled.first(values)
        return found


class _Compiled:
    def __init__(self, queryset: QuerySet[Any, Any], connection: Any) -> None:
        self._connection = connection
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._sql, self._params = self._compiler.as_sql()
        select, klass = self._compiler.select, self._compiler.klass_info
        start, end = klass["select_fields"][0], klass["select_fields"][-1] + 1
        self._model: type[Model] = klass["model"]
        self._columns = slice(start, end)
        self._names = [column.target.attname for column, *_ in select[start:end]]
        self._related = get_related_populators(klass, select, connection.alias)
        self._converters = self._compiler.get_converters([column for column, *_ in select])

    def first(self, values: dict[str, Any]) -> Any:
        params = [
            part.value(values, self._connection) if isinstance(part, Slot) else part for part in self._params
        ]
        with self._connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            row = cursor.fetchone()
        if row is None:
            return None
        if self._converters:
            row = next(iter(self._compiler.apply_converters([row], self._converters)))
        found = self._model.from_db(self._connection.alias, self._names, row[self._columns])
        for populator in self._related:
            populator.populate(row, found)
        return found
