"""A lint of the tables: where the last column is what can be done with a row, it stays in sight."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

_TABLE = re.compile(r'<table class="(table[^"]*)"[^>]*>.*?<thead>(.*?)</thead>', re.S)
_HEAD = re.compile(r"<th[^>]*>(.*?)</th>", re.S)


def test_tables_whose_last_column_holds_the_acts_keep_it_in_sight() -> None:
    found, without = 0, []
    for path in sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html")):
        for classes, head in _TABLE.findall(path.read_text(encoding="utf-8")):
            heads = [re.sub(r"<[^>]+>", "", words).strip() for words in _HEAD.findall(head)]
            if heads and heads[-1] in {"办理", "操作"}:
                found += 1
                if "acts-last" not in classes.split():
                    without.append(f"{path.name}: {heads}")
    assert found >= 15 and not without, without
