"""发现问题 and 整改: the city all, a district its own and its subjects', a contact its own; each act is of one party."""

from __future__ import annotations

from evaluation.models import Finding, Rectification
from tests.evaluation.rectification_builders import issued
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
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


ENTRIES = [
    Entry("evaluation:rectification_list", READERS, shows="rectification"),
    Entry("evaluation:finding_list", READERS, shows="finding"),
]
