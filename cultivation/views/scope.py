"""Which district and which year a page is about, from the actor and the address."""

from __future__ import annotations

from django.http import HttpRequest

from cultivation.rules.calendar import year_at_hand
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.parsing import whole_number


def district_for(request: HttpRequest, actor: Actor) -> Organization | None:
    """The district whose page is shown: the actor's own, or the one a city actor picked with ?district=."""
    if actor.district is not None:
        return actor.district
    picked = request.GET.get("district", "")
    number = whole_number(picked)
    if not actor.sees_whole_city or number is None:
        return None
    return Organization.objects.districts().filter(pk=number).first()


def current_year() -> int:
    """The campaign year of today in Shanghai, kept within 2023–2027."""
    return year_at_hand(clock.shanghai_date(clock.now()))


def posted_ids(request: HttpRequest, name: str) -> set[int]:
    """Primary keys of ticked boxes; anything that is none is left out."""
    numbers = map(whole_number, request.POST.getlist(name))
    return {number for number in numbers if number is not None}
