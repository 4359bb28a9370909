"""How the pages look, kept in the profile so that it follows the person to another computer."""

from __future__ import annotations

from typing import Any

from zaozhuang_portal.accounts.models import User


def save_preference(request: Any, name: str, value: str) -> None:
    """`name` is elder_mode ("on" / "off") or density. Nothing to do for a visitor."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return
    if name == "elder_mode":
        User.objects.filter(pk=actor.user.pk).update(elder_mode=value == "on")
    elif name == "density":
        User.objects.filter(pk=actor.user.pk).update(density=value)
