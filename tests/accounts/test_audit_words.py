"""No code of the inside is shown: what an audit entry names has a Chinese word, found in the sources by this lint."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.accounts.selectors.timeline import kind_word, told_changes
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.words import ACTIONS, CHANGES
from zaozhuang_portal.kernel import clock

ROOT = Path(settings.BASE_DIR)
RECORDERS = {"record_audit", "record_audits", "_audit"}


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for app in ("zaozhuang_portal", "cultivation", "evaluation", "reporting"):
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    if name in RECORDERS:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _constants(call: ast.Call) -> dict[str, str]:
    return {
        word.arg: word.value.value
        for word in call.keywords
        if word.arg and isinstance(word.value, ast.Constant) and isinstance(word.value.value, str)
    }


def test_every_act_kind_and_change_of_the_log_has_a_word() -> None:
    every = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
    silent = []
    for place, call in _calls():
        given = _constants(call)
        action, kind = given.get("action", ""), given.get("kind", "")
        if action.isascii() and action and action not in ACTIONS:
            silent.append(f"{place}: action {action}")
        if kind and kind_word(kind).isascii():
            silent.append(f"{place}: kind {kind}")
        own = {
            field.name
            for model in apps.get_models()
            if model.__name__ == kind
            for field in model._meta.fields
        }
        for found in ast.walk(call):
            for key in found.keys if isinstance(found, ast.Dict) else ():
                name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
                if name and name.isascii() and name not in CHANGES and name not in (own if kind else every):
                    silent.append(f"{place}: change {name}")
    assert not silent, "\n".join(sorted(set(silent)))


@pytest.mark.django_db
def test_the_audit_log_speaks_of_states_and_kinds_in_words(client: Client) -> None:
    record_audit(
        actor=None,
        at=clock.now(),
        action="年度报告接收",
        kind="AnnualReport",
        object_id=1,
        label="2026年度 滕州市",
        changes={"state": ["SUBMITTED", "ACCEPTED"], "late": [None, False], "sha256": ["a1", "b2"]},
    )
    entry = AuditEntry.objects.get()
    told = {
        tuple(change[1:]) for change in told_changes(entry)
    }  # PostgreSQL's jsonb keeps its own order of keys
    assert ("已报送", "市级已收") in told
    login(client, make_actor(Role.AUDITOR))
    page = client.get(reverse("accounts:audit_list")).content.decode()
    assert "年度报告" in page and "已报送 → 市级已收" in page and "数据指纹" in page
    for code in ("AnnualReport<", "SUBMITTED", "ACCEPTED", "sha256"):
        assert code not in page.split("<tbody>")[1].replace("kind=AnnualReport", "")
