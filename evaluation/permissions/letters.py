"""Who sends letters, signs for them and reads them. What one may see is `LetterReceipt.objects.visible_to(actor)`."""

from __future__ import annotations

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.kernel.errors import NotAllowed

# The office sends, withdraws and registers what was signed on paper.
LETTER_SENDERS = frozenset({Role.CITY_OFFICE})
# A district's offices sign for the district, a contact for the own subject.
LETTER_RECEIVERS = frozenset({*DISTRICT_ROLES, Role.SUBJECT_CONTACT})
LETTER_READERS = frozenset({*CITY_ROLES, *LETTER_RECEIVERS, Role.LEADER})


def require_letter_office(actor: Actor) -> None:
    if actor.role not in LETTER_SENDERS:
        raise NotAllowed("通知由市三方委员会办公室发出、撤回和登记纸质签收。")
