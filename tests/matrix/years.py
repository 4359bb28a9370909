"""Closing a campaign year and the corrections of closed ones."""

from __future__ import annotations

from cultivation.enums import CorrectionArea
from cultivation.models import YearCorrection
from tests.factories import make_user, make_year
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock

READERS = {
    "CITY_OFFICE": "own",
    "CITY_MEMBER": "own",
    "LEADER": "own",
    "DISTRICT_OFFICE": "own",
    "DISTRICT_MEMBER": "own",
}
OFFICES = {"CITY_OFFICE": "own", "DISTRICT_OFFICE": "own"}
CITY = {"CITY_OFFICE": "own"}
FORM = ("GET", "POST")


@register_object("correction")
def correction(world: World, place: Place) -> YearCorrection:
    taken = set(YearCorrection.objects.filter(organization=place.district).values_list("area", flat=True))
    return YearCorrection.objects.create(
        year=make_year(),
        organization=place.district,
        area=next(area for area in CorrectionArea.values if area not in taken),
        content=f"{place.canary}漏登一次服务",
        reason="整理档案时发现漏登",
        document_number="某函〔2027〕3号",
        requested_at=clock.now(),
        requested_by=make_user(),
    )


ENTRIES = [
    Entry("reporting:year_list", READERS, shows="correction"),
    Entry("reporting:year_close", CITY, kwargs={"year": 2026}, methods=FORM, data={"reason": "短"}),
    Entry("cultivation:correction_create", OFFICES, methods=FORM, data={"reason": "短"}),
    Entry("cultivation:correction_detail", READERS, object="correction", shows="correction"),
    Entry(
        "cultivation:correction_consent", CITY, object="correction", methods=FORM, data={"open_until": "x"}
    ),
    Entry("cultivation:correction_refuse", CITY, object="correction", methods=FORM, data={"reason": "短"}),
    Entry(
        "cultivation:correction_move",
        OFFICES,
        object="correction",
        kwargs={"action": "withdraw"},
        methods=("POST",),
    ),
]
