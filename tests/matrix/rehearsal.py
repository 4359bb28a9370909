"""时限预演: everyone who works with records, over what they see."""

from __future__ import annotations

from cultivation.models import Holiday, Milestone
from cultivation.selectors.rehearsal import OFFICES
from tests.factories import make_year
from tests.matrix.cultivation import READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock


@register_object("milestone")
def milestone(world: World, place: Place):
    return Milestone.objects.get(year=make_year(2026), code="SPOT_CHECK")


@register_object("holiday")
def holiday(world: World, place: Place):
    row, _ = Holiday.objects.get_or_create(
        day="2026-10-01",
        defaults={
            "year": 2026,
            "kind": "HOLIDAY",
            "name": "国庆节",
            "document": "国办发明电〔2025〕7号",
            "recorded_at": clock.now(),
        },
    )
    return row


ENTRIES = [
    Entry("cultivation:rehearsal", READERS, query="?day=2026-12-30", shows="confirmed_roster"),
    Entry(
        "cultivation:gap_list",
        {"CITY_OFFICE": "any", "DISTRICT_OFFICE": "any"},
        methods=("GET", "POST"),
        data={"due_on": "2099-12-31", "gaps": "0"},
    ),
    Entry(
        "cultivation:milestone_done",
        {"CITY_OFFICE": "any"},
        object="milestone",
        methods=("GET", "POST"),
        data={"done_on": "2026-11-20", "basis": "抽查通报"},
    ),
    Entry(
        "cultivation:holidays",
        {"CITY_OFFICE": "any"},
        methods=("GET", "POST"),
        data={"document": "国办发明电〔2026〕9号", "lines": "2027-02-06..2027-02-12 春节", "confirm": "1"},
    ),
    Entry(
        "cultivation:holiday_remove",
        {"CITY_OFFICE": "any"},
        object="holiday",
        methods=("POST",),
    ),
    Entry("cultivation:milestone_states", {role: READERS[role] for role in READERS if role in OFFICES}),
]
