"""Self-assessment: the contact its own, the district what it enters from paper (代录); a draft is nobody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from evaluation.models import Assessment, IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.services.answers import AnswerDraft, save_answer
from evaluation.services.assessments import start_assessment
from tests.evaluation.assessment_builders import answer_everything, small_set
from tests.factories import make_actor, make_subject, make_year
from tests.matrix.matrix import BUSINESS, Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

FILL = {"SUBJECT_CONTACT": "own", "DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
DISTRICT = {"DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
# A day on which 2026 may be begun, whatever day the tests run.
RUNNING = datetime(2026, 10, 12, tzinfo=UTC)
FORM = ("GET", "POST")
POST = ("POST",)


def _set_code(*requires: str) -> str:
    """One set with and one without adoption, shared by the places."""
    for found in IndicatorSet.objects.filter(
        state=IndicatorSetState.PUBLISHED, title="测试标准", code__startswith="T"
    ):
        if found.code != "T 1" and found.definition["meta"].get("requires", []) == list(requires):
            return str(found.code)
    return str(small_set(requires=requires).code)


def _started(place: Place, *requires: str) -> Assessment:
    """The place's subject, begun from paper by its district, with the canary in what is written."""
    actor = make_actor(Role.DISTRICT_OFFICE, place.district)
    assessment = start_assessment(
        actor=actor,
        subject=place.subject,
        year=make_year(),
        set_code=_set_code(*requires),
        entered_on_behalf_of=f"李{place.canary}",
        now=RUNNING,
    )
    if not assessment.answers.exists():
        draft = AnswerDraft("D01-03", [True], words=place.canary)
        save_answer(actor=actor, assessment=assessment, draft=draft, now=clock.now())
    return assessment


@register_object("self_assessment")
def self_assessment(world: World, place: Place) -> Assessment:
    return _started(place, "WORKERS_CONGRESS_ADOPTION")


@register_object("asked_adoption")
def asked_adoption(world: World, place: Place) -> Assessment:
    """Frozen by update, its text to be confirmed by the city office."""
    assessment = _started(place, "WORKERS_CONGRESS_ADOPTION")
    now = clock.now()
    Assessment.objects.filter(pk=assessment.pk).update(state="AWAITING_ADOPTION")
    assessment.adoptions.get_or_create(
        voided_at=None,
        defaults={
            "frozen_at": now,
            "content_hash": "0" * 64,
            "text_asked_at": now,
            "text_asked_words": f"9月28日开会 {place.canary}",
        },
    )
    return assessment


@register_object("handed_in_assessment")
def handed_in_assessment(world: World, place: Place) -> Assessment:
    """Submitted by update: the matrix asks who may look, not how it got there."""
    assessment = _started(place)
    if assessment.submitted_at is None:
        answer_everything(assessment, make_actor(Role.DISTRICT_OFFICE, place.district))
        now = clock.now()
        Assessment.objects.filter(pk=assessment.pk).update(
            state="SUBMITTED",
            receipt_number=f"HX-{assessment.pk}",
            signer_name="王",
            signer_post="经理",
            commitment_at=now,
            submitted_at=now,
            first_submitted_at=now,
        )
    return assessment


@register_object("self_section")
def self_section(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": self_assessment(world, place).pk, "dimension": "D01"}


@register_object("self_item")
def self_item(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": self_assessment(world, place).pk, "code": "D01-03"}


@register_object("self_declaration")
def self_declaration(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": self_assessment(world, place).pk, "code": "V01"}


@register_object("startable_subject")
def startable_subject(world: World, place: Place) -> Mapping[str, Any]:
    _set_code()
    if place.relation == "own":
        return {"year": make_year(2025).year, "subject_pk": place.subject.pk}
    subject = make_subject(place.district, name=f"{place.canary}纺织有限公司", township=place.township)
    return {"year": make_year(2025).year, "subject_pk": subject.pk}


ENTRIES = [
    Entry("evaluation:assessment_list", FILL, shows="self_assessment"),
    Entry(
        "evaluation:assessment_start",
        FILL,
        object="startable_subject",
        methods=FORM,
        data={"entered_on_behalf_of": "李人事"},
        shows_own=True,
    ),
    Entry("evaluation:assessment_home", FILL, object="self_assessment", shows_own=True),
    Entry("evaluation:assessment_notes", FILL, object="self_assessment", shows_own=True),
    Entry("evaluation:assessment_profile", FILL, object="self_assessment", methods=FORM, shows_own=True),
    Entry("evaluation:assessment_continue", FILL, object="self_assessment"),
    Entry(
        "evaluation:assessment_section", FILL, object="self_section", methods=FORM, data={"D01-02.0": "YES"}
    ),
    Entry("evaluation:answer_save", FILL, object="self_item", methods=POST, data={"D01-03.0": "NO"}),
    Entry("evaluation:answer_conflict", FILL, object="self_item", methods=POST, data={"D01-03.0": "NO"}),
    Entry("evaluation:evidence_upload", FILL, object="self_item", methods=POST),
    Entry("evaluation:scan_upload", FILL, object="self_assessment", methods=POST),
    Entry("evaluation:assessment_declarations", FILL, object="self_assessment", shows_own=True),
    Entry("evaluation:declaration_save", FILL, object="self_declaration", methods=POST, data={"value": "NO"}),
    Entry(
        "evaluation:declaration_conflict", FILL, object="self_declaration", methods=POST, data={"value": "NO"}
    ),
    Entry("evaluation:assessment_losses", FILL, object="self_assessment", shows_own=True),
    Entry("evaluation:assessment_check", FILL, object="self_assessment", methods=FORM, shows_own=True),
    Entry("evaluation:assessment_adoption", FILL, object="self_assessment", methods=FORM, shows_own=True),
    Entry("evaluation:adoption_freeze", FILL, object="self_assessment", methods=POST),
    Entry("evaluation:adoption_reopen", FILL, object="self_assessment", methods=FORM),
    Entry(
        "evaluation:adoption_correct",
        FILL,
        object="self_assessment",
        methods=FORM,
        data={
            "held_on": "2026-10-12",
            "delegates": "30",
            "participants": "28",
            "votes_for": "27",
            "reason": "抄录有误",
        },
    ),
    Entry(
        "evaluation:adoption_ask", FILL, object="self_assessment", methods=POST, data={"words": "9月28日开会"}
    ),
    Entry(
        "evaluation:adoption_text",
        {"CITY_OFFICE": "own"},
        object="asked_adoption",
        methods=FORM,
        data={"answer": "agrees", "reason": "已逐项对照"},
        shows_own=True,
    ),
    Entry("evaluation:assessment_submit", FILL, object="self_assessment", methods=FORM),
    Entry("evaluation:assessment_done", FILL, object="handed_in_assessment", shows_own=True),
    Entry("evaluation:assessment_withdraw", FILL, object="handed_in_assessment", methods=FORM),
    Entry("evaluation:assessment_print", BUSINESS, object="handed_in_assessment", shows_own=True),
    Entry(
        "evaluation:assessment_extension",
        DISTRICT,
        object="self_assessment",
        methods=FORM,
        data={"extended_to": "2027-12-01", "reason": "停产检修"},
    ),
]
