"""The length of typed texts as the database sees to it."""

from __future__ import annotations

from typing import Any

from django.db import models


class BoundedTextField(models.TextField):  # type: ignore[type-arg]
    """A long text with a greatest length: forms count and refuse, and a CHECK of the column stands behind them.

    `max_length` in characters; forms count UTF-16 units, of which a text never has fewer.
    """

    def length_check(self, column: str) -> str:
        return f"length({column}) <= {int(self.max_length or 0)}"

    def db_check(self, connection: Any) -> str:
        return self.length_check(connection.ops.quote_name(self.column))
