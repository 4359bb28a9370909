"""What the fragments of templates/fragments and templates/rows may rely on."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest
from django.test import override_settings
from django.urls import path, set_script_prefix

from zaozhuang_portal.kernel.rows import address, render_rows

urlpatterns = [path("elsewhere/", lambda request: None, name="only_here")]


def test_a_missing_name_is_an_error_not_a_gap() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render_rows("subject_actions.jinja", kind="ENTERPRISE")


def test_text_is_escaped() -> None:
    drawn = render_rows("elder_switch.jinja", elder_mode=False, csrf_token="t", here='/?q="><script>')
    assert "<script>" not in drawn and "&lt;script&gt;" in drawn


def test_an_address_follows_the_url_configuration_and_the_prefix(settings: Any) -> None:
    assert address("no_such_page") == "" and address("only_here") == ""
    with override_settings(ROOT_URLCONF=__name__):
        assert address("only_here") == "/elsewhere/"
        set_script_prefix("/portal/")
        try:
            assert address("only_here") == "/portal/elsewhere/"
        finally:
            set_script_prefix("/")
    assert address("only_here") == ""
