"""System checks of the reporting app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from reporting.documents.probe import (
    INSTALL_LINE,
    MISSING_MESSAGE,
    OPTIONAL_LIBRARIES,
    probe_pdf_libraries,
)


def check_pdf_libraries(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Pango missing is an error where PDF is required (REQUIRE_PDF, production), else a warning."""
    missing = probe_pdf_libraries()
    if not missing:
        return []
    names = "、".join(missing)
    if set(missing) <= set(OPTIONAL_LIBRARIES):
        return [Warning(f"生成 PDF 会较慢，缺少：{names}。", hint=INSTALL_LINE, id="reporting.W002")]
    if settings.REQUIRE_PDF:
        return [Error(f"{MISSING_MESSAGE}（缺少：{names}）", hint=INSTALL_LINE, id="reporting.E001")]
    return [Warning(f"{MISSING_MESSAGE}（缺少：{names}）", hint=INSTALL_LINE, id="reporting.W001")]
