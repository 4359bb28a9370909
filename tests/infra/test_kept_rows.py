"""Whoever changes a row that figures are counted from says when: a figure of an earlier day is read from that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

from zaozhuang_portal.accounts.kept_tables import kept_tables
from zaozhuang_portal.operations.models import Attachment

ROOT = Path(__file__).resolve().parents[2]
APPS = ("cultivation", "evaluation", "reporting", "zaozhuang_portal")
# Deletions of rows no figure is counted from, or that go with their owner: file → what is deleted there.
FREE = {
    "cultivation/ledgers/mechanism.py": "the participating units of a work item",
    "cultivation/ledgers/visits.py": "participants of a visit",
    "cultivation/services/contacts.py": "a contact entered today",
    "cultivation/services/holidays.py": "a day of the calendar, kept in the audit log",
    "cultivation/services/imports.py": "the report of an import",
    "cultivation/services/imports_register_undo.py": "marked with its time in the same function",
    "cultivation/services/saved_filters.py": "a kept filter",
    "evaluation/services/indicator_sets.py": "a draft of a standard",
    "evaluation/services/review_moves.py": "answers, which figures read through score sheets",
    "evaluation/services/spot_checks/inspectors.py": "an interest declared by an inspector, kept in the audit log",
    "evaluation/services/spot_checks/population.py": "the list of a round that was opened again, no draw yet",
    "evaluation/services/submission.py": "answers, which figures read through score sheets",
    "zaozhuang_portal/accounts/services/form_keys.py": "keys of forms that were sent",
    "zaozhuang_portal/accounts/services/passwords.py": "second factors and former passwords",
    "zaozhuang_portal/accounts/services/row_versions.py": "delete_kept itself",
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name and "/demo/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def root_of(node: ast.expr) -> str:
    """The name a chain of calls and attributes begins with: Enrollment.objects.filter(…).update → Enrollment."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node


def test_every_update_of_a_kept_row_sets_its_moment() -> None:
    moments = {
        model.__name__: kept_tables()[model._meta.db_table].moment
        for model in apps.get_models()
        if model._meta.db_table in kept_tables() and model is not Attachment
    }  # of a file only its removal is told; for anything else the database puts its own time
    found = []
    for name, tree in sources():
        for call in calls(tree, "update"):
            moment = moments.get(root_of(call.func))
            # Who hands over a prepared set of columns is held to it by tests/reporting/test_as_of.py.
            given = {word.arg for word in call.keywords}
            if moment and moment not in given and None not in given:
                found.append(f"{name}:{call.lineno} sets no {moment}")
    assert not found, found


def test_kept_rows_are_deleted_with_their_time() -> None:
    found: dict[str, list[int]] = {}
    for name, tree in sources():
        for call in calls(tree, "delete", "_raw_delete"):
            if name not in FREE and root_of(call.func) not in {
                "cache",
                "default_storage",
                "storage",
                "session",
            }:
                found.setdefault(name, []).append(call.lineno)
    found = {name: lines for name, lines in found.items() if "/services/" in name or "/ledgers/" in name}
    assert not found, f"{found}: accounts.services.row_versions.delete_kept"
