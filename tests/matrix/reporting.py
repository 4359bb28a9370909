"""Workbench and the annual report."""

from __future__ import annotations

from datetime import date

from reporting.enums import ReportState
from reporting.models import AnnualReport
from reporting.services.annual_reports import open_report
from reporting.services.backfilled_reports import backfill_report
from tests.factories import make_actor, make_year
from tests.matrix.matrix import EVERYONE, Entry
from tests.matrix.world import Place, World, register_object
from tests.reporting.moves import move_report
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

DISTRICT = {"DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
CITY = {"CITY_OFFICE": "any", "CITY_MEMBER": "any"}
READERS = {**CITY, "LEADER": "own", **DISTRICT}


def _filed(place: Place, year: int) -> AnnualReport:
    """A filed report, so that the city may read it."""
    member = make_actor(Role.DISTRICT_MEMBER, place.district)
    office = make_actor(Role.DISTRICT_OFFICE, place.district)
    now = clock.now()
    report = open_report(actor=member, year=make_year(year), organization=place.district, now=now)
    steps = ((member, "send_for_review"), (office, "approve"), (office, "submit"))
    for actor, action in steps if report.state == ReportState.DRAFT else ():
        move_report(actor=actor, report=report, action=action, now=now)
    if place.relation == "foreign":
        AnnualReport.objects.filter(pk=report.pk).update(comment=place.canary)
    return report


@register_object("filed_report")
def filed_report(world: World, place: Place):
    return _filed(place, 2025)


@register_object("backfilled_report")
def backfilled_report(world: World, place: Place):
    office = make_actor(Role.DISTRICT_OFFICE, place.district)
    present = AnnualReport.objects.filter(year_id=2024, organization=place.district).first()
    return present or backfill_report(
        actor=office,
        year=make_year(2024),
        organization=place.district,
        filed_on=date(2024, 11, 28),
        source_document=place.canary,
        now=clock.now(),
    )


@register_object("draft_report")
def draft_report(world: World, place: Place):
    member = make_actor(Role.DISTRICT_MEMBER, place.district)
    return open_report(actor=member, year=make_year(2026), organization=place.district, now=clock.now())


@register_object("draft_section")
def draft_section(world: World, place: Place):
    return {"pk": draft_report(world, place).pk, "key": "plans"}


@register_object("report_step")
def report_step(world: World, place: Place):
    return {"pk": filed_report(world, place).pk, "action": "accept"}


ENTRIES = [
    Entry("reporting:home", EVERYONE),
    Entry("reporting:report_list", READERS),
    Entry("reporting:city_spot_checks", CITY, kwargs={"year": 2026}),
    Entry("reporting:city_spot_checks_docx", CITY, kwargs={"year": 2026}),
    Entry("reporting:report_current", DISTRICT, kwargs={"year": 2026}, methods=("GET", "POST")),
    Entry(
        "reporting:report_backfill",
        DISTRICT,
        kwargs={"year": 2023},
        methods=("GET", "POST"),
        data={"filed_on": ""},
    ),
    Entry(
        "reporting:report_correct",
        DISTRICT,
        object="backfilled_report",
        methods=("GET", "POST"),
        data={"filed_on": ""},
    ),
    Entry("reporting:report_scan_upload", DISTRICT, object="filed_report", methods=("POST",), data={}),
    Entry("reporting:report_detail", READERS, object="filed_report"),
    Entry("reporting:report_jobs", READERS, object="filed_report"),
    Entry("reporting:report_refresh", DISTRICT, object="filed_report", methods=("POST",)),
    Entry(
        "reporting:report_documents",
        READERS,
        object="filed_report",
        methods=("POST",),
        data={"format": "nonsense"},
    ),
    Entry(
        "reporting:narrative_edit",
        DISTRICT,
        object="draft_section",
        methods=("GET", "POST"),
        data={"text": "打算", "revision": "x"},
    ),
    Entry(
        "reporting:report_move",
        {"CITY_OFFICE": "any", **DISTRICT},
        object="report_step",
        methods=("GET", "POST"),
        data={"comment": ""},
        status=frozenset({200, 302, 403, 409, 422}),
    ),
]
