"""Review: the managing district and the city judge, leaders read; the subject sees the result once it is verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cultivation.models import Subject
from evaluation.models import Assessment
from evaluation.services.assessments import start_assessment
from tests.evaluation.assessment_builders import answer_everything
from tests.factories import make_actor, make_subject, make_year
from tests.matrix.evaluation import _set_code
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

DISTRICT = {"DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
CITY = {"CITY_OFFICE": "own", "CITY_MEMBER": "own"}
REVIEWERS = {**DISTRICT, **CITY}
READERS = {**REVIEWERS, "LEADER": "own"}
FORM = ("GET", "POST")
POST = ("POST",)


def _brought_to(place: Place, subject: Subject, state: str) -> Assessment:
    """By update: the matrix asks who may, not how it got there."""
    actor = make_actor(Role.DISTRICT_OFFICE, place.district)
    assessment = start_assessment(
        actor=actor,
        subject=subject,
        year=make_year(2024),
        set_code=_set_code(),
        entered_on_behalf_of=f"李{place.canary}",
        source_document="2024年自评表（盖章件）",
        now=clock.now(),
    )
    answer_everything(assessment, actor)
    now = clock.now()
    fields: dict[str, Any] = {
        "receipt_number": f"HX-R{assessment.pk}",
        "signer_name": "王",
        "signer_post": "经理",
        "commitment_at": now,
        "submitted_at": now,
        "first_submitted_at": now,
        "review_opened_at": now,
    }
    if state in {"VERIFIED", "CONFIRMED"}:
        fields["verified_at"] = now
    if state == "CONFIRMED":
        fields |= {"city_opened_at": now, "confirmed_at": now}
    Assessment.objects.filter(pk=assessment.pk).update(state=state, **fields)
    return assessment


def _own_subject(place: Place, trade: str) -> Subject:
    return make_subject(place.district, name=f"{place.canary}{trade}有限公司", township=place.township)


@register_object("open_review")
def open_review(world: World, place: Place) -> Assessment:
    name = f"{place.canary}陶瓷有限公司"
    found = Assessment.objects.filter(subject__name=name).first()
    return found or _brought_to(place, _own_subject(place, "陶瓷"), "UNDER_REVIEW")


@register_object("open_review_item")
def open_review_item(world: World, place: Place) -> Mapping[str, Any]:
    return {"pk": open_review(world, place).pk, "code": "D01-01"}


@register_object("verified_assessment")
def verified_assessment(world: World, place: Place) -> Assessment:
    """Of the place's first subject, so that its contact may see the result; the same one for whoever asks."""
    found = Assessment.objects.filter(subject=place.subject, year=2024).first()
    return found or _brought_to(place, place.subject, "VERIFIED")


@register_object("opened_by_city")
def opened_by_city(world: World, place: Place) -> Assessment:
    row = _brought_to(place, _own_subject(place, "机械"), "VERIFIED")
    Assessment.objects.filter(pk=row.pk).update(city_opened_at=clock.now())
    return row


@register_object("confirmed_assessment")
def confirmed_assessment(world: World, place: Place) -> Assessment:
    return _brought_to(place, _own_subject(place, "包装"), "CONFIRMED")


JUDGED = {
    "verdict": "CHANGED",
    "D01-01.0.0": "96",
    "D01-01.0.1": "100",
    "reason_code": "OTHER",
    "reason": "现场核实",
}
RETURNED = {
    "comment": "请补正签订率",
    "due_on": "2030-01-01",
    "items": ["D01-01"],
    "comment-D01-01": "数字不符",
}

ENTRIES = [
    Entry("evaluation:review_list", READERS, shows="open_review"),
    Entry("evaluation:filling_list", DISTRICT),
    Entry("evaluation:review_detail", READERS, object="open_review", shows_own=True),
    Entry("evaluation:review_open", REVIEWERS, object="open_review", methods=POST),
    Entry("evaluation:review_judge", REVIEWERS, object="open_review_item", methods=POST, data=JUDGED),
    Entry("evaluation:review_look", REVIEWERS, object="open_review", methods=POST, data={"section": "D01"}),
    Entry(
        "evaluation:review_agree",
        REVIEWERS,
        object="open_review",
        methods=POST,
        data={"section": "D01", "code": ["D01-01"]},
    ),
    Entry(
        "evaluation:review_return",
        DISTRICT,
        object="open_review",
        methods=FORM,
        data=RETURNED,
        shows_own=True,
    ),
    Entry("evaluation:review_verify", DISTRICT, object="open_review", methods=FORM, shows_own=True),
    Entry("evaluation:review_recall", DISTRICT, object="verified_assessment", methods=FORM, shows_own=True),
    Entry(
        "evaluation:review_send_back",
        CITY,
        object="verified_assessment",
        methods=FORM,
        data={"reason": "请重新核对签订率"},
        shows_own=True,
    ),
    Entry("evaluation:review_confirm", CITY, object="opened_by_city", methods=FORM, shows_own=True),
    Entry("evaluation:review_archive", CITY, object="confirmed_assessment", methods=FORM, shows_own=True),
    Entry(
        "evaluation:assessment_result",
        {**READERS, "SUBJECT_CONTACT": "own"},
        object="verified_assessment",
        shows_own=True,
    ),
]
