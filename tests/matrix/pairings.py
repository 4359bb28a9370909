"""Pairings and visits: matrix, form from a gap, end, renewal; the visit's steps, joining, follow-ups."""

from __future__ import annotations

from datetime import date

from tests.factories import make_pairing, make_visit, make_year
from tests.matrix.cultivation import READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object

KEEPERS = dict.fromkeys(("CITY_OFFICE", "CITY_MEMBER", "DISTRICT_OFFICE", "DISTRICT_MEMBER"), "own")
FIELD_KEEPERS = KEEPERS | {"TOWNSHIP_STAFF": "own", "INSTRUCTOR": "own"}


@register_object("pairing")
def pairing(world: World, place: Place):
    make_year()
    return make_pairing(place.subject, person_name=f"{place.canary}结对人", role="ASSISTING")


@register_object("visit")
def visit(world: World, place: Place):
    make_year()
    return make_visit(
        place.subject,
        topic=f"{place.canary}工时指导",
        follow_up_due=date(2026, 4, 1),
        participant_words=f"{place.canary}参加人",
    )


ENTRIES = [
    Entry("cultivation:pairing_matrix", READERS, query="?year=2026"),
    Entry("cultivation:pairing_renew", KEEPERS, methods=("GET", "POST"), data={"pairing": []}),
    Entry(
        "cultivation:pairing_create",
        KEEPERS,
        object="subject",
        methods=("GET", "POST"),
        data={"person_name": "", "role": "LEAD", "starts_on": "2026-01-01"},
        foreign_data={"unit": lambda world: world.foreign.member_unit.pk},
        foreign_data_roles=("DISTRICT_OFFICE", "DISTRICT_MEMBER"),
    ),
    Entry("cultivation:pairing_end", KEEPERS, object="pairing", methods=("GET", "POST"), data={"reason": ""}),
    Entry("cultivation:visit_list", {**READERS, "SUBJECT_CONTACT": "own"}, shows="visit"),
    Entry("cultivation:visit_choose", FIELD_KEEPERS),
    Entry(
        "cultivation:visit_create",
        FIELD_KEEPERS,
        object="subject",
        methods=("GET", "POST"),
        data={"happened_on": "2026-03-11", "mode": "ON_SITE", "purpose": "GUIDANCE", "topic": "矩阵服务"},
        foreign_data={"units": lambda world: world.foreign.member_unit.pk},
        foreign_data_roles=("DISTRICT_OFFICE", "DISTRICT_MEMBER"),
    ),
    Entry("cultivation:visit_join", FIELD_KEEPERS, object="visit", methods=("POST",)),
    Entry(
        "cultivation:visit_follow_up",
        FIELD_KEEPERS,
        object="visit",
        methods=("GET", "POST"),
        data={"follow_up_done_on": "2026-03-20", "follow_up_note": "已补签劳动合同"},
    ),
    Entry("cultivation:follow_up_list", READERS, shows="visit"),
]
