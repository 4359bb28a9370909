"""Role sets of evaluation's pages stand in permissions; its section of the menu is registered; one symbol, one meaning."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from zaozhuang_portal.kernel import navigation

ROOT = Path(__file__).resolve().parents[2] / "evaluation"


def test_no_view_lists_roles() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in [ROOT / "wiring.py", *sorted((ROOT / "views").rglob("*.py"))]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Tuple | ast.Set | ast.List | ast.Call)
        for part in (node.args if isinstance(node, ast.Call) else node.elts)
        if ast.unparse(part).startswith("Role.")
    ]
    assert found == []


def test_every_section_named_is_registered() -> None:
    assert navigation._sections["spot_checks_and_rectifications"].label == "抽查整改"
    named = {item.section for item in navigation._items.values() if item.section}
    assert named <= set(navigation._sections)


def test_the_shield_is_the_spot_checks_alone() -> None:
    icons = Counter(item.icon for item in navigation._items.values() if not item.section)
    assert icons["shield-check"] == 0 and icons["clipboard-check"] == 1
