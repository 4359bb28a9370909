"""检查人员 and 检查组: who keeps the register, who sees it, who assigns."""

from __future__ import annotations

from evaluation.models import Inspector
from evaluation.permissions.roles import INSPECTOR_KEEPERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import NotAllowed


def require_keeper(actor: Actor) -> None:
    if actor.role not in INSPECTOR_KEEPERS:
        raise NotAllowed("检查人员名录和派组由市三方委员会办公室办理。")


def shown_certificate(actor: Actor, inspector: Inspector) -> str:
    """Personal data: whole for who keeps the register and for the person, else first three and last two characters."""
    text = inspector.certificate
    if actor.role in INSPECTOR_KEEPERS or inspector.user_id == actor.user.pk or not text:
        return text
    return f"{text[:3]}****{text[-2:]}" if len(text) > 7 else "****"
