"""Who keeps the calendar of working days."""

from __future__ import annotations

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import NotAllowed

HOLIDAY_KEEPERS = frozenset({Role.CITY_OFFICE})


def require_holiday_keeper(actor: Actor) -> None:
    if actor.role not in HOLIDAY_KEEPERS:
        raise NotAllowed("节假日安排由市三方委员会办公室登记。")
