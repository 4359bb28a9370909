"""Queries of one fixed shape, put into SQL once: for the few that every request of every page makes.

Django's ORM writes the SQL of a queryset anew each time it is evaluated. For a membership with its four joined tables that
takes several times as long as the answer of the database (docs/decisions/0008-list-rendering.md).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators

Row = TypeVar("Row")


class Slot(Expression):
    """A place for a value in the queryset of a CompiledQuery."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def value(self, values: dict[str, Any], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connection)


class CompiledQuery(Generic[Row]):
    """`build()` gives the queryset, with Slots for what varies: of instances (select_related may be, annotations not), or
    of `.values()`. The rows come out as the queryset would give them.

    Kept per database connection, since a connection is one thread's.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._build = build

    @cached_property
    def _queryset(self) -> QuerySet[Any, Any]:
        return self._build()

    def all(self, **values: Any) -> list[Row]:
        """Every row. One statement."""
        connection = connections[self._queryset.db]
        kept = connection.__dict__.setdefault("_portal_compiled", WeakKeyDictionary())
        compiled = kept.get(self)
        if compiled is None:
            draw = _Instances if self._queryset._iterable_class is ModelIterable else _Dicts
            compiled = kept[self] = draw(self._queryset, connection)
        rows: list[Row] = compiled.all(values)
        return rows

    def first(self, **values: Any) -> Row | None:
        """The first row, or None; the queryset should be cut to one."""
        return next(iter(self.all(**values)), None)


class _Compiled:
    def __init__(self, queryset: QuerySet[Any, Any], connection: Any) -> None:
        self._connection = connection
        self._compiler = queryset.query.get_compiler(connection=connection)
        try:
            self._sql, self._params = self._compiler.as_sql()
        except EmptyResultSet:
            self._sql, self._params = "", ()
        columns = [column for column, *_ in self._compiler.select]
        self._converters = self._compiler.get_converters(columns)

    def _fetch(self, values: dict[str, Any]) -> list[Any]:
        if not self._sql:
            return []
        params = [
            part.value(values, self._connection) if isinstance(part, Slot) else part for part in self._params
        ]
        with self._connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            rows: list[Any] = cursor.fetchall()
        return list(self._compiler.apply_converters(rows, self._converters)) if self._converters else rows


class _Dicts(_Compiled):
    """As ValuesIterable."""

    def __init__(self, queryset: QuerySet[Any, Any], connection: Any) -> None:
        super().__init__(queryset, connection)
        query = queryset.query
        self._names = [*query.extra_select, *query.values_select, *query.annotation_select]

    def all(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        return [dict(zip(self._names, row, strict=True)) for row in self._fetch(values)]


class _Instances(_Compiled):
    """As ModelIterable."""

    def __init__(self, queryset: QuerySet[Any, Any], connection: Any) -> None:
        super().__init__(queryset, connection)
        select, klass = self._compiler.select, self._compiler.klass_info
        start, end = klass["select_fields"][0], klass["select_fields"][-1] + 1
        self._model: type[Model] = klass["model"]
        self._columns = slice(start, end)
        self._names = [column.target.attname for column, *_ in select[start:end]]
        populators: Any = get_related_populators  # the stubs describe Django 6, which takes a fetch mode too
        self._related = populators(klass, select, connection.alias)

    def all(self, values: dict[str, Any]) -> list[Model]:
        found = []
        for row in self._fetch(values):
            instance = self._model.from_db(self._connection.alias, self._names, row[self._columns])
            for populator in self._related:
                populator.populate(row, instance)
            found.append(instance)
        return found
