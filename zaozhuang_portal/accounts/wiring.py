"""What accounts registers with the floor below and with itself when the apps are ready."""

from __future__ import annotations

from zaozhuang_portal.accounts import signals
from zaozhuang_portal.accounts.actors import CapacitySource, register_capacity_source
from zaozhuang_portal.accounts.selectors.memberships import (
    find_membership_capacity,
    list_membership_capacities,
)


def register() -> None:
    """Called once by AppConfig.ready()."""
    register_capacity_source(
        CapacitySource(prefix="m", find=find_membership_capacity, list=list_membership_capacities)
    )
    signals.connect()
