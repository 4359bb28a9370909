"""The virus scanner, when one is set (CLAMD_ADDRESS): clamd's INSTREAM. No answer means no upload, never a pass."""

from __future__ import annotations

import logging
import socket
import struct

from django.conf import settings

from zaozhuang_portal.kernel.uploads import UploadError

logger = logging.getLogger(__name__)
# Seconds to connect and between two answers.
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 30.0
_CHUNK = 64 * 1024


def scan_upload(content: bytes, label: str) -> None:
    """Raises UploadError when the scanner finds something, or when it does not answer."""
    if not settings.CLAMD_ADDRESS:
        return
    try:
        answer = _ask(settings.CLAMD_ADDRESS, content)
    except (OSError, ValueError) as error:
        logger.error("virus scanner %s does not answer: %s", settings.CLAMD_ADDRESS, error)
        raise UploadError(
            "病毒检查服务暂时不可用，文件没有接收。请过几分钟再上传。", code="scanner_down"
        ) from error
    if answer.endswith("FOUND"):
        logger.warning("upload refused by the virus scanner: %s", answer)
        raise UploadError(f"“{label}”没有通过病毒检查，未接收。请查杀后换一份文件上传。", code="infected")
    if not answer.endswith("OK"):
        logger.error("virus scanner answered %r", answer)
        raise UploadError("病毒检查没有完成，文件没有接收。请过几分钟再上传。", code="scanner_down")


def _ask(address: str, content: bytes) -> str:
    with _connect(address) as link:
        link.settimeout(ANSWER_SECONDS)
        link.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            chunk = content[start : start + _CHUNK]
            link.sendall(struct.pack("!I", len(chunk)) + chunk)
        link.sendall(struct.pack("!I", 0))
        answer = b""
        while not answer.endswith(b"\0"):
            received = link.recv(4096)
            if not received:
                break
            answer += received
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _connect(address: str) -> socket.socket:
    if "/" in address:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(CONNECT_SECONDS)
        try:
            link.connect(address)
        except OSError:
            link.close()
            raise
        return link
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS)
