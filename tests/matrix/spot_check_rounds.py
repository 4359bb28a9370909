"""抽查批次: the city office keeps them, the city and its leaders read all, a district its own rows once the list is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.enums import RoundState
from evaluation.models import InspectionChecklist, PopulationRow, SpotCheckRound
from evaluation.rules.spot_checks.checklists import Checklist
from evaluation.rules.spot_checks.draw import smallest_ticket
from evaluation.services.spot_checks.checklists import load_checklist, publish_checklist
from tests.evaluation.spot_checks.team_builders import NOW, drawn_check, drawn_round
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock

CITY = {"CITY_OFFICE": "any"}
CITY_READERS = {**CITY, "CITY_MEMBER": "any"}
DISTRICT = {"DISTRICT_OFFICE": "any", "DISTRICT_MEMBER": "any"}
READERS = {**CITY_READERS, **DISTRICT, "LEADER": "any"}
OWN_DISTRICT = {"DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
FORM = ("GET", "POST")
REASON = {"reason": "短"}
SHARES = {"default": {"rate": "0", "minimum": 1}}


def _frozen(place: Place) -> SpotCheckRound:
    return drawn_round(state=RoundState.FROZEN, seed=None, drawn_at=None, strata=SHARES)


def _row(held: SpotCheckRound, place: Place, **fields: Any) -> PopulationRow:
    values = {
        "code": place.subject.credit_code or f"S{place.subject.pk}",
        "name": place.subject.name,
        "kind": place.subject.kind,
        "stratum": f"{place.district.code}/ENTERPRISE/-",
        "included": True,
    }
    return PopulationRow.objects.create(
        round=held, subject=place.subject, organization=place.district, **values | fields
    )


@register_object("frozen_round")
def frozen_round(world: World, place: Place) -> SpotCheckRound:
    held = _frozen(place)
    _row(held, place)
    return held


@register_object("drawn_spot_check_round")
def drawn_spot_check_round(world: World, place: Place) -> SpotCheckRound:
    held = drawn_round(strata=SHARES)
    row = _row(held, place)
    row.ticket, row.position, row.drawn = smallest_ticket(str(held.seed), row.code), 1, True
    row.save()
    drawn_check(held, place.subject)
    return held


@register_object("disputed_row")
def disputed_row(world: World, place: Place) -> Mapping[str, Any]:
    held = _frozen(place)
    row = _row(held, place, disputed_at=NOW, dispute="该企业已迁出")
    return {"pk": held.pk, "row_pk": row.pk}


@register_object("drawn_spot_check")
def drawn_spot_check(world: World, place: Place) -> Mapping[str, Any]:
    held = drawn_spot_check_round(world, place)
    return {"pk": held.pk, "check_pk": held.checks.get().pk}


@register_object("population_row")
def population_row(world: World, place: Place) -> Mapping[str, Any]:
    held = _frozen(place)
    return {"pk": held.pk, "row_pk": _row(held, place).pk}


@register_object("drawn_archive")
def drawn_archive(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": drawn_spot_check_round(world, place).pk, "phase": "drawn"}


@register_object("drawn_record")
def drawn_record(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": drawn_spot_check_round(world, place).pk, "name": "redraw.py"}


@register_object("published_checklist")
def published_checklist(world: World, place: Place) -> InspectionChecklist:
    return publish_checklist(actor=None, checklist=draft_checklist(world, place, "p"), now=clock.now())


@register_object("draft_checklist")
def draft_checklist(world: World, place: Place, kind: str = "d") -> InspectionChecklist:
    line = {
        "code": "L01",
        "clause": "C042",
        "title": "方案",
        "looked_at": "看",
        "evidence": [],
        "judged_by": "有",
    }
    given = Checklist(f"M-{kind}", place.relation, "检查表", "测试", (line | {"fact": ""},))
    return load_checklist(actor=None, checklist=given, now=clock.now())


ANY_READER = dict.fromkeys(READERS, "any")
ENTRIES = [
    Entry("evaluation:checklist_list", ANY_READER),
    Entry("evaluation:checklist_detail", ANY_READER, object="published_checklist"),
    Entry("evaluation:checklist_file", ANY_READER, object="published_checklist"),
    Entry("evaluation:checklist_upload", {"CITY_OFFICE": "any"}, methods=("GET", "POST")),
    Entry(
        "evaluation:checklist_publish",
        {"CITY_OFFICE": "any"},
        object="draft_checklist",
        methods=("GET", "POST"),
    ),
    Entry("evaluation:spot_check_list", READERS),
    Entry("evaluation:spot_check_new", CITY, methods=FORM, data={"title": ""}),
    Entry("evaluation:spot_check_round", READERS, object="drawn_spot_check_round", shows_own=True),
    Entry("evaluation:spot_check_years", READERS),
    Entry("evaluation:spot_check_items", READERS, object="drawn_spot_check_round", shows_own=True),
    Entry("evaluation:spot_check_archive", CITY_READERS, object="drawn_archive"),
    Entry("evaluation:spot_check_workbook", READERS, object="drawn_spot_check_round", methods=("POST",)),
    Entry("evaluation:spot_check_planned", CITY, object="drawn_spot_check_round", methods=FORM, data={}),
    Entry("evaluation:spot_check_edit", CITY, object="frozen_round", methods=FORM, data={"title": ""}),
    Entry("evaluation:spot_check_population", READERS, object="frozen_round", shows_own=True),
    Entry("evaluation:spot_check_strata", CITY, object="frozen_round", methods=("POST",)),
    Entry("evaluation:spot_check_freeze", CITY, object="frozen_round", methods=FORM),
    Entry("evaluation:spot_check_unfreeze", CITY, object="frozen_round", methods=FORM, data=REASON),
    Entry("evaluation:population_dispute", OWN_DISTRICT, object="population_row", methods=FORM, data=REASON),
    Entry("evaluation:population_answer", CITY, object="disputed_row", methods=FORM, data=REASON),
    Entry("evaluation:spot_check_commit", CITY, object="frozen_round", methods=FORM, data={"commitment": ""}),
    Entry("evaluation:spot_check_draw", CITY, object="frozen_round", methods=FORM),
    Entry("evaluation:spot_check_order", READERS, object="drawn_spot_check_round", shows_own=True),
    Entry("evaluation:spot_check_minutes", READERS, object="drawn_spot_check_round"),
    Entry("evaluation:spot_check_record", READERS, object="drawn_record"),
    Entry("evaluation:spot_check_named", CITY, object="drawn_spot_check_round", methods=FORM, data=REASON),
    Entry("evaluation:spot_check_skip", CITY, object="drawn_spot_check", methods=FORM, data=REASON),
    Entry("evaluation:spot_check_close", CITY, object="drawn_spot_check_round", methods=FORM),
]
