"""发现问题 and 整改: the city all, a district its own and its subjects', a contact its own; each act is of one party."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from evaluation.models import Finding, Rectification
from evaluation.services.rectifications.asks import ask_extension, raise_objection
from tests.evaluation.rectification_builders import issued, make_finding, make_measure, make_order, mend
from tests.factories import make_actor
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

CITY = {"CITY_OFFICE": "own"}
UNIT = {"DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own", "SUBJECT_CONTACT": "own"}
READERS = {"CITY_OFFICE": "own", "CITY_MEMBER": "own", "LEADER": "own", **UNIT}
FORM = ("GET", "POST")


@register_object("rectification")
def rectification(world: World, place: Place) -> Rectification:
    """Issued to the place's subject: its contact and its district mend."""
    return issued(
        world.actors["CITY_OFFICE"], place.subject, now=clock.now(), title=f"{place.canary}未建职代会"
    )


@register_object("finding")
def finding(world: World, place: Place) -> Finding:
    return rectification(world, place).finding


@register_object("rectification_draft")
def rectification_draft(world: World, place: Place) -> Rectification:
    """The city's alone until it is issued."""
    return make_order(
        world.actors["CITY_OFFICE"], place.subject, now=clock.now(), title=f"{place.canary}未建台账"
    )


@register_object("finding_without_order")
def finding_without_order(world: World, place: Place) -> Finding:
    return make_finding(
        world.actors["CITY_OFFICE"], place.subject, now=clock.now(), title=f"{place.canary}未建制度"
    )


@register_object("rectification_measure")
def rectification_measure(world: World, place: Place) -> Mapping[str, Any]:
    record = rectification(world, place)
    measure = make_measure(make_actor(Role.DISTRICT_OFFICE, place.district), record, now=clock.now())
    return {"pk": record.pk, "measure_pk": measure.pk}


@register_object("rectification_extension")
def rectification_extension(world: World, place: Place) -> Mapping[str, Any]:
    record = rectification(world, place)
    asked = ask_extension(
        actor=make_actor(Role.DISTRICT_OFFICE, place.district),
        rectification=record,
        until=date(2099, 1, 1),
        reason="待发文",
        now=clock.now(),
    )
    return {"pk": record.pk, "extension_pk": asked.pk}


@register_object("rectification_objection")
def rectification_objection(world: World, place: Place) -> Rectification:
    record = rectification(world, place)
    raise_objection(
        actor=make_actor(Role.DISTRICT_OFFICE, place.district),
        rectification=record,
        ground="FACTS",
        words="已有文件",
        now=clock.now(),
    )
    return record


@register_object("rectification_handed_in")
def rectification_handed_in(world: World, place: Place) -> Rectification:
    return mend(
        make_actor(Role.DISTRICT_OFFICE, place.district), rectification(world, place), now=clock.now()
    )


@register_object("rectification_sheet_paper")
def rectification_sheet_paper(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": rectification(world, place).pk, "paper": "sheet"}


def act(name: str, allow: Mapping[str, str], thing: str, **data: Any) -> Entry:
    """A form with what it refuses, or what it does."""
    return Entry(f"evaluation:{name}", allow, object=thing, methods=FORM, data=data)


CHECKERS = {"CITY_OFFICE": "own", "CITY_MEMBER": "own"}
ENTRIES = [
    Entry("evaluation:rectification_list", READERS, shows="rectification"),
    Entry("evaluation:rectification_detail", READERS, object="rectification", shows_own=True),
    Entry("evaluation:rectification_export", READERS, methods=("POST",)),
    Entry("reporting:rectification_paper", READERS, object="rectification_sheet_paper", methods=("POST",)),
    act("rectification_edit", CITY, "rectification_draft", requirement=""),
    act("rectification_issue", CITY, "rectification_draft"),
    act("rectification_withdraw", CITY, "rectification", reason="错"),
    act("measure_new", UNIT, "rectification", words=""),
    act("measure_edit", UNIT, "rectification_measure", words=""),
    Entry("evaluation:measure_proof", UNIT, object="rectification_measure", methods=("POST",)),
    act("rectification_name", UNIT, "rectification", user="0"),
    act("rectification_submit", UNIT, "rectification"),
    act("rectification_continue", UNIT, "rectification"),
    act("rectification_recheck", CHECKERS, "rectification_handed_in", words=""),
    act("rectification_close", CITY, "rectification_handed_in"),
    act("extension_ask", UNIT, "rectification", reason=""),
    act("extension_answer", CITY, "rectification_extension", decision=""),
    act("objection_raise", UNIT, "rectification", words=""),
    act("objection_answer", CITY, "rectification_objection", decision=""),
    Entry("evaluation:finding_list", READERS, shows="finding"),
    Entry("evaluation:finding_new", CITY, methods=FORM, data={"title": ""}),
    Entry("evaluation:finding_detail", READERS, object="finding", shows_own=True),
    act("finding_order", CITY, "finding_without_order", requirement=""),
]
