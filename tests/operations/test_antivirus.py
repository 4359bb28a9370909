"""The virus scanner: found, clean, silent, absent. A fake clamd speaks INSTREAM over a loopback socket."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from tests.servers import free_port
from zaozhuang_portal.kernel.uploads import UploadError
from zaozhuang_portal.operations.services import antivirus
from zaozhuang_portal.operations.services.antivirus import scan_upload

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeClamd(threading.Thread):
    def __init__(self, answer: bytes | None = None) -> None:
        super().__init__(daemon=True)
        self.answer = answer
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"
        self.received = b""

    def run(self) -> None:
        link, _ = self.server.accept()
        with link, link.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while size := struct.unpack("!I", stream.read(4))[0]:
                self.received += stream.read(size)
            found = b"stream: Eicar-Signature FOUND\0" if b"EICAR" in self.received else b"stream: OK\0"
            link.sendall(found if self.answer is None else self.answer)


@pytest.fixture
def clamd(settings) -> Iterator[FakeClamd]:
    fake = FakeClamd()
    settings.CLAMD_ADDRESS = fake.address
    fake.start()
    yield fake
    fake.server.close()


def test_clean_content_passes_whole(clamd):
    content = bytes(range(256)) * 1000
    scan_upload(content, "a.pdf")
    assert clamd.received == content


def test_a_virus_is_refused(clamd):
    with pytest.raises(UploadError, match="没有通过病毒检查") as refusal:
        scan_upload(EICAR, "a.pdf")
    assert refusal.value.code == "infected"


def test_an_error_of_the_scanner_is_no_pass(clamd):
    clamd.answer = b"INSTREAM size limit exceeded. ERROR\0"
    with pytest.raises(UploadError) as refusal:
        scan_upload(b"x", "a.pdf")
    assert refusal.value.code == "scanner_down"


@pytest.mark.parametrize("address", ["tcp", "/nowhere/clamd.sock", "no-port"])
def test_a_scanner_that_does_not_answer_is_no_pass(settings, address):
    settings.CLAMD_ADDRESS = f"127.0.0.1:{free_port()}" if address == "tcp" else address
    with pytest.raises(UploadError, match="暂时不可用"):
        scan_upload(b"x", "a.pdf")


def test_a_silent_scanner_is_no_pass(settings, monkeypatch):
    monkeypatch.setattr(antivirus, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UploadError, match="暂时不可用"):
            scan_upload(b"x", "a.pdf")


def test_without_a_scanner_nothing_is_asked(settings):
    settings.CLAMD_ADDRESS = ""
    scan_upload(EICAR, "a.pdf")
