"""整改提升: of the own subject's assessments; the city and leaders read."""

from __future__ import annotations

from evaluation.models import Assessment, Improvement
from tests.matrix.matrix import Entry
from tests.matrix.rectifications import FORM, READERS, UNIT
from tests.matrix.reviews import verified_assessment
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock


@register_object("lossy_assessment")
def lossy_assessment(world: World, place: Place) -> Assessment:
    """The verified assessment of the place's subject, the same one again."""
    found = Assessment.objects.filter(subject=place.subject, verified_at__isnull=False).first()
    return found or verified_assessment(world, place)


@register_object("improvement")
def improvement(world: World, place: Place) -> Improvement:
    """Taken up of the verified assessment of the place's subject."""
    return Improvement.objects.get_or_create(
        assessment=lossy_assessment(world, place),
        indicator="D01-02",
        defaults={
            "title": f"{place.canary}集体合同",
            "lost": 200,
            "created_at": clock.now(),
            "updated_at": clock.now(),
        },
    )[0]


ENTRIES = [
    Entry("evaluation:improvement_list", READERS, shows="improvement"),
    Entry("evaluation:improvement_detail", READERS, object="improvement", shows_own=True),
    Entry(
        "evaluation:improvement_edit",
        UNIT,
        object="improvement",
        methods=FORM,
        data={"measure": "补签集体合同", "person": "王五", "due_on": "2026-12-20"},
        shows_own=True,
    ),
    Entry("evaluation:improvement_proof", UNIT, object="improvement", methods=("POST",)),
    Entry(
        "evaluation:improvement_add",
        UNIT,
        object="lossy_assessment",
        kwargs={"code": "D01-01"},
        methods=("POST",),
    ),
]
