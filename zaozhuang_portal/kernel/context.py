"""The context processor of every page: names, menu, preferences. It issues no database statement."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from zaozhuang_portal.kernel import preferences
from zaozhuang_portal.kernel.navigation import group_links, menu_links, nav_links, nav_state, section_tabs
from zaozhuang_portal.kernel.undo import take_undo
from zaozhuang_portal.kernel.walks import current_walk


def portal(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    role = str(actor.role) if actor is not None else ""
    links = nav_links(role, request.path) if actor is not None else []
    menu = menu_links(links)
    section, tabs = section_tabs(links)
    phone_bar = role in settings.PHONE_BAR_ROLES
    return {
        "portal": {
            "name": settings.PORTAL_NAME,
            "short_name": settings.PORTAL_SHORT_NAME,
            "owner": settings.PORTAL_OWNER,
            "phone": settings.PORTAL_PHONE,
            "hours": settings.PORTAL_HOURS,
            "icp": settings.PORTAL_ICP,
            "site_code": settings.PORTAL_SITE_CODE,
            "unified_sign_in": bool(settings.OIDC_SERVER_URL),
            "sms_sign_in": settings.SMS_SIGN_IN,
            "idle_seconds": settings.SESSION_IDLE_SECONDS if actor is not None else 0,
        },
        "actor": actor,
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "request_id": getattr(request, "request_id", ""),
        "elder_mode": preferences.elder_mode(request),
        "density": preferences.density(request),
        "nav_groups": group_links(menu),
        "nav_state": nav_state(role, request.path, links),
        "nav_section": section,
        "nav_tabs": tabs,
        "bottom_links": [link for link in menu if link.item.bottom_bar][:4] if phone_bar else [],
        "undo_offer": lambda: take_undo(request),
        "walk": lambda: current_walk(request),
    }
