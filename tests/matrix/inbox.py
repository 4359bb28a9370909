"""The inbox: one person's own in every role; 催办 by those who wait; 转办 of what one may see and keep."""

from __future__ import annotations

from datetime import date

from cultivation.models import GuidanceVisit
from tests.factories import make_actor, make_year
from tests.matrix.matrix import EVERYONE, Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock

WAITERS = {"CITY_OFFICE": "any", "DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
FIELD = {
    "DISTRICT_OFFICE": "own",
    "DISTRICT_MEMBER": "own",
    "TOWNSHIP_STAFF": "own",
    "INSTRUCTOR": "own",
}


@register_object("follow_up")
def follow_up(world: World, place: Place):
    """A follow-up nobody promised in person."""
    make_year()
    return {"kind": "follow_up", "pk": owed_visit(place).pk}


def owed_visit(place: Place) -> GuidanceVisit:
    now = clock.now()
    return GuidanceVisit.objects.create(
        subject=place.subject,
        organization=place.district,
        township=place.township,
        year_id=2026,
        happened_on=date(2026, 3, 1),
        topic=f"{place.canary}回访",
        follow_up_due=date(2026, 3, 20),
        created_at=now,
        updated_at=now,
    )


ENTRIES = [
    Entry("reporting:inbox", EVERYONE),
    Entry("reporting:inbox_badge", EVERYONE),
    Entry("reporting:inbox_open", EVERYONE, kwargs={"token": "follow_ups.1.0"}),
    Entry("reporting:inbox_next", EVERYONE),
    Entry("reporting:done", EVERYONE),
    Entry("reporting:sent", EVERYONE),
    Entry("reporting:notices", EVERYONE),
    Entry("reporting:drafts", EVERYONE),
    Entry(
        "reporting:remind",
        WAITERS,
        methods=("GET", "POST"),
        query="?item=late_follow_ups.1.0",
        data={"item": "late_follow_ups.1.0"},
    ),
    Entry(
        "cultivation:reassign",
        FIELD,
        object="follow_up",
        methods=("GET", "POST"),
        data={"successor": "", "version": "1"},
        foreign_data={
            "successor": lambda world: make_actor("DISTRICT_OFFICE", world.foreign.district).user.pk
        },
    ),
]
