"""行业试点: overview, one pilot, member firms pasted."""

from __future__ import annotations

from tests.factories import make_subject
from tests.matrix.cultivation import READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object

ENTERS = dict.fromkeys(("CITY_OFFICE", "CITY_MEMBER", "DISTRICT_OFFICE", "DISTRICT_MEMBER"), "own")


@register_object("pilot")
def pilot(world: World, place: Place):
    return make_subject(
        place.district, kind="INDUSTRY_PILOT", name=f"{place.canary}行业", township=place.township
    )


ENTRIES = [
    Entry("cultivation:pilot_list", READERS, shows="pilot"),
    # An instructor sees the subjects it looks after.
    Entry("cultivation:pilot_detail", {**READERS, "INSTRUCTOR": ""}, object="pilot", shows="pilot"),
    Entry(
        "cultivation:pilot_members_add",
        ENTERS,
        object="pilot",
        methods=("GET", "POST"),
        data={"text": "矩阵粘贴企业"},
    ),
]
