"""Who chooses the year's subjects, who confirms the roster."""

from __future__ import annotations

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role

CHOOSERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
CONFIRMERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE})


def may_act_for(actor: Actor, roles: frozenset[Role], organization_id: int | None) -> bool:
    """Whether the actor has one of the roles and works for that district, or for the city."""
    if actor.role not in roles:
        return False
    return actor.is_city or (actor.district is not None and actor.district.pk == organization_id)
