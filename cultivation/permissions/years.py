"""Who asks for a 更正 of a closed year, who answers. Closing itself is the city office's."""

from __future__ import annotations

from zaozhuang_portal.accounts.enums import Role

# The offices ask for their own unit; members and townships ask through them.
CORRECTION_REQUESTERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE})
CORRECTION_DECIDERS = frozenset({Role.CITY_OFFICE})
CORRECTION_READERS = frozenset(
    {Role.CITY_OFFICE, Role.CITY_MEMBER, Role.LEADER, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER}
)
YEAR_CLOSERS = frozenset({Role.CITY_OFFICE})
