"""现场检查: the team of a check in its time and nobody else; in this world the city's member is of every team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.models import SpotCheck
from tests.evaluation.site_builders import make_site_check
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import Role

TEAM = {"CITY_MEMBER": "own"}
POST = ("POST",)
SAVE = {"uid": "0b4c7a52-7f5b-4d25-9a4f-6d0b4ad6f3a1", "seen_revision": "0"}


def _check(world: World, place: Place) -> SpotCheck:
    found = SpotCheck.objects.filter(subject=place.subject, number__startswith="CC-").first()
    return found or make_site_check(world.actors[Role.CITY_MEMBER.value], None, subject=place.subject)


@register_object("check_on_site")
def check_on_site(world: World, place: Place) -> Mapping[str, Any]:
    check = _check(world, place)
    return {"round_pk": check.round_id, "pk": check.pk}


@register_object("check_line_on_site")
def check_line_on_site(world: World, place: Place) -> Mapping[str, Any]:
    return {**check_on_site(world, place), "code": "D02-01"}


ENTRIES = [
    Entry("evaluation:check_site", TEAM, object="check_on_site", shows_own=True),
    Entry("evaluation:check_sheet", TEAM, object="check_on_site", shows_own=True),
    Entry(
        "evaluation:check_line_save",
        TEAM,
        object="check_line_on_site",
        methods=POST,
        data={
            **SAVE,
            "judgement": "NOT_MET",
            "seen": "缺三份",
            "severity": "MINOR",
            "evidence_of": "2026-11-20",
        },
    ),
    Entry(
        "evaluation:check_visit_save",
        TEAM,
        object="check_on_site",
        methods=POST,
        data={**SAVE, "place": "会议室", "interview_count": "3"},
    ),
    Entry("evaluation:check_photos", TEAM, object="check_line_on_site", methods=POST),
    Entry("evaluation:check_scan", TEAM, object="check_on_site", methods=POST),
]
