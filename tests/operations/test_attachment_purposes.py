"""What a file is: the paper of its record come back, or anything else; said at the upload, mended in one click."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from tests.factories import make_actor
from tests.operations.test_attachments import KIND, picture
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.uploads import UploadError
from zaozhuang_portal.operations import access
from zaozhuang_portal.operations.enums import AttachmentPurpose
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.services.attachments import (
    remove_attachment,
    set_attachment_purpose,
    store_attachment,
)

pytestmark = pytest.mark.django_db
BOTH = {"OTHER": "其他材料", "SCAN": "签到表"}


@pytest.fixture
def keep(actor, monkeypatch):
    monkeypatch.setattr(access, "_access", dict(access._access))

    def store(purpose="", purposes=BOTH):
        access.register_attachment_access(
            KIND,
            lambda who, attachment: True,
            lambda who, owner_id: who.user.pk == actor.user.pk,
            purposes=purposes,
        )
        upload = SimpleUploadedFile("照片.png", picture())
        return store_attachment(
            actor=actor, owner_kind=KIND, owner_id=7, upload=upload, now=clock.now(), purpose=purpose
        )

    return store


@pytest.mark.parametrize(
    ("purposes", "asked", "kept"),
    [
        (BOTH, "", "OTHER"),
        (BOTH, "SCAN", "SCAN"),
        (access.ONLY_OTHER, "", "OTHER"),
        (access.ONLY_OTHER, "SCAN", None),
        (access.ONLY_SCANS, "", "SCAN"),
        (access.ONLY_SCANS, "OTHER", None),
        (BOTH, "<x>", None),
    ],
)
def test_a_file_is_what_its_owner_takes(keep, purposes, asked, kept):
    if kept is None:
        with pytest.raises(UploadError, match="只能作为"):
            keep(asked, purposes)
        assert not Attachment.objects.exists()
        return
    stored = keep(asked, purposes)
    assert stored.purpose == kept
    assert [file.pk for file in Attachment.objects.scans(KIND)] == [stored.pk] * (kept == "SCAN")


def test_a_change_is_audited_once_and_asks_for_the_right(keep, actor):
    file = keep()
    change = {"attachment": file, "purpose": "SCAN", "now": clock.now()}
    with pytest.raises(NotAllowed):
        set_attachment_purpose(actor=make_actor(), **change)
    for _ in range(2):
        assert set_attachment_purpose(actor=actor, **change).purpose == AttachmentPurpose.SCAN
    entry = AuditEntry.objects.get(action="更改附件用途")
    assert entry.changes == {"purpose": ["其他材料", "签到表"]}
    with pytest.raises(DomainError, match="其他材料或签到表"):
        set_attachment_purpose(actor=actor, **change | {"purpose": "PHOTO"})
    remove_attachment(actor=actor, attachment=file, now=clock.now())
    assert not Attachment.objects.scans(KIND).exists()


def test_the_database_knows_the_purposes(keep):
    file = keep()
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=file.pk).update(purpose="PHOTO")


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        ("Training", "SCAN"),
        ("BestPractice", "SCAN"),
        ("PlanCountersigning", "SCAN"),
        ("AnnualReport", "SCAN"),
        ("assessment", "SCAN"),
        ("GuidanceVisit", "OTHER"),
        ("PilotProgress", "OTHER"),
        ("Subject", "OTHER"),
    ],
)
def test_the_migration_keeps_what_counted(keep, kind, purpose):
    file = keep()
    Attachment.objects.filter(pk=file.pk).update(owner_kind=kind, removed_at=clock.now())
    migration = importlib.import_module("zaozhuang_portal.operations.migrations.0004_attachment_purpose")
    migration.keep_what_counts(apps, SimpleNamespace(connection=connection))
    file.refresh_from_db()
    assert file.purpose == purpose
