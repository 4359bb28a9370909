"""The second factor's forms: allauth's own, with a limit by account and address."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm


class _Limited:
    """Ten wrong codes in 15 minutes from one address. Only who knows the password gets here, so there is an outer limit
    for the account as well (settings.ACCOUNT_RATE_LIMITS): against guessing from many addresses."""

    user: Any

    def clean_code(self) -> str:
        address = get_adapter().get_client_ip(context.request)
        limits = {
            "second_factor": f"{self.user.pk} {address}",
            "second_factor_of_account": str(self.user.pk),
        }
        for action, key in limits.items():
            if not ratelimit.consume(context.request, action=action, key=key):
                raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()  # type: ignore[misc]  # allauth's form, beside this class
        for action, key in limits.items():
            ratelimit.clear(context.request, action=action, key=key)
        return code


class SecondFactorForm(_Limited, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """At sign-in."""


class SecondFactorAgainForm(_Limited, ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """Before a change of the second factor."""
