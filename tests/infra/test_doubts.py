"""发现问题 of a spot check is a Finding; what a check, an import or a data check doubts is a Doubt (glossary)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("cultivation", "evaluation", "reporting", "zaozhuang_portal")
# Rooms of the spot checks and of what follows from them, on every floor, and their chapter in the reports.
ROOMS = ("spot_checks", "rectifications")
# 发现的问题 of a visit and 发现和建议 of a field study: what people wrote down, named as on their forms.
WRITTEN = {"findings"}
# A figure of the reports, named in full.
CHAPTER = {"SpotCheckFinding"}


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def _defined(source: str) -> list[tuple[int, str]]:
    """Names that are defined here and say finding; to import or to call one is free."""
    return [
        (line, name)
        for line, name in _names(ast.parse(source))
        if "finding" in name.lower() and name not in WRITTEN | CHAPTER
    ]


def _is_room(path: Path) -> bool:
    parts = {*path.parts[:-1], path.stem}
    if "reporting" in parts:
        return any(room in part for part in parts for room in ROOMS)
    return "evaluation" in parts and any(part.startswith(ROOMS) for part in parts)


def test_the_word_finding_is_free_for_the_spot_checks() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if not _is_room(path.relative_to(ROOT))
        and "migrations" not in path.parts
        and "demo" not in path.parts
        for line, name in _defined(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_lint_sees_a_definition() -> None:
    assert _defined("class CellFinding: pass") and _defined("def read_findings(): pass")
    assert not _defined("from evaluation.models import Finding\nFinding.objects.count()\nfindings = 1")
    assert _is_room(Path("evaluation/enums/rectifications.py"))
    assert _is_room(Path("reporting/rules/annual_spot_checks.py"))
    assert not _is_room(Path("reporting/rules/annual_report.py"))
    assert not _is_room(Path("cultivation/rectifications.py"))
