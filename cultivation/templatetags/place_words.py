"""Whose page it is, in its heading."""

from __future__ import annotations

from django import template

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization

register = template.Library()


@register.filter
def place_of(district: Organization | None, actor: Actor) -> str:
    """The district whose page it is; for the staff of a township or park, whose page holds only its own rows, that place."""
    if actor.role == Role.TOWNSHIP_STAFF and actor.organization is not None:
        return actor.organization.name
    return district.name if district is not None else ""
