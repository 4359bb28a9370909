"""Name search (design §7): bigram tokens under GIN on PostgreSQL, where trigrams do not serve two characters; LIKE on SQLite."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Expression, F
from django.db.models.sql.compiler import SQLCompiler

from zaozhuang_portal.kernel.names import bigrams, compact_name

# The expression of the index; the query must repeat it to the letter.
TOKENS = "string_to_array({column}, ' ')"


class NameContains(Expression):
    """Condition: the compact name contains the compact form of `text`.

    On PostgreSQL the bigram array narrows by index and LIKE rechecks that the pieces are adjacent.
    A text of punctuation only matches nothing.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = compact_name(text)
        self.search_name: Expression | F = F("search_name")
        self.name_bigrams: Expression | F = F("name_bigrams")

    def get_source_expressions(self) -> list[Any]:
        return [self.search_name, self.name_bigrams]

    def set_source_expressions(self, exprs: Any) -> None:
        self.search_name, self.name_bigrams = exprs

    def _like(self) -> str:
        escaped = self.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"%{escaped}%"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        if not self.text:
            return "1 = 0", []
        column, params = compiler.compile(self.search_name)
        return f"{column} LIKE %s ESCAPE '\\'", [*params, self._like()]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        like, like_params = self.as_sql(compiler, connection)
        pieces = bigrams(self.text)
        if len(self.text) < 2:
            return like, like_params
        column, params = compiler.compile(self.name_bigrams)
        tokens = TOKENS.format(column=column)
        if len(pieces) == 1:
            return f"{tokens} @> %s::text[]", [*params, pieces]
        return f"({tokens} @> %s::text[] AND {like})", [*params, pieces, *like_params]
