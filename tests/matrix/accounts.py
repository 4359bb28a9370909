"""Sign-in, people, audit: accounts and the pages of the kernel."""

from __future__ import annotations

from tests.matrix.matrix import EVERYONE, Entry

FORM = ("GET", "POST")
UNIFIED = {"provider_id": "unified"}
OIDC = frozenset({200, 404})

ENTRIES = [
    # --- probes, help and how the pages look ---
    Entry("ui:help", public=True),
    Entry("ui:keys", public=True),
    Entry("ui:accessibility", public=True),
    Entry("ui:privacy", public=True),
    Entry("ui:elder", public=True, methods=("POST",)),
    Entry("ui:density", public=True, methods=("POST",)),
    Entry("healthz", public=True),
    Entry("readyz", public=True, status=frozenset({200, 503})),
    # --- allauth ---
    Entry("account_login", public=True, methods=FORM, data={"login": "nobody", "password": "x"}),
    Entry("account_logout", public=True, methods=FORM),
    Entry("account_inactive", public=True, methods=("GET",)),
    Entry("account_signup", public=True),
    Entry("account_reauthenticate", EVERYONE, methods=FORM),
    Entry("account_change_password", EVERYONE, methods=FORM),
    Entry("mfa_index", EVERYONE),
    Entry("mfa_activate_totp", EVERYONE, methods=FORM),
    Entry("mfa_deactivate_totp", EVERYONE, methods=FORM, status=frozenset({302, 404})),
    Entry("mfa_authenticate", public=True, methods=FORM),
    Entry("mfa_reauthenticate", EVERYONE, methods=FORM),
    Entry("mfa_view_recovery_codes", EVERYONE, status=frozenset({302, 404})),
    Entry("mfa_generate_recovery_codes", EVERYONE, methods=FORM),
    Entry("mfa_download_recovery_codes", EVERYONE, status=frozenset({302, 404})),
    # --- 统一身份认证: the provider is configured by the environment; without it these answer 404 ---
    Entry("openid_connect_login", public=True, methods=FORM, kwargs=UNIFIED, status=OIDC),
    Entry("openid_connect_callback", public=True, kwargs=UNIFIED, status=OIDC),
    Entry("socialaccount_login_cancelled", public=True),
    Entry("socialaccount_login_error", public=True, status=frozenset({401})),
    Entry("socialaccount_signup", public=True, may_lead_to_sign_in=True),
    Entry("socialaccount_connections", EVERYONE, methods=FORM),
]
