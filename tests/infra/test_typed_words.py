"""What a person typed is never cut: no bare slice of a text where forms are read, judged and stored, no `maxlength`."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.db import models

from cultivation.ledgers.base import LONGEST_TEXT, ColumnKind, all_ledgers
from zaozhuang_portal.kernel.bounds import BoundedTextField
from zaozhuang_portal.kernel.forms import CodeField
from zaozhuang_portal.kernel.lengths import normal_lines, shortened, too_long, typed_length

ROOT = Path(__file__).resolve().parents[2]
APPS = ("cultivation", "evaluation", "reporting", "zaozhuang_portal")
FLOORS = {"forms", "views", "services", "tasks", "management", "middleware"}
# What gives rows, never a text.
OF_ROWS = {
    "all", "distinct", "exclude", "filter", "getlist", "hexdigest", "list", "order_by", "select_related", "sorted",
    "tuple", "values", "values_list", "visible_to", "_transfers",
}  # fmt: skip
# The house's names of lists; a text is never called so.
LISTS = {
    "blank_headers", "cells", "changed", "created",
    "differences", "doubtful", "errors", "doubts", "found", "kept", "lines", "offered", "owed",
    "reasons", "records", "required", "rows", "same", "skipped", "tokens", "unchanged", "wanted", "warnings",
}  # fmt: skip
REASONS = {
    ("zaozhuang_portal/accounts/middleware.py", "str(typed).strip().lower()[:150]"): (
        "the name a sign-in is tried with, counted and never stored; no account has a longer one"
    ),
    ("zaozhuang_portal/accounts/views/activation.py", "phone[:3]"): "the masked number of the code sent",
    ("evaluation/views/indicator_sets.py", "indicator_set.content_hash[:16]"): "a fingerprint in short",
}


def _is_of_rows(value: ast.expr) -> bool:
    if isinstance(value, ast.ListComp | ast.List | ast.Tuple):
        return True
    if isinstance(value, ast.Call):
        return getattr(value.func, "attr", getattr(value.func, "id", "")) in OF_ROWS
    return getattr(value, "attr", getattr(value, "id", "")) in LISTS


def _cuts(source: str) -> Iterator[ast.Subscript]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)):
            continue
        bound = node.slice
        if bound.upper is not None and bound.lower is None and not _is_of_rows(node.value):
            yield node


def test_no_text_is_sliced_where_words_are_read_and_stored() -> None:
    """`require_length` refuses, `searched` looks for, `shortened` ends in 「…」: kernel/lengths.py."""
    found, used = [], set()
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            place = path.relative_to(ROOT)
            if FLOORS.isdisjoint({*place.parts, place.stem}):
                continue
            for node in _cuts(path.read_text(encoding="utf-8")):
                key = (place.as_posix(), ast.unparse(node))
                used.add(key)
                if key not in REASONS:
                    found.append(f"{place}:{node.lineno}: {key[1]}")
    assert found == []
    assert used == set(REASONS), "reasons for what is no longer there"


def test_the_lint_sees_what_was_cut() -> None:
    """The forms the fault had."""
    for source in (
        'words = data.get("words", "").strip()[:MAX_WORDS]',
        'value = request.POST.get("value", "")[:60]',
        "row.reason = reason[:200]",
        'row.reason = f"补录：{source}"[:200]',
        "text = (source.strip() or label)[:160]",
    ):
        assert len(list(_cuts(source))) == 1, source


def test_no_box_of_a_form_cuts_a_paste() -> None:
    """`maxlength` cuts what is pasted without a word; only search boxes, which store nothing, have it."""
    found = []
    for path in (ROOT / "templates").rglob("*"):
        if path.is_file():
            for box in re.findall(
                r"<(?:input|textarea)\b[^>]*\bmaxlength=[^>]*>", path.read_text(encoding="utf-8")
            ):
                name = re.search(r'name="([^"]*)"', box)
                if name is None or name.group(1) not in {"q", "tag", "person", "action", "kind"}:
                    found.append(f"{path.relative_to(ROOT)}: {box}")
    assert found == []


def test_every_long_text_has_a_bound_in_the_database() -> None:
    """Text columns people write are BoundedTextField; the others hold what the portal itself writes."""
    own = {
        "cultivation.Subject.name_bigrams", "reporting.ReportExplanation.doubt",
        "reporting.Snapshot.figures", "operations.Job.error",
        "operations.Notification.body", "accounts.AuditEntry.reason",
    }  # fmt: skip
    found = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in APPS
        for field in model._meta.local_fields
        if type(field) is models.TextField
    }
    assert found == own


def test_the_columns_of_a_ledger_fit_their_fields() -> None:
    wrong = []
    for ledger in all_ledgers():
        for column in ledger.form_columns:
            field = ledger.model._meta.get_field(column.key)
            most = getattr(field, "max_length", None)
            if (
                column.kind in (ColumnKind.TEXT, ColumnKind.LONG_TEXT)
                and most is not None
                and column.limit > most
            ):
                wrong.append((ledger.slug, column.key, column.limit, most))
            assert not isinstance(field, BoundedTextField) or (field.max_length or 0) >= LONGEST_TEXT
    assert wrong == []


def test_every_text_box_of_a_form_has_a_bound() -> None:
    """Without one a long text is a 500 of the database, or has no end."""
    own = {
        "ImportStartForm.text",  # a pasted table: bounded by the size of a request, its cells by their columns
        "ClaimCodeForm.key", "ClaimCodeForm.code", "EnterpriseForm.credit_code",  # codes: looked up, judged by rule
        "SecondFactorForm.code", "SecondFactorAgainForm.code",
        "ClaimAccountForm.password1", "ClaimAccountForm.password2", "NewPasswordForm.password1",
        "NewPasswordForm.password2", "ActivationForm.password1", "ActivationForm.password2",  # hashed
    }  # fmt: skip
    found = set()
    for package in ("cultivation", "evaluation", "reporting", "zaozhuang_portal.accounts"):
        parent = importlib.import_module(f"{package}.forms")
        for item in pkgutil.iter_modules(parent.__path__):
            module = importlib.import_module(f"{parent.__name__}.{item.name}")
            for name, form in vars(module).items():
                if not (inspect.isclass(form) and form.__module__ == module.__name__):
                    continue
                for key, box in getattr(form, "base_fields", {}).items():
                    if type(box) in (forms.CharField, CodeField) and not box.widget.is_hidden:
                        found |= {f"{name}.{key}"} if box.max_length is None else set()
    assert found == own


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("和谐", 2),
        ("一\r\n二", 3),
        ("一\n二", 3),
        ("𠮷野", 3),
        ("a\rb", 3),
        ("👍", 2),
        ("\ud800", 1),
    ],
)
def test_length_is_what_the_browser_counts(text: str, length: int) -> None:
    assert typed_length(text) == length


def test_words_of_the_refusal_and_of_the_shortening() -> None:
    assert too_long("说明", "字" * 10, 10) == ""
    assert too_long("说明", "字" * 12, 10) == "说明最多 10 个字，现有 12 个字，请删减 2 个字。"
    assert shortened("字" * 10, 10) == "字" * 10 and shortened("字" * 11, 10) == "字" * 9 + "…"
    assert normal_lines("a\r\nb\rc\n") == "a\nb\nc\n"
