"""The pages of allauth that are used here, by name; sign-up, e-mail and reset by e-mail are not among them.

allauth answers any method and, as a guest of other projects, guards itself: here the methods are declared, what a
stranger may see is marked, and what a person without a capacity needs (sign-out, own password) as well.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.socialaccount import views as social_views
from allauth.socialaccount.providers.openid_connect import views as oidc_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from zaozhuang_portal.accounts.access import capacity_not_required

View = Callable[..., HttpResponse]
FORM = ["GET", "HEAD", "POST"]
PAGE = ["GET", "HEAD"]


def _open(route: str, view: View, name: str, methods: list[str]) -> URLPattern:
    return path(route, login_not_required(require_http_methods(methods)(view)), name=name)


def _own(route: str, view: View, name: str, methods: list[str]) -> URLPattern:
    return path(route, capacity_not_required(require_http_methods(methods)(view)), name=name)


urlpatterns = [
    _open("login/", account_views.login, "account_login", FORM),
    _open("logout/", account_views.logout, "account_logout", FORM),
    _open("inactive/", account_views.account_inactive, "account_inactive", PAGE),
    _open("signup/", account_views.signup, "account_signup", PAGE),
    _own("reauthenticate/", account_views.reauthenticate, "account_reauthenticate", FORM),
    _own("password/change/", account_views.password_change, "account_change_password", FORM),
    _own("2fa/", mfa_views.index, "mfa_index", PAGE),
    _open("2fa/authenticate/", mfa_views.authenticate, "mfa_authenticate", FORM),
    _own("2fa/reauthenticate/", mfa_views.reauthenticate, "mfa_reauthenticate", FORM),
    _own("2fa/totp/activate/", totp_views.activate_totp, "mfa_activate_totp", FORM),
    _own("2fa/totp/deactivate/", totp_views.deactivate_totp, "mfa_deactivate_totp", FORM),
    _own("2fa/recovery-codes/", recovery_views.view_recovery_codes, "mfa_view_recovery_codes", PAGE),
    _own(
        "2fa/recovery-codes/generate/",
        recovery_views.generate_recovery_codes,
        "mfa_generate_recovery_codes",
        FORM,
    ),
    _own(
        "2fa/recovery-codes/download/",
        recovery_views.download_recovery_codes,
        "mfa_download_recovery_codes",
        PAGE,
    ),
    _open("social/login/cancelled/", social_views.login_cancelled, "socialaccount_login_cancelled", PAGE),
    _open("social/login/error/", social_views.login_error, "socialaccount_login_error", PAGE),
    _open("social/signup/", social_views.signup, "socialaccount_signup", PAGE),
    _own("social/", social_views.connections, "socialaccount_connections", FORM),
    _open("oidc/<str:provider_id>/login/", oidc_views.login, "openid_connect_login", FORM),
    _open("oidc/<str:provider_id>/login/callback/", oidc_views.callback, "openid_connect_callback", PAGE),
]
