"""District verification and city review: layers, reasons, returns, and the whole state × action table."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from evaluation.enums import AssessmentState, Layer, Qualification
from evaluation.models import Answer, Assessment, Declaration, ReturnRound, ScoreSheet
from evaluation.rules.reviews import gap_in_words, section_codes
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers
from evaluation.selectors.looks import review_token
from evaluation.selectors.results import load_result
from evaluation.selectors.reviews import review_queue, unjudged_codes
from evaluation.selectors.scores import listed_scores
from evaluation.services.answers import AnswerDraft, save_answer
from evaluation.services.review_moves import (
    archive,
    confirm,
    open_city_review,
    open_review,
    recall,
    return_for_changes,
    send_back,
    verify,
)
from evaluation.services.reviews import (
    DeclarationVerdict,
    ItemVerdict,
    agree_remaining,
    judge_declaration,
    judge_item,
    look_at_section,
)
from evaluation.services.submission import submit, withdraw
from evaluation.workflows import ASSESSMENT_WORKFLOW
from tests.evaluation.assessment_builders import NOW, answer_everything, small_set, started
from tests.factories import make_actor
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed

pytestmark = pytest.mark.django_db
DUE = date(2027, 1, 15)


class Case:
    """One handed-in assessment with everybody around it."""

    def __init__(self, items: int = 3) -> None:
        small_set(items)
        self.assessment, self.contact = started()
        answer_everything(self.assessment, self.contact)
        self.hand_in()
        district = self.assessment.organization
        self.office = make_actor(Role.DISTRICT_OFFICE, district)
        self.city = make_actor(Role.CITY_OFFICE)
        self.definition = definition_of(self.assessment.indicator_set)

    def hand_in(self) -> None:
        submit(
            actor=self.contact,
            assessment=self.assessment,
            signer_name="王法人",
            signer_post="总经理",
            committed=True,
            now=NOW,
        )

    @property
    def fresh(self) -> Assessment:
        self.assessment.refresh_from_db()
        return self.assessment

    def open(self) -> None:
        open_review(actor=self.office, assessment=self.assessment, now=NOW)

    def look(self, *sections: str, actor: Actor | None = None, now: datetime = NOW) -> None:
        """Open these sections, all without any."""
        for section in sections or tuple(section_codes(self.definition)):
            look_at_section(actor=actor or self.office, assessment=self.assessment, section=section, now=now)

    def agree(self, codes: Collection[str], *, now: datetime = NOW) -> int:
        seen = review_token(self.fresh, Layer.DISTRICT)
        return agree_remaining(actor=self.office, assessment=self.assessment, codes=codes, seen=seen, now=now)

    def agree_all(self, *, now: datetime = NOW) -> int:
        self.look(now=now)
        left = unjudged_codes(self.definition, load_layers(self.assessment), Layer.DISTRICT)
        return self.agree(left, now=now)

    def verified(self) -> None:
        self.open()
        self.agree_all()
        verify(actor=self.office, assessment=self.assessment, now=NOW)

    def judge(self, code: str, inputs: list[object], **more: object) -> Answer:
        verdict = ItemVerdict(
            indicator=code,
            verdict="CHANGED",
            inputs=inputs,
            reason_code=str(more.pop("reason_code", "EVIDENCE_MISSING")),
            reason=str(more.pop("reason", "未见劳动合同文本")),
            **more,  # type: ignore[arg-type]  # fields of ItemVerdict
        )
        return judge_item(actor=self.office, assessment=self.assessment, verdict=verdict, now=NOW)

    def sheet(self, layer: str) -> ScoreSheet:
        return ScoreSheet.objects.get(assessment=self.assessment, layer=layer)


@pytest.fixture
def case() -> Case:
    return Case()


def self_layer(assessment: Assessment) -> list[tuple[object, ...]]:
    answers = Answer.objects.filter(assessment=assessment, layer=Layer.SELF).order_by("indicator")
    return list(
        answers.values_list("indicator", "inputs", "not_applicable", "words", "revision", "updated_at")
    )


def test_agreeing_copies_and_changing_marks_down_without_touching_the_firm(case):
    before = self_layer(case.assessment)
    case.open()
    case.judge("D01-01", [[96, 100]])
    assert case.agree_all() == 5
    copied = Answer.objects.get(assessment=case.assessment, layer=Layer.DISTRICT, indicator="D01-02")
    assert (copied.inputs, copied.verdict) == ([True], "AGREED")
    assert self_layer(case.assessment) == before
    assert case.sheet(Layer.SELF).total == 3
    assert case.sheet(Layer.EFFECTIVE).total == 2
    verify(actor=case.office, assessment=case.assessment, now=NOW)
    assert case.fresh.state == AssessmentState.VERIFIED
    result = load_result(case.definition, load_layers(case.assessment))
    gaps = {row.indicator.code: gap_in_words(row.gap) for row in result.sections[0].rows}
    assert gaps["D01-01"] == "核减 1" and gaps["D01-02"] == ""
    assert (result.reduced, result.increased) == ((1, 1), (0, 0))


def test_nothing_is_agreed_to_that_was_not_opened_by_this_reviewer_in_this_review(case):
    case.open()
    every = {item.code for item in case.definition.indicators} | {"V01", "X01", "S01"}
    with pytest.raises(DomainError) as caught:
        case.agree(every)
    assert caught.value.code == "not_looked" and not Answer.objects.filter(layer=Layer.DISTRICT).exists()
    case.look("D01")
    colleague = make_actor(Role.DISTRICT_MEMBER, case.assessment.organization)
    with pytest.raises(DomainError) as caught:  # a look is of one person
        agree_remaining(
            actor=colleague,
            assessment=case.assessment,
            codes=["D01-01"],
            seen=review_token(case.fresh, Layer.DISTRICT),
            now=NOW,
        )
    assert caught.value.code == "not_looked"
    with pytest.raises(DomainError) as caught:  # one unread section, and nothing is written
        case.agree(every)
    assert caught.value.code == "not_looked" and not Answer.objects.filter(layer=Layer.DISTRICT).exists()
    assert case.agree(["D01-01", "D01-02"]) == 2  # what is shown, and nothing else
    assert set(unjudged_codes(case.definition, load_layers(case.assessment), Layer.DISTRICT)) == every - {
        "D01-01",
        "D01-02",
    }


def test_a_page_of_an_earlier_review_judges_nothing(case):
    """Returned and handed in again between page and POST: nobody has seen the new answers."""
    case.open()
    case.look()
    old = review_token(case.fresh, Layer.DISTRICT)
    return_for_changes(
        actor=case.office,
        assessment=case.assessment,
        comment="请补正签订率",
        items={"D01-01": "不符"},
        due_on=DUE,
        now=NOW,
    )
    draft = AnswerDraft("D01-01", [[99, 100]], revision=1)
    save_answer(actor=case.contact, assessment=case.assessment, draft=draft, now=NOW)
    case.hand_in()
    later = NOW + timedelta(hours=1)
    open_review(actor=case.office, assessment=case.assessment, now=later)
    with pytest.raises(ConflictError) as caught:
        agree_remaining(actor=case.office, assessment=case.assessment, codes=["D01-01"], seen=old, now=later)
    assert caught.value.code == "stale_page"
    for verdict in (
        ItemVerdict("D01-01", "AGREED", seen=old),
        ItemVerdict("D01-01", "CHANGED", [[80, 100]], reason_code="OTHER", reason="查实", seen=old),
    ):
        with pytest.raises(ConflictError):
            judge_item(actor=case.office, assessment=case.assessment, verdict=verdict, now=later)
    with pytest.raises(ConflictError):
        judge_declaration(
            actor=case.office,
            assessment=case.assessment,
            verdict=DeclarationVerdict("V01", "AGREED", seen=old),
            now=later,
        )
    with pytest.raises(DomainError) as caught:  # and what was looked at then is looked at anew
        case.agree(["D01-01"])
    assert caught.value.code == "not_looked"


def test_nothing_is_full_by_default_and_all_must_be_judged(case):
    case.open()
    case.judge("D01-01", [[96, 100]])
    assert case.sheet(Layer.DISTRICT).qualification == Qualification.INCOMPLETE
    assert (case.sheet(Layer.EFFECTIVE).entered_count, case.sheet(Layer.EFFECTIVE).item_count) == (1, 3)
    with pytest.raises(DomainError, match="还有 5 项未核验"):
        verify(actor=case.office, assessment=case.assessment, now=NOW)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": ""}, "reason_required"),
        ({"reason_code": "NONSENSE"}, "reason_code_required"),
        ({"inputs": [[100, 100]]}, "unchanged"),
        ({"inputs": [None]}, "blank"),
        ({"inputs": [[101, 100]]}, "unreadable"),
        ({"inputs": [["三百", 100]]}, "unreadable"),
        ({"revision": 4}, "stale_revision"),
    ],
)
def test_a_change_needs_reason_and_readable_numbers(case, changes, code):
    case.open()
    values = {"inputs": [[96, 100]], **changes}
    with pytest.raises(DomainError) as caught:
        case.judge("D01-01", values.pop("inputs"), **values)
    assert caught.value.code == code
    assert not Answer.objects.filter(layer=Layer.DISTRICT).exists()


def test_a_veto_found_by_the_district_bites_and_the_number_stays(case):
    case.open()
    case.agree_all()
    total = case.sheet(Layer.EFFECTIVE).total
    row = Declaration.objects.get(assessment=case.assessment, layer=Layer.DISTRICT, code="V01")
    judge_declaration(
        actor=case.office,
        assessment=case.assessment,
        verdict=DeclarationVerdict(
            "V01",
            "CHANGED",
            "YES",
            reason_code="DEPARTMENT_DATA",
            reason="监察大队查实",
            revision=row.revision,
        ),
        now=NOW,
    )
    assert case.sheet(Layer.EFFECTIVE).qualification == Qualification.VETOED
    assert case.sheet(Layer.EFFECTIVE).total == total
    assert case.sheet(Layer.SELF).qualification == Qualification.PASSED
    for value in ("MAYBE", ""):
        with pytest.raises(DomainError):
            judge_declaration(
                actor=case.office,
                assessment=case.assessment,
                verdict=DeclarationVerdict("V01", "CHANGED", value, "OTHER", "不清楚", row.revision + 1),
                now=NOW,
            )


def test_a_return_unlocks_only_the_named_items_and_is_judged_anew(case):
    case.open()
    case.judge("D01-01", [[96, 100]])
    case.agree_all()
    return_for_changes(
        actor=case.office,
        assessment=case.assessment,
        comment="请补正签订率",
        items={"D01-01": "名册与合同数不符"},
        due_on=DUE,
        now=NOW,
    )
    assert case.fresh.state == AssessmentState.RETURNED
    assert not Answer.objects.filter(layer=Layer.DISTRICT, indicator="D01-01").exists()
    assert Answer.objects.filter(layer=Layer.DISTRICT, indicator="D01-02").exists()
    draft = AnswerDraft("D01-02", [False], revision=1)
    with pytest.raises(DomainError, match="未被退回"):
        save_answer(actor=case.contact, assessment=case.assessment, draft=draft, now=NOW)
    save_answer(
        actor=case.contact,
        assessment=case.assessment,
        draft=AnswerDraft("D01-01", [[99, 100]], revision=1),
        now=NOW,
    )
    case.hand_in()
    case.open()
    assert ReturnRound.objects.get().closed_at == NOW
    with pytest.raises(DomainError, match="还有 1 项未核验"):
        verify(actor=case.office, assessment=case.assessment, now=NOW)
    case.agree_all()
    verify(actor=case.office, assessment=case.assessment, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"comment": "改"}, "comment"),
        ({"items": {}}, "items"),
        ({"items": {"NOPE": "x"}}, "items"),
        ({"items": {"D01-01": " "}}, "comment-D01-01"),
        ({"due_on": date(2026, 1, 1)}, "due_on"),
    ],
)
def test_a_return_says_what_where_and_until_when(case, changes, field):
    case.open()
    values = {"comment": "请补正签订率", "items": {"D01-01": "数字不符"}, "due_on": DUE, **changes}
    with pytest.raises(DomainError) as caught:
        return_for_changes(actor=case.office, assessment=case.assessment, now=NOW, **values)
    assert caught.value.field == field and case.fresh.state == AssessmentState.UNDER_REVIEW


def test_two_reviewers_at_once_lose_nothing(case):
    case.open()
    case.judge("D01-01", [[96, 100]])
    with pytest.raises(ConflictError):
        case.judge("D01-01", [[98, 100]])
    case.judge("D01-01", [[98, 100]], revision=1)
    assert Answer.objects.get(layer=Layer.DISTRICT).inputs == [[98, 100]]


def test_only_the_managing_district_and_the_city_review(case):
    stranger = make_actor(Role.DISTRICT_OFFICE)
    for actor in (stranger, case.contact, make_actor(Role.LEADER), make_actor(Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            open_review(actor=actor, assessment=case.assessment, now=NOW)
    case.open()
    with pytest.raises(IllegalTransition):
        judge_item(
            actor=case.city, assessment=case.assessment, verdict=ItemVerdict("D01-01", "AGREED"), now=NOW
        )


def test_the_city_changes_its_own_layer_with_its_source(case):
    case.verified()
    change = ItemVerdict("D01-01", "CHANGED", [[97, 100]], reason_code="ON_SITE", reason="现场抽查合同")
    with pytest.raises(IllegalTransition, match="开始复核"):
        judge_item(actor=case.city, assessment=case.assessment, verdict=change, now=NOW)
    open_city_review(actor=case.city, assessment=case.assessment, now=NOW)
    with pytest.raises(IllegalTransition, match="不能取回"):
        recall(actor=case.office, assessment=case.assessment, now=NOW)
    row = judge_item(actor=case.city, assessment=case.assessment, verdict=change, now=NOW)
    assert (row.layer, row.source) == (Layer.CITY, "REVIEW")
    assert case.sheet(Layer.EFFECTIVE).total == pytest.approx(2.25)
    assert case.sheet(Layer.DISTRICT).total == 3
    confirm(actor=case.city, assessment=case.assessment, now=NOW)
    archive(actor=case.city, assessment=case.assessment, now=NOW)
    assert case.fresh.state == AssessmentState.ARCHIVED


def test_the_city_confirms_only_what_it_has_opened(case):
    case.verified()
    with pytest.raises(IllegalTransition, match="尚未开始复核"):
        confirm(actor=case.city, assessment=case.assessment, now=NOW)
    # Recalled and verified anew meanwhile: what was opened before is not what would be confirmed.
    open_city_review(actor=case.city, assessment=case.assessment, now=NOW)
    stale = case.fresh
    send_back(actor=case.city, assessment=case.assessment, reason="请重新核对签订率", now=NOW)
    verify(actor=case.office, assessment=case.assessment, now=NOW)
    with pytest.raises(IllegalTransition, match="尚未开始复核"):
        confirm(actor=case.city, assessment=stale, now=NOW)
    assert case.fresh.state == AssessmentState.VERIFIED
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=case.assessment.pk).update(state="CONFIRMED", confirmed_at=NOW)


def test_sending_back_drops_the_city_layer_and_needs_a_reason(case):
    case.verified()
    open_city_review(actor=case.city, assessment=case.assessment, now=NOW)
    change = ItemVerdict("D01-01", "CHANGED", [[97, 100]], reason_code="ON_SITE", reason="现场抽查合同")
    judge_item(actor=case.city, assessment=case.assessment, verdict=change, now=NOW)
    with pytest.raises(DomainError):
        send_back(actor=case.city, assessment=case.assessment, reason="重核", now=NOW)
    send_back(actor=case.city, assessment=case.assessment, reason="请重新核对签订率", now=NOW)
    assert case.fresh.state == AssessmentState.UNDER_REVIEW
    assert not Answer.objects.filter(layer=Layer.CITY).exists()
    assert case.sheet(Layer.EFFECTIVE).total == 3


def act(case: Case, action: str, actor) -> None:
    """Every action of the workflow with good arguments."""
    assessment = case.assessment
    calls = {
        "withdraw": lambda: withdraw(actor=actor, assessment=assessment, now=NOW),
        "open_review": lambda: open_review(actor=actor, assessment=assessment, now=NOW),
        "return_for_changes": lambda: return_for_changes(
            actor=actor,
            assessment=assessment,
            comment="请补正签订率",
            items={"D01-01": "不符"},
            due_on=DUE,
            now=NOW,
        ),
        "verify": lambda: verify(actor=actor, assessment=assessment, now=NOW),
        "recall": lambda: recall(actor=actor, assessment=assessment, now=NOW),
        "send_back": lambda: send_back(
            actor=actor, assessment=assessment, reason="请重新核对签订率", now=NOW
        ),
        "confirm": lambda: _opened_and_confirmed(actor, assessment),
        "archive": lambda: archive(actor=actor, assessment=assessment, now=NOW),
    }
    calls[action]()


def _opened_and_confirmed(actor, assessment) -> None:
    open_city_review(actor=actor, assessment=assessment, now=NOW)
    confirm(actor=actor, assessment=assessment, now=NOW)


STATES = ["SUBMITTED", "UNDER_REVIEW", "RETURNED", "VERIFIED", "CONFIRMED", "ARCHIVED"]
ACTIONS = [
    "withdraw",
    "open_review",
    "return_for_changes",
    "verify",
    "recall",
    "send_back",
    "confirm",
    "archive",
]


def bring_to(case: Case, state: str) -> None:
    if state == "SUBMITTED":
        return
    case.open()
    if state == "RETURNED":
        act(case, "return_for_changes", case.office)
        return
    case.agree_all()
    for name, action, actor in (
        ("VERIFIED", "verify", case.office),
        ("CONFIRMED", "confirm", case.city),
        ("ARCHIVED", "archive", case.city),
    ):
        if STATES.index(state) >= STATES.index(name):
            act(case, action, actor)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("who", ["contact", "office", "city"])
def test_every_state_action_and_role(state, action, who):
    case = Case(items=1)
    bring_to(case, state)
    assert case.fresh.state == state
    actor = getattr(case, who)
    declared = {t.action: t for t in ASSESSMENT_WORKFLOW.transitions if state in t.sources}
    if action in declared and actor.role in declared[action].roles:
        act(case, action, actor)
        assert case.fresh.state == declared[action].target
    else:
        with pytest.raises((IllegalTransition, NotAllowed, DomainError)):
            act(case, action, actor)
        assert case.fresh.state == state


def test_statements_do_not_depend_on_the_number_of_items():
    counts = []
    for items in (3, 30):
        case = Case(items)
        case.open()
        with CaptureQueriesContext(connection) as judged:
            case.judge("D01-01", [[96, 100]])
        with CaptureQueriesContext(connection) as agreed:
            case.agree_all()
        counts.append((len(judged), len(agreed)))
    assert counts[0] == counts[1]


def test_the_queue_shows_own_district_with_scores(case):
    rows = list(review_queue(case.office))
    scores = [(row.pk, listed_scores(row)) for row in rows]
    assert [(pk, found.own and found.own.value, found.coverage) for pk, found in scores] == [
        (case.assessment.pk, 3, "0/3")
    ]
    assert not review_queue(make_actor(Role.DISTRICT_OFFICE))
    assert review_queue(case.city, state="VERIFIED").count() == 0
    assert rows[0].submitted_at <= NOW + timedelta(seconds=1)


def test_stored_sheets_equal_recomputed_ones(case):
    case.open()
    case.judge("D01-01", [[96, 100]])
    case.agree_all()
    rows = load_layers(case.assessment)
    for layer in (Layer.SELF, Layer.DISTRICT, Layer.EFFECTIVE):
        result = rows.mark(case.definition, layer).result
        stored = case.sheet(layer)
        assert (stored.total, stored.scaled_total, stored.qualification) == (
            result.total,
            result.scaled_total,
            result.qualification,
        )
