"""What base.html carries on every page, drawn by kernel.rows."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from zaozhuang_portal.kernel.rows import render_rows

register = template.Library()


def _common(context: template.Context) -> dict[str, Any]:
    request = context.get("request")
    return {
        "csrf_token": str(context.get("csrf_token", "")),
        "here": request.get_full_path() if request is not None else "",
        "elder_mode": context.get("elder_mode", False),
    }


@register.simple_tag(takes_context=True)
def head_links(context: template.Context) -> SafeString:
    """Icons, styles, scripts and what the scripts read; an error page without a request has no idle time."""
    idle = (context.get("portal") or {}).get("idle_seconds", 0)
    actor = context.get("actor")
    # Whose words this machine keeps until the server has them: the person, and the capacity they are sent in.
    key = f"{getattr(actor.user, 'pk', '')}/{actor.capacity.key}" if actor else ""
    return render_rows("head_links.jinja", idle_seconds=idle, actor_key=key)


@register.simple_tag(takes_context=True)
def elder_switch(context: template.Context) -> SafeString:
    return render_rows("elder_switch.jinja", **_common(context))


@register.simple_tag(takes_context=True)
def site_header(context: template.Context) -> SafeString:
    return render_rows(
        "site_header.jinja",
        portal=context["portal"],
        actor=context["actor"],
        capacities=getattr(context["request"], "capacities", ()),
        with_menu=bool(context["nav_groups"]),
        **_common(context),
    )
