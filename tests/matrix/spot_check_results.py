"""抽查 as its parties see it: the city all, a district its own, a contact its own; the acts are of one party each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.matrix.check_sites import _check
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object

READERS = {
    "CITY_OFFICE": "own",
    "CITY_MEMBER": "own",
    "LEADER": "own",
    "DISTRICT_OFFICE": "own",
    "DISTRICT_MEMBER": "own",
    "SUBJECT_CONTACT": "own",
}
FORM = ("GET", "POST")


@register_object("check_told")
def check_told(world: World, place: Place) -> Mapping[str, Any]:
    check = _check(world, place)
    return {"round_pk": check.round_id, "pk": check.pk}


ENTRIES = [
    Entry("evaluation:check_detail", READERS, object="check_told", shows_own=True),
    Entry("evaluation:check_record", READERS, object="check_told", shows_own=True),
    Entry(
        "evaluation:check_propose",
        {"CITY_MEMBER": "own"},
        object="check_told",
        methods=FORM,
        data={"words": ""},
    ),
    Entry(
        "evaluation:check_answer",
        {"SUBJECT_CONTACT": "own"},
        object="check_told",
        methods=FORM,
        data={"answer": ""},
    ),
    Entry(
        "evaluation:check_conclude",
        {"CITY_OFFICE": "own"},
        object="check_told",
        methods=FORM,
        data={"words": ""},
    ),
    Entry("evaluation:check_proof", {"SUBJECT_CONTACT": "own"}, object="check_told", methods=("POST",)),
]
