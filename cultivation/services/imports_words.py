"""The distinct words of some columns of a file, so that what they name is looked up in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cultivation.rules.imports_fields import KindSpec
from cultivation.rules.imports_rows import Rows, SheetCheck
from cultivation.rules.imports_scan import scan_rows
from zaozhuang_portal.kernel.parsing import clean_text


def words_in(
    spec: KindSpec, keys: Collection[str], sheets: Mapping[str, Rows], tables: Sequence[SheetCheck]
) -> dict[str, set[str]]:
    """{field key: words} of the data rows."""
    words: dict[str, set[str]] = {}
    for table in tables:
        if table.layout is None:
            continue
        used = [(column.index, column.key) for column in table.layout.columns if column.key in keys]
        rows = sheets[table.name]
        for index, skip in scan_rows(rows, table.layout, spec.identity) if used else ():
            row = rows[index]
            for place, key in used if skip is None else ():
                if place < len(row) and (text := clean_text(row[place])):
                    words.setdefault(key, set()).add(text)
    return words
