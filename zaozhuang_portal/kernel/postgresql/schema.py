"""A column that becomes bounded gets its CHECK when it is altered too, not only when its table is created."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql.schema import DatabaseSchemaEditor


class BoundedSchemaEditor(DatabaseSchemaEditor):
    def _field_db_check(self, field: Any, field_db_params: Any) -> Any:
        """The bound without the column's name, so that a renamed column keeps its constraint (see the base)."""
        bound = getattr(field, "length_check", None)
        if bound:
            return bound("__column_name__")
        return super()._field_db_check(field, field_db_params)  # type: ignore[misc]  # not in the stubs
