"""时限预演: everyone who works with records, over what they see."""

from __future__ import annotations

from cultivation.models import Milestone
from cultivation.selectors.rehearsal import OFFICES
from tests.factories import make_year
from tests.matrix.cultivation import READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object


@register_object("milestone")
def milestone(world: World, place: Place):
    return Milestone.objects.get(year=make_year(2026), code="SPOT_CHECK")


ENTRIES = [
    Entry("cultivation:rehearsal", READERS, query="?day=2026-12-30", shows="confirmed_roster"),
    Entry(
        "cultivation:milestone_done",
        {"CITY_OFFICE": "any"},
        object="milestone",
        methods=("GET", "POST"),
        data={"done_on": "2026-11-20", "basis": "抽查通报"},
    ),
    Entry("cultivation:milestone_states", {role: READERS[role] for role in READERS if role in OFFICES}),
]
