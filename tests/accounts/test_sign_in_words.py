"""What allauth, axes and the browser say here is said in Chinese, and in the portal's own words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from allauth.socialaccount.adapter import get_adapter as social_adapter
from django.template.loader import render_to_string
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.factories import make_actor
from tests.servers import ROOT
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User

TEMPLATES = ROOT / "templates"
# Messages of pages that are not among the portal's (accounts/sign_in_urls.py): e-mail, phone, security keys.
NOT_HERE = {
    "account/messages/cannot_delete_primary_email.txt": "account_email",
    "account/messages/email_confirmation_failed.txt": "account_confirm_email",
    "account/messages/email_confirmation_sent.txt": "account_email_verification_sent",
    "account/messages/email_confirmed.txt": "account_confirm_email",
    "account/messages/email_deleted.txt": "account_email",
    "account/messages/login_code_sent.txt": "account_request_login_code",
    "account/messages/phone_verification_sent.txt": "account_verify_phone",
    "account/messages/phone_verified.txt": "account_verify_phone",
    "account/messages/primary_email_set.txt": "account_email",
    "account/messages/unverified_primary_email.txt": "account_email",
    "mfa/messages/webauthn_added.txt": "mfa_add_webauthn",
    "mfa/messages/webauthn_removed.txt": "mfa_remove_webauthn",
    "usersessions/messages/sessions_logged_out.txt": "usersessions_list",
}
# One message the portal words itself says it for its twin too.
TWINS = {
    "socialaccount/messages/account_connected_updated.txt": "socialaccount/messages/account_connected.txt"
}
LATIN = re.compile(r"[A-Za-z]{2,}")
# Errors no page of the portal can raise: they speak of e-mail addresses, telephones and sign-up.
ELSEWHERE = re.compile(
    "email|phone|username_taken|username_blacklisted|password_reset|expired_key|select_only_one"
)


def shipped() -> list[str]:
    folder = Path(allauth.__file__).parent / "templates"
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/messages/*.txt"))


@pytest.mark.parametrize("name", shipped())
def test_every_message_is_the_portals_own_or_of_a_page_it_does_not_have(name: str) -> None:
    if name in NOT_HERE:
        with pytest.raises(NoReverseMatch):
            reverse(NOT_HERE[name])
        return
    own = TEMPLATES / TWINS.get(name, name)
    assert own.is_file(), f"{name}: write it in templates/, in the words of the office"
    user = User(username="tengzhou", full_name="王区办")
    text = render_to_string(name, {"user": user}).strip()
    assert text.endswith("。") and not LATIN.search(text.replace("王区办", "")), text


@pytest.mark.django_db
def test_signing_in_greets_by_name(client: Client) -> None:
    actor = make_actor(Role.DISTRICT_OFFICE)
    actor.user.full_name, actor.user.must_change_password = "王区办", False
    actor.user.set_password("Hexie-Test-2026")
    actor.user.save()
    answer = client.post(
        reverse("account_login"), {"login": actor.user.username, "password": "Hexie-Test-2026"}, follow=True
    )
    page = answer.content.decode()
    assert "王区办，您已登录。" in page and "成功登录" not in page
    assert "您已退出登录。" in client.post(reverse("account_logout"), follow=True).content.decode()


@pytest.mark.parametrize("adapter", [account_adapter, mfa_adapter, social_adapter])
def test_errors_are_chinese(adapter: Any) -> None:
    said = {key: str(text) for key, text in adapter().error_messages.items() if not ELSEWHERE.search(key)}
    assert said and not {key: text for key, text in said.items() if LATIN.search(text.replace("%s", ""))}
    assert "错误代码。" not in said.values()


@pytest.mark.parametrize(
    "form",
    [
        account_forms.LoginForm,
        account_forms.ChangePasswordForm,
        account_forms.ReauthenticateForm,
        AuthenticateForm,
        ReauthenticateForm,
        ActivateTOTPForm,
        DeactivateTOTPForm,
    ],
)
def test_labels_of_the_forms_are_chinese(form: Any) -> None:
    labels = [str(field.label) for field in form.base_fields.values() if field.label]
    assert not [label for label in labels if LATIN.search(label)]


# Boxes of the browser's own speak the browser's language: its months, its calendar, its 「Choose File」.
NATIVE = re.compile(r"type=[\"']?(month|week|date|time|datetime-local|color)\b", re.IGNORECASE)
FILE = re.compile(r"<input[^>]*type=[\"']?file\b[^>]*>", re.IGNORECASE)


def test_no_box_of_the_browsers_own_language() -> None:
    """Dates are typed (2026-11-20), months chosen from a list; a file box is hidden behind words of the portal."""
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not NATIVE.search(text), path
        for box in FILE.findall(text):
            hidden = "data-file-input" in box or "data-photos" in box or 'class="file-input"' in box
            assert hidden, (path, box)
    for folder in ("zaozhuang_portal", "cultivation", "evaluation", "reporting"):
        for path in (ROOT / folder).rglob("*.py"):
            found = re.search(
                r"input_type\s*=\s*[\"'](month|week|date|time|datetime-local)", path.read_text("utf-8")
            )
            assert not found, path


def test_forms_say_what_is_missing_themselves() -> None:
    """Without `novalidate` the browser says 「Please fill out this field」 in its own language."""
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL | re.IGNORECASE):
            opening = form[: form.index(">") + 1]
            bare = re.search(r"<(?:input|select|textarea)\b[^>]*\srequired\b", form)
            assert not bare or "novalidate" in opening, (path, opening[:120])
