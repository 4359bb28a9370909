"""Coverage, policies, plans, countersigning, work items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cultivation.models import (
    BackfillRequest,
    CultivationRoster,
    PolicyAdoption,
    PolicyDocument,
    WorkItem,
    WorkPlan,
)
from tests.factories import make_year
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock

CITY = {"CITY_OFFICE": "any", "CITY_MEMBER": "any"}
DISTRICT = {"DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
READERS = {**CITY, **DISTRICT, "LEADER": "own"}
MOVERS = {"CITY_OFFICE": "any", **DISTRICT}
OFFICE = {"DISTRICT_OFFICE": "own"}
ITEM_READERS = {**READERS, "INSTRUCTOR": "own"}
FORM = ("GET", "POST")
POST = ("POST",)


def _kept() -> dict[str, Any]:
    now = clock.now()
    return {"created_at": now, "updated_at": now}


def _year_of(place: Place) -> int:
    """One plan a district and year: the sibling's stands in another year."""
    make_year()
    return {"own": 2026, "sibling": 2025, "foreign": 2026}[place.relation]


@register_object("work_plan")
def work_plan(world: World, place: Place) -> WorkPlan:
    return WorkPlan.objects.get_or_create(
        organization=place.district,
        year_id=_year_of(place),
        defaults={
            "title": f"{place.canary}工作方案",
            "state": "SUBMITTED",
            "first_submitted_at": (now := clock.now()),
            "submitted_at": now,
            **_kept(),
        },
    )[0]


@register_object("backfill_step")
def backfill_step(world: World, place: Place) -> Mapping[str, Any]:
    """A request of the district, of the city to answer."""
    asked, _ = BackfillRequest.objects.get_or_create(
        organization=place.district,
        year=make_year(),
        matter="WORK_PLAN" if place.relation == "own" else "ROSTER",
        defaults={"paper_on": date(2026, 11, 27), "reason": place.canary, "asked_at": clock.now()},
    )
    return {"pk": asked.pk, "action": "consent"}


@register_object("plan_step")
def plan_step(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": work_plan(world, place).pk, "action": "withdraw"}


@register_object("countersigned_plan")
def countersigned_plan(world: World, place: Place) -> Mapping[str, Any]:
    return {"kind": "plan", "pk": work_plan(world, place).pk}


@register_object("countersigned_roster")
def countersigned_roster(world: World, place: Place) -> Mapping[str, Any]:
    roster, _ = CultivationRoster.objects.get_or_create(
        organization=place.district,
        year_id=_year_of(place),
        defaults={"document_number": f"{place.canary}字〔2026〕1号"},
    )
    return {"kind": "roster", "pk": roster.pk}


@register_object("work_item")
def work_item(world: World, place: Place) -> WorkItem:
    make_year()
    return WorkItem.objects.get_or_create(
        organization=place.district,
        year_id=2026,
        title=f"{place.canary}任务",
        defaults={"lead_name": f"{place.canary}单位", "due_on": clock.shanghai_date(clock.now()), **_kept()},
    )[0]


@register_object("work_item_step")
def work_item_step(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": work_item(world, place).pk, "action": "finish"}


@register_object("policy_adoption")
def policy_adoption(world: World, place: Place) -> PolicyAdoption:
    make_year()
    return PolicyAdoption.objects.create(
        organization=place.district,
        year_id=2026,
        kind={"own": "REPORTED", "sibling": "IN_APPRAISAL", "foreign": "REPORTED"}[place.relation],
        adopted_on=clock.shanghai_date(clock.now()),
        document_number=f"{place.canary}发〔2026〕1号",
        **_kept(),
    )


@register_object("policy_document")
def policy_document(world: World, place: Place) -> PolicyDocument:
    make_year()
    return PolicyDocument.objects.create(
        organization=place.district,
        year_id=2026,
        kind="MECHANISM",
        title=f"{place.canary}机制文件",
        **_kept(),
    )


ENTRIES = [
    Entry("cultivation:backfill_list", READERS),
    Entry("cultivation:backfill_ask", OFFICE, methods=FORM, data={"reason": ""}),
    Entry(
        "cultivation:backfill_answer",
        {"CITY_OFFICE": "any"},
        object="backfill_step",
        methods=FORM,
        data={"answer": ""},
    ),
    Entry("cultivation:body_coverage", READERS, shows="body"),
    Entry("cultivation:adoption_overview", READERS, query="?year=2026", shows="policy_adoption"),
    Entry(
        "cultivation:policy_page",
        {**ITEM_READERS, "TOWNSHIP_STAFF": "own"},
        shows="policy_document",
    ),
    Entry("cultivation:plan_list", READERS),
    Entry("cultivation:plan_create", DISTRICT, kwargs={"year": 2026}, methods=FORM, data={"title": ""}),
    Entry("cultivation:plan_detail", READERS, object="work_plan", shows="work_plan"),
    Entry("cultivation:plan_edit", DISTRICT, object="work_plan", methods=FORM, data={"title": "改"}),
    Entry("cultivation:plan_issue", DISTRICT, object="work_plan", methods=FORM, data={"issued_on": "x"}),
    Entry("cultivation:plan_files", DISTRICT, object="work_plan", methods=POST),
    Entry("cultivation:plan_print", READERS, object="work_plan", shows="work_plan"),
    Entry(
        "cultivation:plan_move",
        MOVERS,
        object="plan_step",
        methods=FORM,
        # The city office and the member may look at the step; taking it is refused with 403.
        status=frozenset({200, 302, 403}),
    ),
    Entry(
        "cultivation:countersign",
        READERS,
        object="countersigned_plan",
        methods=FORM,
        # Nobody of the world holds a seat: what is posted is refused with 403.
        status=frozenset({200, 403}),
    ),
    Entry(
        "cultivation:countersign_offline",
        OFFICE,
        object="countersigned_roster",
        methods=FORM,
        data={"signer": ""},
    ),
    Entry("cultivation:countersign_files", OFFICE, object="countersigned_roster", methods=POST),
    Entry("cultivation:countersign_ask", OFFICE, object="countersigned_plan", methods=POST),
    Entry("cultivation:countersign_sheet", READERS, object="countersigned_roster"),
    Entry("cultivation:work_item_list", {**ITEM_READERS, "TOWNSHIP_STAFF": "own"}, query="?year=2026"),
    Entry("cultivation:work_item_overdue", {**ITEM_READERS, "TOWNSHIP_STAFF": "own"}),
    Entry(
        "cultivation:work_item_create",
        {"CITY_OFFICE": "own", "CITY_MEMBER": "own", **DISTRICT},
        methods=FORM,
        data={"title": "矩阵任务", "lead_name": "某单位", "due_on": "2026-12-31"},
        foreign_data={"lead_unit": lambda world: world.foreign.member_unit.pk},
        foreign_data_roles=("DISTRICT_OFFICE", "CITY_OFFICE"),
    ),
    Entry("cultivation:work_item_detail", ITEM_READERS, object="work_item", methods=FORM, shows="work_item"),
    Entry(
        "cultivation:work_item_edit",
        DISTRICT,
        object="work_item",
        methods=FORM,
        data={"title": "改", "version": "1"},
        foreign_data={"lead_unit": lambda world: world.foreign.member_unit.pk},
        foreign_data_roles=("DISTRICT_OFFICE",),
    ),
    Entry("cultivation:work_item_move", DISTRICT, object="work_item_step", methods=FORM),
]
