"""What pairings and visits register when the apps are ready: their places in the menu, the kept photos."""

from __future__ import annotations

from cultivation.ledgers.base import FIELD_KEEPERS, READERS
from cultivation.services.visit_photos import register_visit_drafts
from zaozhuang_portal.kernel.navigation import NavItem, register_nav


def register() -> None:
    """Called once by wiring."""
    register_visit_drafts()
    register_nav(
        NavItem(
            "visit_choose",
            "记服务",
            "cultivation:visit_choose",
            "camera",
            roles=FIELD_KEEPERS,
            order=10,
            group="工作",
            bottom_bar=True,
        ),
        NavItem(
            "follow_ups",
            "待跟进",
            "cultivation:follow_up_list",
            "list-check",
            roles=FIELD_KEEPERS,
            order=12,
            group="工作",
            bottom_bar=True,
        ),
        NavItem(
            "pairings",
            "结对一览",
            "cultivation:pairing_matrix",
            "link-45deg",
            roles=READERS,
            order=203,
            group="培育",
        ),
        NavItem(
            "visits",
            "指导服务",
            "cultivation:visit_list",
            "journal-check",
            roles=READERS,
            order=204,
            group="培育",
        ),
    )
