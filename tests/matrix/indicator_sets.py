"""Standards: published versions are for everybody, drafts and every change for the city office."""

from __future__ import annotations

from evaluation.models import IndicatorSet
from evaluation.services.indicator_sets import load_indicator_set, publish_indicator_set
from tests.evaluation.indicator_set_samples import check, item, make
from tests.matrix.matrix import EVERYONE, Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock

ANYONE = dict.fromkeys(EVERYONE, "any")
CITY = {"CITY_OFFICE": "any"}


def _load(version: str) -> IndicatorSet:
    definition = make(item("A1", 1, check()), meta=_meta(version))
    return load_indicator_set(actor=None, definition=definition, now=clock.now()).indicator_set


def _meta(version: str) -> dict[str, object]:
    return {
        "code": "T 1",
        "version": version,
        "title": "测试标准",
        "status": "OFFICIAL",
        "total_score": 1,
        "applies_to": ["ENTERPRISE"],
        "effective_from": "2020-09-20",
    }


@register_object("published_standard")
def published_standard(world: World, place: Place) -> IndicatorSet:
    return publish_indicator_set(actor=None, indicator_set=_load(f"p-{place.relation}"), now=clock.now())


@register_object("draft_standard")
def draft_standard(world: World, place: Place) -> IndicatorSet:
    return _load(f"d-{place.relation}")


ENTRIES = [
    Entry("evaluation:standard_list", ANYONE),
    Entry("evaluation:standard_detail", ANYONE, object="published_standard"),
    Entry("evaluation:standard_workbook", ANYONE, object="published_standard"),
    Entry("evaluation:standard_upload", CITY, methods=("GET", "POST")),
    Entry("evaluation:standard_publish", CITY, object="draft_standard", methods=("GET", "POST")),
    Entry("evaluation:standard_discard", CITY, object="draft_standard", methods=("POST",)),
]
