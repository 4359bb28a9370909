"""The audit log cannot be changed, and if it was, verify_audit says so."""

from __future__ import annotations

import json
import logging
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from tests.factories import PASSWORD, make_actor, make_user
from zaozhuang_portal.accounts.models import AuditEntry, AuditSeal
from zaozhuang_portal.accounts.rules import audit_triggers
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.seals import seal_audit_entries
from zaozhuang_portal.accounts.tasks import seal_audit
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.logs import LineFormatter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(tmp_path, settings):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def without_triggers():
    """What an attacker with the database password would do first."""
    with connection.cursor() as cursor:
        for statement in audit_triggers.remove(connection.vendor):
            cursor.execute(statement)


def write(count=3):
    actor = make_actor()
    for number in range(count):
        record_audit(
            actor=actor,
            at=clock.now(),
            action="edit",
            kind="Subject",
            object_id=number,
            changes={"n": [1, 2]},
        )


def sealed(batches=2):
    for _ in range(batches):
        write()
        seal_audit_entries(now=clock.now())


def verify(*arguments):
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEntry.objects.update(label="x"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.update(seal=None),
        lambda: AuditSeal.objects.update(entry_count=1),
        lambda: AuditSeal.objects.all()._raw_delete("default"),
    ],
)
def test_the_database_refuses_changes(change):
    sealed(1)
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        change()


@pytest.mark.django_db(transaction=True)
def test_a_test_database_can_be_emptied_and_keeps_the_triggers():
    """See tests/conftest.py: flushing takes the triggers away and puts them back."""
    write(1)
    call_command("flush", interactive=False, verbosity=0)
    assert not AuditEntry.objects.exists()
    write(1)
    with pytest.raises(DatabaseError, match="insert-only"):
        AuditEntry.objects.all().delete()


def test_seal_and_verify():
    sealed()
    assert AuditSeal.objects.count() == 2
    assert not AuditEntry.objects.filter(seal=None).exists()
    write(1)
    assert "待封存 1 条" in verify()
    assert json.loads(verify("--json"))["problems"] == []
    seal_audit()
    seal_audit()
    assert AuditSeal.objects.count() == 3


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (
            lambda: AuditEntry.objects.filter(pk=AuditEntry.objects.earliest("id").pk).update(reason="改"),
            "被改动",
        ),
        (lambda: AuditEntry.objects.earliest("id").delete(), "被删除"),
        (lambda: swap_entries(), "被改动"),
        (lambda: move_entry(), "被删除或移动"),
        (lambda: cut_off(), "截断"),
    ],
)
def test_tampering_is_found(without_triggers, tamper, message):
    sealed()
    tamper()
    with pytest.raises(CommandError, match=message):
        verify()


def swap_entries():
    first, second = AuditEntry.objects.order_by("id")[:2]
    AuditEntry.objects.filter(pk=first.pk).update(object_id=second.object_id)
    AuditEntry.objects.filter(pk=second.pk).update(object_id=first.object_id)


def move_entry():
    last = AuditSeal.objects.latest("id")
    AuditEntry.objects.filter(pk=AuditEntry.objects.earliest("id").pk).update(seal=last)


def cut_off():
    last = AuditSeal.objects.latest("id")
    AuditEntry.objects.filter(seal=last).delete()
    last.delete()


def test_head_kept_elsewhere_finds_a_cut_without_the_anchor_file(without_triggers):
    sealed()
    head = AuditSeal.objects.latest("id").hash
    verify("--head", head)
    cut_off()
    (settings.DATA_DIR / "audit_anchors.jsonl").unlink()
    verify()
    with pytest.raises(CommandError, match="截断"):
        verify("--head", head)


def test_sign_ins_are_recorded_and_a_mistyped_password_is_not(client):
    user = make_user("li.si")
    client.post("/accounts/login/", {"login": "Secret-Typed-Here-1", "password": "x"})
    client.post("/accounts/login/", {"login": "li.si", "password": "wrong"})
    client.post("/accounts/login/", {"login": "li.si", "password": PASSWORD})
    client.post("/accounts/logout/")
    entries = list(AuditEntry.objects.order_by("id").values_list("action", "user_id", "ip"))
    assert entries == [
        ("sign_in_failed", None, "127.0.0.1"),
        ("sign_in_failed", user.pk, "127.0.0.1"),
        ("sign_in", user.pk, "127.0.0.1"),
        ("sign_out", user.pk, "127.0.0.1"),
    ]
    assert "Secret-Typed" not in str(list(AuditEntry.objects.values()))


def test_line_breaks_cannot_forge_lines():
    actor = make_actor()
    entry = record_audit(
        actor=actor, at=clock.now(), action="a", kind="User", label="甲\r\n2026-01-01 sign_in 乙\u202e"
    )
    assert entry.label == "甲 2026-01-01 sign_in 乙 "
    record = logging.LogRecord("x", logging.INFO, "", 1, "name %s", ("a\nERROR forged",), None)
    assert LineFormatter("%(levelname)s %(message)s").format(record) == "INFO name a ERROR forged"
