"""Trainings, staff, month grids, practices, period figures: the pages beside the common ledger pages."""

from __future__ import annotations

from cultivation.enums import EnrollmentState
from cultivation.ledgers.situation import BEST_PRACTICES
from cultivation.ledgers.staff import COORDINATORS
from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Enrollment
from tests.cultivation.ledger_factories import make_record
from tests.factories import make_year
from tests.matrix.cultivation import READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock

KEEPERS = dict.fromkeys(("CITY_OFFICE", "CITY_MEMBER", "DISTRICT_OFFICE", "DISTRICT_MEMBER"), "own")
ENTERERS = KEEPERS | {"TOWNSHIP_STAFF": "own"}
FIGURE_READERS = {
    role: reach for role, reach in READERS.items() if role not in {"TOWNSHIP_STAFF", "INSTRUCTOR"}
}


@register_object("training")
def training(world: World, place: Place):
    make_year()
    Enrollment.objects.get_or_create(
        subject=place.subject,
        year_id=2026,
        defaults={
            "organization": place.district,
            "state": EnrollmentState.CONFIRMED,
            "confirmed_at": clock.now(),
            "enrolled_at": clock.now(),
        },
    )
    return make_record(TRAININGS, place.district, word=place.canary, year=2026)


@register_object("coordinator")
def coordinator(world: World, place: Place):
    person = make_record(COORDINATORS, place.district, word=place.canary, township=place.township)
    return {"kind": "coordinators", "pk": person.pk}


@register_object("practice")
def practice(world: World, place: Place):
    return make_record(BEST_PRACTICES, place.district, word=place.canary, subject=place.subject, year=2026)


ENTRIES = [
    Entry(
        "cultivation:training_attendance",
        KEEPERS,
        object="training",
        methods=("GET", "POST"),
        data=lambda world, place: {f"g-{place.subject.pk}:hr": "1"},
    ),
    Entry("cultivation:training_coverage", READERS, query="?year=2026"),
    Entry("cultivation:staff_load", READERS, shows="coordinator"),
    Entry(
        "cultivation:staff_assign",
        KEEPERS,
        object="coordinator",
        methods=("GET", "POST"),
        data=lambda world, place: {"starts_on": "2026-02-01", "subject": [place.subject.pk]},
        foreign_data={"subject": lambda world: [world.foreign.subject.pk]},
        foreign_data_roles=("DISTRICT_OFFICE", "DISTRICT_MEMBER"),
    ),
    Entry(
        "cultivation:staff_leave",
        KEEPERS,
        object="coordinator",
        methods=("GET", "POST"),
        data={"left_on": "2026-06-30", "reason": "", "successor": ""},
    ),
    Entry(
        "cultivation:point_month",
        ENTERERS,
        query="?month=2026-03",
        methods=("GET", "POST"),
        data={"shown": "{}"},
    ),
    Entry("cultivation:point_year", READERS),
    Entry(
        "cultivation:advisory_month",
        ENTERERS,
        query="?month=2026-03",
        methods=("GET", "POST"),
        data={"shown": "{}", "g-PAY:ANSWERED": "3"},
    ),
    Entry("cultivation:advisory_counts", READERS),
    Entry(
        "cultivation:mediation_month",
        ENTERERS,
        query="?month=2026-03",
        methods=("GET", "POST"),
        data={"shown": "{}", "g-PAY:SETTLED": "3"},
    ),
    Entry("cultivation:mediation_counts", READERS),
    Entry("cultivation:practice_library", READERS, shows="practice"),
    Entry(
        "cultivation:practice_consent",
        {"SUBJECT_CONTACT": "own"},
        object="practice",
        methods=("POST",),
        data={"version": "1"},
    ),
    Entry("cultivation:own_subject", {"SUBJECT_CONTACT": "own"}),
    Entry("cultivation:subject_practices", {**READERS, "SUBJECT_CONTACT": "own"}, object="subject"),
    Entry(
        "cultivation:figure_entry",
        KEEPERS,
        query="?year=2026&period=Q2",
        methods=("GET", "POST"),
        data={"shown": "{}", "g-MEDIATORS:n": "3"},
    ),
    Entry("cultivation:figure_table", FIGURE_READERS, query="?year=2026&period=Q2"),
]
