"""Who sends letters. What one may see is `LetterReceipt.objects.visible_to(actor)`."""

from __future__ import annotations

from evaluation.permissions.roles import LETTER_SENDERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import NotAllowed


def require_letter_office(actor: Actor) -> None:
    if actor.role not in LETTER_SENDERS:
        raise NotAllowed("通知由市三方委员会办公室发出、撤回和登记纸质签收。")
