"""Storing, removing and giving out files."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.factories import login, make_actor
from tests.operations.conftest import stored_files
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import NotAllowed
from zaozhuang_portal.kernel.uploads import UploadError
from zaozhuang_portal.operations import access
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.selectors.attachments import FileDamaged, attachments_of, open_verified
from zaozhuang_portal.operations.services import attachments as service
from zaozhuang_portal.operations.services.attachments import (
    remove_attachment,
    restore_attachment,
    store_attachment,
)

pytestmark = pytest.mark.django_db
KIND = "test.evidence"


def picture(color: str = "red", size: tuple[int, int] = (8, 8)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, color).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def owner(actor, monkeypatch):
    """Owner 7 belongs to `actor`; nobody else may read or write it."""
    monkeypatch.setattr(access, "_access", dict(access._access))
    access.register_attachment_access(
        KIND,
        lambda who, attachment: who.user.pk == actor.user.pk,
        lambda who, owner_id: who.user.pk == actor.user.pk and owner_id == 7,
    )
    return 7


@pytest.fixture
def keep(actor, owner):
    def store(name="照片.png", content=None, by=None, owner_id=owner):
        upload = SimpleUploadedFile(name, picture() if content is None else content, content_type="text/html")
        return store_attachment(
            actor=by or actor, owner_kind=KIND, owner_id=owner_id, upload=upload, now=clock.now()
        )

    return store


def test_the_file_is_stored_under_a_name_of_the_server(keep, private_files):
    attachment = keep("../../恶意\u202e.png")
    assert stored_files(private_files) == [f"attachments/{attachment.uid.hex[:2]}/{attachment.uid.hex}"]
    assert (attachment.content_type, "/" in attachment.label) == ("image/png", False)
    content = open_verified(attachment).read()
    assert attachment.sha256 == hashlib.sha256(content).hexdigest()
    assert attachment.size == len(content)
    assert AuditEntry.objects.filter(kind="Attachment", action="上传附件").count() == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg onload=alert(1)>"),
        ("a.png", b"<html><script>alert(1)</script>"),
        ("a.pdf", b""),
        ("a.exe", b"MZ"),
    ],
)
def test_a_refused_file_leaves_nothing(keep, private_files, name, content):
    with pytest.raises(UploadError):
        keep(name, content)
    assert stored_files(private_files) == []
    assert not Attachment.objects.exists()


def test_too_large_is_refused_before_it_is_read(keep, settings, private_files):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    with pytest.raises(UploadError, match="1 MB"):
        keep("a.pdf", b"x" * (1024 * 1024 + 1))


def test_a_stranger_and_an_unregistered_kind_are_refused(actor, keep):
    with pytest.raises(NotAllowed):
        keep(by=make_actor())
    with pytest.raises(NotAllowed):
        keep(owner_id=8)
    upload = SimpleUploadedFile("a.png", picture())
    with pytest.raises(NotAllowed):
        store_attachment(actor=actor, owner_kind="unknown", owner_id=7, upload=upload, now=clock.now())


def test_the_same_content_twice_is_pointed_out_not_refused(keep):
    keep("第一张.png")
    keep("第二张.png")
    keep("别的.png", picture("blue"))
    assert [file.duplicate_of for file in attachments_of(KIND, [7])[7]] == ["", "第一张.png", ""]


def test_at_most_so_many_files_and_bytes(keep, actor, settings, private_files):
    settings.ATTACHMENTS_PER_OWNER = 2
    first = keep()
    keep()
    with pytest.raises(UploadError, match="最多放 2 个"):
        keep()
    remove_attachment(actor=actor, attachment=first, now=clock.now())
    keep()
    with pytest.raises(UploadError, match="最多放 2 个"):
        restore_attachment(actor=actor, attachment=first, now=clock.now())
    settings.ATTACHMENTS_PER_OWNER = 10
    settings.ATTACHMENT_BYTES_PER_OWNER = 200
    with pytest.raises(UploadError) as refusal:
        keep("大.png", picture("red", (300, 300)))
    assert refusal.value.code == "owner_quota"
    settings.ATTACHMENT_BYTES_PER_OWNER = 10**9
    settings.ATTACHMENT_BYTES_PER_DAY = 200
    with pytest.raises(UploadError) as refusal:
        keep("大.png", picture("red", (300, 300)))
    assert refusal.value.code == "daily_quota"
    Attachment.objects.update(uploaded_at=clock.now() - timedelta(days=2))
    settings.ATTACHMENT_BYTES_PER_DAY = 2000
    keep()


def test_a_kind_may_set_its_own_limit(keep, actor, monkeypatch):
    access.register_attachment_access(KIND, lambda *_: True, lambda *_: True, max_files=1)
    keep()
    with pytest.raises(UploadError, match="最多放 1 个"):
        keep()


def test_full_disk_leaves_no_row_and_no_file(keep, private_files, monkeypatch):
    real_write = service.ContentFile.chunks

    def fill_disk(self, chunk_size=None):
        yield next(real_write(self, 10))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(service.ContentFile, "chunks", fill_disk)
    with pytest.raises(UploadError) as refusal:
        keep()
    assert refusal.value.code == "storage_full"
    assert not Attachment.objects.exists()
    assert stored_files(private_files) == [], "no partial file, also not under a temporary name"
    monkeypatch.undo()


def test_a_failed_row_takes_its_file_along(keep, private_files, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("database away")

    monkeypatch.setattr(service, "record_audit", fail)
    with pytest.raises(RuntimeError):
        keep()
    assert stored_files(private_files) == []
    assert not Attachment.objects.exists()


def test_remove_and_restore(keep, actor, private_files):
    attachment = keep()
    with pytest.raises(NotAllowed):
        remove_attachment(actor=make_actor(), attachment=attachment, now=clock.now())
    remove_attachment(actor=actor, attachment=attachment, now=clock.now())
    assert attachments_of(KIND, [7]) == {}
    assert len(stored_files(private_files)) == 1
    restore_attachment(actor=actor, attachment=attachment, now=clock.now())
    assert len(attachments_of(KIND, [7])[7]) == 1


@pytest.mark.parametrize("damage", ["flip", "delete"])
def test_damaged_files_are_refused_and_logged(keep, actor, client, private_files, caplog, damage):
    attachment = keep()
    path = private_files / attachment.file.name
    if damage == "flip":
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
    else:
        path.unlink()
    with pytest.raises(FileDamaged):
        open_verified(attachment)
    response = login(client, actor).get(attachment.get_absolute_url())
    assert response.status_code == 409
    assert "损坏" in response.content.decode()
    assert "on disk" in caplog.text


def test_download_headers(keep, actor, client):
    attachment = keep("年度 报告（终）.png")
    response = login(client, actor).get(f"/files/{attachment.uid}/")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''" in disposition
    assert disposition.isascii()
    assert b"".join(response.streaming_content) == default_storage.open(attachment.file.name).read()
    assert AuditEntry.objects.filter(action="下载文件", object_id=str(attachment.pk)).count() == 1


def test_x_accel_hands_the_bytes_to_the_proxy(keep, actor, client, settings):
    settings.X_ACCEL_PREFIX = "/protected/"
    attachment = keep()
    response = login(client, actor).get(f"/files/{attachment.uid}/")
    assert response.headers["X-Accel-Redirect"] == f"/protected/{attachment.file.name}"
    assert response.content == b""


def test_strangers_and_removed_files_are_404(keep, actor, client):
    attachment = keep()
    for path in ("", "preview/"):
        assert login(client, make_actor()).get(f"/files/{attachment.uid}/{path}").status_code == 404
    for path in ("remove/", "restore/"):
        assert login(client, make_actor()).post(f"/files/{attachment.uid}/{path}").status_code == 404
    remove_attachment(actor=actor, attachment=attachment, now=clock.now())
    assert login(client, actor).get(f"/files/{attachment.uid}/").status_code == 404


def test_images_are_shown_in_place_other_files_are_not(keep, actor, client):
    image = login(client, actor).get(f"/files/{keep().uid}/preview/")
    assert image.headers["Content-Disposition"].startswith("inline; ")
    assert "sandbox" in image.headers["Content-Security-Policy"]
    attachment = keep()
    Attachment.objects.filter(pk=attachment.pk).update(content_type="application/pdf")
    response = client.get(f"/files/{attachment.uid}/preview/")
    assert (response.status_code, response.headers["Location"]) == (303, f"/files/{attachment.uid}/")


def test_media_is_not_served_from_anywhere(keep, actor, client):
    attachment = keep()
    for root in ("/media/", "/files/", "/", "/static/"):
        assert login(client, actor).get(root + attachment.file.name).status_code == 404


def test_remove_by_htmx_offers_undo_in_the_row(keep, actor, client):
    attachment = keep()
    url = f"/files/{attachment.uid}/remove/"
    page = login(client, actor).post(url, headers={"HX-Request": "true"}).content.decode()
    assert "撤销" in page
    row = client.post(f"/files/{attachment.uid}/restore/", headers={"HX-Request": "true"}).content.decode()
    assert attachment.label in row
    plain = client.post(url, {"next": "/downloads/"})
    assert (plain.status_code, plain.headers["Location"]) == (303, "/downloads/")
    elsewhere = client.post(f"/files/{attachment.uid}/restore/", {"next": "https://evil.example/"})
    assert elsewhere.headers["Location"] == "/"


def test_a_file_sent_again_under_its_own_id_is_stored_once(actor, owner, private_files):
    uid = uuid4()

    def send(by, color="red"):
        upload = SimpleUploadedFile("照片.png", picture(color), content_type="image/png")
        return store_attachment(
            actor=by, owner_kind=KIND, owner_id=owner, upload=upload, now=clock.now(), uid=uid
        )

    first = send(actor)
    assert first.uid == uid
    assert send(actor).pk == first.pk
    remove_attachment(actor=actor, attachment=first, now=clock.now())
    assert send(actor).removed_at is not None
    assert Attachment.objects.count() == 1 and len(stored_files(private_files)) == 1
    access.register_attachment_access(KIND, lambda *_: True, lambda *_: True)
    with pytest.raises(UploadError, match="编号已用于别处"):
        send(make_actor())


def test_two_tries_at_once_leave_one_file(actor, owner, monkeypatch, private_files):
    """The second arrives before the first is stored: the database decides, and its copy is taken away."""
    uid, write = uuid4(), service._write

    def meanwhile(attachment, checked):
        monkeypatch.setattr(service, "_write", write)
        send()
        return write(attachment, checked)

    def send():
        upload = SimpleUploadedFile("照片.png", picture(), content_type="image/png")
        return store_attachment(
            actor=actor, owner_kind=KIND, owner_id=owner, upload=upload, now=clock.now(), uid=uid
        )

    monkeypatch.setattr(service, "_write", meanwhile)
    assert send().uid == uid
    assert Attachment.objects.count() == 1 and len(stored_files(private_files)) == 1
