"""Rules know no clock: time is passed in (design §1). What they import is held by the import contracts."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns"}
SOURCES_OF_CHANCE = {"random", "secrets", "uuid4"}


def rule_files() -> list[Path]:
    found = []
    for app in ("zaozhuang_portal", "cultivation", "evaluation", "reporting"):
        found += [*(ROOT / app).glob("**/rules/**/*.py"), *(ROOT / app).glob("**/rules.py")]
    return found


def impure(path: Path) -> list[str]:
    """Calls of a clock, and imports of chance, in one file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} .{node.func.attr}()")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name.split(".")[0] for alias in node.names} | {getattr(node, "module", None)}
            found += [f"{path.relative_to(ROOT)}:{node.lineno} {name}" for name in names & SOURCES_OF_CHANCE]
    return found


def test_rules_read_no_clock_and_draw_no_lots():
    assert [line for path in rule_files() for line in impure(path)] == []


def test_there_are_rules_to_look_at():
    assert len(rule_files()) > 5
