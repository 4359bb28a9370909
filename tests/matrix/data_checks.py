"""数据核查: everyone who works with records, over what they see."""

from __future__ import annotations

from cultivation.models import SubjectProfile
from tests.factories import make_subject
from tests.matrix.cultivation import READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object


@register_object("incomplete_firm")
def incomplete_firm(world: World, place: Place):
    firm = make_subject(place.district, name=f"{place.canary}缺行业企业", township=place.township)
    SubjectProfile.objects.filter(subject=firm).update(address="x")
    return firm


ENTRIES = [
    Entry("cultivation:data_checks", READERS, shows="incomplete_firm"),
    Entry("cultivation:data_checks_export", READERS, methods=("POST",)),
]
