"""Tripartite bodies as an actor sees them."""

from __future__ import annotations

from django.db.models import QuerySet

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody


def visible_bodies(actor: Actor) -> QuerySet[TripartiteBody]:
    """City: all. Others: those of their own organization and below, in the official order."""
    bodies = TripartiteBody.objects.select_related("organization").order_by("organization__sort_order", "id")
    if actor.sees_whole_city:
        return bodies
    return bodies.filter(organization__in=Organization.objects.visible_to(actor))


def visible_seats(actor: Actor) -> QuerySet[Seat]:
    return Seat.objects.filter(body__in=visible_bodies(actor)).select_related("body__organization", "unit")


def registered_place(district: Organization, name: str) -> Organization | None:
    """The district's place of that name, with its body, also one that was closed; None when there is none."""
    places = Organization.objects.filter(parent=district, name=name)
    return places.select_related("parent", "tripartite_body").first()


def seats_by_body(bodies: list[TripartiteBody]) -> dict[int, list[Seat]]:
    """Seats with their units by body, in one statement."""
    found: dict[int, list[Seat]] = {body.pk: [] for body in bodies}
    for seat in Seat.objects.filter(body__in=found).select_related("unit").order_by("id"):
        found[seat.body_id].append(seat)
    return found
