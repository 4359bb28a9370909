"""Rosters, participation and what stands behind a target's number."""

from __future__ import annotations

from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from tests.factories import make_actor, make_subject, make_year
from tests.matrix.cultivation import CONFIRMERS, KEEPERS, READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock


@register_object("confirmed_roster")
def confirmed_roster(world: World, place: Place):
    year = make_year(2026)
    office = make_actor(Role.DISTRICT_OFFICE, place.district)
    firm = make_subject(place.district, name=f"{place.canary}名单企业", township=place.township)
    rows = choose_subjects(actor=office, year=year, subjects=[firm], now=clock.now())
    confirm_enrollments(actor=office, enrollments=rows, reason="矩阵测试增补", now=clock.now())
    return {"year": 2026}


ENTRIES = [
    Entry("cultivation:roster_home", READERS, status=frozenset({302})),
    Entry(
        "cultivation:roster_document",
        CONFIRMERS,
        kwargs={"year": 2026},
        methods=("POST",),
        data={"document_number": "x" * 61},
        status=frozenset({200, 302, 404, 422}),
    ),
    Entry("cultivation:roster_paper", READERS, kwargs={"year": 2026}),
    Entry("cultivation:participation", READERS, kwargs={"year": 2026}, shows="confirmed_roster"),
    Entry(
        "cultivation:participation_mark",
        KEEPERS,
        kwargs={"year": 2026},
        methods=("POST",),
        data={"act": "join", "subject": []},
        foreign_data={"subject": lambda world: [world.foreign.subject.pk]},
        foreign_data_roles=("DISTRICT_OFFICE", "DISTRICT_MEMBER"),
    ),
    Entry("cultivation:participation_coverage", READERS, kwargs={"year": 2026}),
    Entry("cultivation:target_detail", READERS, object="target", district_wide=True),
]
