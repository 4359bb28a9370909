"""Sending a short message. The gateway is chosen by settings.SMS_BACKEND; the default writes to the log."""

from __future__ import annotations

import logging
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

logger = logging.getLogger("zaozhuang_portal.sms")


class SmsBackend(Protocol):
    def send(self, *, phone: str, text: str) -> None:
        """Hand one message to the gateway; raise OSError when it cannot be handed over."""


class ConsoleSmsBackend:
    """For trying out: the message appears on the server's console instead of a phone."""

    def send(self, *, phone: str, text: str) -> None:
        logger.warning("SMS to %s: %s", phone, text)


def send_sms(*, phone: str, text: str) -> None:
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    backend.send(phone=phone, text=text)
