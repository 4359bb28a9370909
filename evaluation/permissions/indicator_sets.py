"""Who loads and publishes standards."""

from __future__ import annotations

from evaluation.permissions.roles import SET_MANAGERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import NotAllowed


def require_set_manager(actor: Actor | None) -> None:
    """Standards are loaded and published by the city office; None is the system itself (a command, the first start)."""
    if actor is not None and actor.role not in SET_MANAGERS:
        raise NotAllowed("评价标准由市三方委员会办公室载入和发布，您当前的身份只能查看。")
