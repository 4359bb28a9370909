"""A stored file is whole or absent."""

from __future__ import annotations

import os

import pytest
from django.core.files.base import ContentFile

from zaozhuang_portal.kernel.storage import AtomicFileStorage


class BrokenContent(ContentFile):
    def chunks(self, chunk_size=None):
        yield b"first half"
        raise OSError(28, "No space left on device")


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_content_arrives_under_its_name(tmp_path):
    storage = AtomicFileStorage(location=tmp_path, file_permissions_mode=0o600)
    assert storage.save("a/b", ContentFile(b"whole")) == "a/b"
    assert (tmp_path / "a" / "b").read_bytes() == b"whole"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o600
    assert files(tmp_path) == ["b"]


def test_a_full_disk_leaves_nothing(tmp_path):
    storage = AtomicFileStorage(location=tmp_path)
    with pytest.raises(OSError, match="No space"):
        storage.save("a/b", BrokenContent(b"first half, second half"))
    assert files(tmp_path) == []


def test_the_final_name_never_holds_half_a_file(tmp_path, monkeypatch):
    storage = AtomicFileStorage(location=tmp_path)
    seen = []
    replace = os.replace

    def look_then_replace(source, target):
        seen.append(os.path.exists(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", look_then_replace)
    storage.save("a/b", ContentFile(b"whole"))
    assert seen == [False]
