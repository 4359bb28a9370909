from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.enums import AssessmentState, Layer
from evaluation.models import Adoption, Answer, Assessment, Declaration, ReturnedItem, ReturnRound, ScoreSheet
from evaluation.selectors.checks import check_before_submit
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers
from evaluation.services.adoption import freeze_for_adoption, record_adoption, reopen
from evaluation.services.answers import AnswerDraft, save_answer, save_answers
from evaluation.services.assessments import start_assessment
from evaluation.services.declarations import DeclarationDraft, declare
from evaluation.services.saving import StaleSave
from evaluation.services.score_sheets import build_sheet
from evaluation.services.submission import explain, submit, withdraw
from tests.evaluation.assessment_builders import (
    NOW,
    add_file,
    answer_everything,
    best_inputs,
    make_contact,
    make_firm,
    make_year,
    publish_real,
    small_set,
    started,
)
from tests.factories import make_actor
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
ADOPTION = ("WORKERS_CONGRESS_ADOPTION",)


def hand_in(assessment: Assessment, actor: Actor) -> Assessment:
    return submit(
        actor=actor,
        assessment=assessment,
        signer_name="王法人",
        signer_post="总经理",
        committed=True,
        now=NOW,
    )


def adopt(assessment: Assessment, actor: Actor) -> Adoption:
    adoption = freeze_for_adoption(actor=actor, assessment=assessment, now=NOW)
    add_file("adoption", adoption.pk)
    return record_adoption(
        actor=actor,
        assessment=assessment,
        held_on=date(2026, 10, 12),
        delegates=30,
        participants=28,
        votes_for=27,
        now=NOW,
    )


def sheet(assessment: Assessment, layer: str = Layer.SELF) -> ScoreSheet:
    return ScoreSheet.objects.get(assessment=assessment, layer=layer)


def return_items(assessment: Assessment, *codes: str) -> ReturnRound:
    Assessment.objects.filter(pk=assessment.pk).update(state=AssessmentState.RETURNED, review_opened_at=NOW)
    assessment.refresh_from_db()
    found = ReturnRound.objects.create(
        assessment=assessment, number=1, returned_at=NOW, comment="请补正", due_on=date(2026, 11, 1)
    )
    for code in codes:
        ReturnedItem.objects.create(round=found, indicator=code, comment="数字不符")
    return found


# --- starting -------------------------------------------------------------------------------------------------------
def test_the_wrong_standard_is_refused_and_the_right_one_is_found() -> None:
    firms, parks = publish_real("4077"), publish_real("4076")
    township = make_firm(kind="TOWNSHIP")
    contact = make_contact(township)
    with pytest.raises(DomainError, match="不适用"):
        start_assessment(actor=contact, subject=township, year=make_year(), now=NOW, set_code=firms.code)
    assessment = start_assessment(actor=contact, subject=township, year=make_year(), now=NOW)
    assert assessment.indicator_set == parks
    assert started()[0].indicator_set == firms


def test_start_is_idempotent_and_yearly() -> None:
    small_set()
    first, actor = started()
    again = start_assessment(actor=actor, subject=first.subject, year=make_year(), now=NOW)
    later = NOW.replace(month=12)
    other = start_assessment(actor=actor, subject=first.subject, year=make_year(2027), now=later)
    assert again.pk == first.pk and other.pk != first.pk


@pytest.mark.parametrize(
    ("year", "code"), [(2023, "year_over"), (2025, "year_over"), (2027, "year_not_begun")]
)
def test_only_running_years_are_begun(year: int, code: str) -> None:
    """§1: a firm cannot start 2023, 2025 or 2027 by POST; its district enters a past one from paper, with its source."""
    small_set()
    firm = make_firm()
    contact, district = make_contact(firm), make_actor("DISTRICT_OFFICE", firm.managing_organization)
    with pytest.raises(DomainError) as refused:
        start_assessment(actor=contact, subject=firm, year=make_year(year), now=NOW)
    assert refused.value.code == code
    paper = {
        "actor": district,
        "subject": firm,
        "year": make_year(year),
        "now": NOW,
        "entered_on_behalf_of": "李",
    }
    with pytest.raises(DomainError):
        start_assessment(**paper)
    if year < 2026:
        assert start_assessment(**paper, source_document=f"{year}年自评表（盖章件）").backfilled
    else:
        with pytest.raises(DomainError, match="还不能开始"):
            start_assessment(**paper, source_document="明年的表")


def test_on_the_turn_of_the_year_the_door_closes_at_midnight() -> None:
    small_set()
    firm = make_firm()
    contact, year = make_contact(firm), make_year()
    midnight = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    with pytest.raises(DomainError, match="已于 2026-12-31 截止"):
        start_assessment(actor=contact, subject=firm, year=year, now=midnight)
    assert start_assessment(actor=contact, subject=firm, year=year, now=midnight - timedelta(seconds=1)).pk


def test_strangers_cannot_start_and_a_district_must_name_the_paper_s_author() -> None:
    small_set()
    firm = make_firm()
    stranger = make_contact(make_firm())
    with pytest.raises(NotAllowed):
        start_assessment(actor=stranger, subject=firm, year=make_year(), now=NOW)
    district = make_actor("DISTRICT_OFFICE", firm.managing_organization)
    with pytest.raises(DomainError, match="原填报人"):
        start_assessment(actor=district, subject=firm, year=make_year(), now=NOW)
    assessment = start_assessment(
        actor=district, subject=firm, year=make_year(), now=NOW, entered_on_behalf_of="李人事"
    )
    save_answer(actor=district, assessment=assessment, draft=AnswerDraft("D01-03", [True]), now=NOW)
    assert "SCAN" in {error.code for error in check_before_submit(assessment, now=NOW).result.errors}
    with pytest.raises(NotAllowed):
        save_answer(
            actor=make_actor("DISTRICT_OFFICE"),
            assessment=assessment,
            draft=AnswerDraft("D01-03", [False]),
            now=NOW,
        )


# --- saving ---------------------------------------------------------------------------------------------------------
def test_a_draft_keeps_wrong_values_as_typed_and_blank_is_not_full() -> None:
    small_set()
    assessment, actor = started()
    assert sheet(assessment).total == 0 and sheet(assessment).states == "UUU"
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-01", [["九十六", 100]]), now=NOW)
    row = Answer.objects.get(assessment=assessment)
    assert row.inputs == [["九十六", 100]] and row.layer == Layer.SELF
    assert sheet(assessment).answered_count == 0
    assert "D01-01" in {error.code for error in check_before_submit(assessment, now=NOW).result.errors}
    save_answer(
        actor=actor, assessment=assessment, draft=AnswerDraft("D01-01", [[97, 100]], revision=1), now=NOW
    )
    assert sheet(assessment).marks == [25, None, None] and sheet(assessment).qualification == "INCOMPLETE"


def test_two_people_of_one_firm_lose_nothing() -> None:
    small_set()
    assessment, first = started()
    second = make_contact(assessment.subject)
    save_answer(actor=first, assessment=assessment, draft=AnswerDraft("D01-03", [True], words="甲"), now=NOW)
    with pytest.raises(StaleSave, match="您刚刚在另一窗口已保存过"):
        save_answer(
            actor=first, assessment=assessment, draft=AnswerDraft("D01-03", [True], words="丙"), now=NOW
        )
    with pytest.raises(StaleSave, match="刚刚被他人修改") as caught:
        save_answer(
            actor=second, assessment=assessment, draft=AnswerDraft("D01-03", [False], words="乙"), now=NOW
        )
    mine, theirs = caught.value.conflicts["D01-03"]
    assert (mine.words, theirs.words, theirs.updated_by) == ("乙", "甲", first.user)  # type: ignore[attr-defined]  # draft and row
    save_answer(actor=second, assessment=assessment, draft=AnswerDraft("D01-02", [True]), now=NOW)
    assert sheet(assessment).marks == [None, 100, 100]


def test_a_section_saves_what_does_not_clash_and_hands_back_the_rest() -> None:
    small_set()
    assessment, actor = started()
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-02", [True]), now=NOW)
    outcome = save_answers(
        actor=actor,
        assessment=assessment,
        drafts=[AnswerDraft("D01-02", [False]), AnswerDraft("D01-03", [True])],
        now=NOW,
    )
    assert outcome.changed == ["D01-03"] and list(outcome.conflicts) == ["D01-02"]
    assert sheet(assessment).marks == [None, 100, 100]


def test_sending_the_same_again_is_no_conflict() -> None:
    small_set()
    assessment, actor = started()
    for _ in range(2):
        save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [True]), now=NOW)
    assert Answer.objects.get(assessment=assessment).revision == 1


@pytest.mark.parametrize("bulk", [False, True])
def test_saving_takes_the_same_statements_at_40_and_60_items(bulk: bool) -> None:
    counts = []
    for size in (40, 60):
        small_set(size)
        firm = make_firm()
        assessment, actor = started(firm, set_code=f"{latest_code()}")
        definition = definition_of(assessment.indicator_set)
        drafts = [AnswerDraft(item.code, best_inputs(item)) for item in definition.indicators]
        with CaptureQueriesContext(connection) as captured:
            save_answers(actor=actor, assessment=assessment, drafts=drafts if bulk else drafts[:1], now=NOW)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 10


def latest_code() -> str:
    from evaluation.models import IndicatorSet

    return IndicatorSet.objects.latest("id").code


def test_unknown_codes_are_refused() -> None:
    small_set()
    assessment, actor = started()
    with pytest.raises(DomainError, match="不在本标准中"):
        save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D09-01", [True]), now=NOW)
    with pytest.raises(DomainError, match="不在本标准中"):
        declare(actor=actor, assessment=assessment, draft=DeclarationDraft("V99", "YES"), now=NOW)


def test_hiding_an_answer_keeps_it() -> None:
    small_set()
    assessment, actor = started()
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-02", [False]), now=NOW)
    save_answer(
        actor=actor,
        assessment=assessment,
        draft=AnswerDraft("D01-02", [False], not_applicable=True, revision=1),
        now=NOW,
    )
    assert sheet(assessment).states == "UUU"  # no reason, no points
    save_answer(
        actor=actor,
        assessment=assessment,
        draft=AnswerDraft(
            "D01-02", [False], not_applicable=True, not_applicable_reason="未使用派遣", revision=2
        ),
        now=NOW,
    )
    assert sheet(assessment).states == "UNU" and Answer.objects.get().inputs == [False]


def test_stored_sheets_equal_recomputed_ones() -> None:
    publish_real("4077")
    assessment, actor = started()
    answer_everything(assessment, actor)
    save_answer(
        actor=actor,
        assessment=assessment,
        draft=AnswerDraft("D02-02", [True, ["96", 100], None], revision=1),
        now=NOW,
    )
    fresh, _ = build_sheet(
        assessment, Layer.SELF, definition_of(assessment.indicator_set), load_layers(assessment), NOW
    )
    stored = sheet(assessment)
    for field in (
        "marks",
        "states",
        "dimension_scores",
        "total",
        "scaled_total",
        "applicable_max",
        "qualification",
        "reasons",
    ):
        assert getattr(stored, field) == getattr(fresh, field), field
    assert stored.qualification == "INCOMPLETE" and stored.item_count == 46 and stored.answered_count == 45


# --- vetoes and checks ----------------------------------------------------------------------------------------------
def test_a_veto_can_be_declared_bites_and_leaves_the_number() -> None:
    small_set()
    assessment, actor = started()
    answer_everything(assessment, actor)
    before = sheet(assessment)
    assert before.qualification == "PASSED"
    declare(actor=actor, assessment=assessment, draft=DeclarationDraft("V01", "YES", revision=1), now=NOW)
    after = sheet(assessment)
    assert after.qualification == "VETOED" and after.total == before.total and "第1项" in after.reasons[0]
    doubts = check_before_submit(assessment, now=NOW).result.doubts
    assert [doubt.code for doubt in doubts] == ["VETO-V01"]
    with pytest.raises(DomainError, match="需要说明"):
        hand_in(assessment, actor)
    explain(actor=actor, assessment=assessment, texts={"VETO-V01": "已补发", "NOPE": "x"}, now=NOW)
    assert hand_in(assessment, actor).state == AssessmentState.SUBMITTED


def test_a_survey_value_needs_its_proof() -> None:
    small_set()
    assessment, actor = started()
    answer_everything(assessment, actor)
    from zaozhuang_portal.operations.models import Attachment

    Attachment.objects.filter(owner_kind="declaration").delete()
    errors = check_before_submit(assessment, now=NOW).result.errors
    assert [error.code for error in errors] == ["S01"] and "证明材料" in errors[0].message


# --- submitting -----------------------------------------------------------------------------------------------------
def test_submit_gives_a_receipt_audits_and_locks() -> None:
    small_set()
    assessment, actor = started()
    answer_everything(assessment, actor)
    done = hand_in(assessment, actor)
    assert done.receipt_number and done.receipt_number.startswith("HX2026-") and done.submitted_at == NOW
    assert sheet(assessment, Layer.EFFECTIVE).total == sheet(assessment).total
    assert sheet(assessment, Layer.EFFECTIVE).entered_count == 0  # nothing verified yet
    assert AuditEntry.objects.filter(kind="Assessment", action="提交自评").count() == 1
    with pytest.raises(DomainError, match="已提交"):
        save_answer(
            actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [False], revision=1), now=NOW
        )
    back = withdraw(actor=actor, assessment=assessment, now=NOW)
    assert (back.state, back.submitted_at, back.receipt_number) == ("DRAFT", None, done.receipt_number)


def test_drafts_are_not_audited_one_by_one() -> None:
    small_set()
    assessment, actor = started()
    before = AuditEntry.objects.count()
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [True]), now=NOW)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("missing", ["signer_name", "signer_post", "committed"])
def test_submit_needs_the_commitment(missing: str) -> None:
    small_set()
    assessment, actor = started()
    answer_everything(assessment, actor)
    fields = {"signer_name": "王", "signer_post": "总经理", "committed": True} | {missing: ""}
    with pytest.raises(DomainError) as caught:
        submit(actor=actor, assessment=assessment, now=NOW, **fields)  # type: ignore[arg-type]  # one is blanked
    assert caught.value.field == missing


def test_a_late_one_goes_in_with_words() -> None:
    small_set()
    assessment, actor = started()
    answer_everything(assessment, actor)
    late = NOW + timedelta(days=80)
    assert [doubt.code for doubt in check_before_submit(assessment, now=late).result.doubts] == ["OVERDUE"]


# --- adoption -------------------------------------------------------------------------------------------------------
def test_submit_without_adoption_is_refused() -> None:
    small_set(requires=ADOPTION)
    assessment, actor = started()
    answer_everything(assessment, actor)
    with pytest.raises(DomainError, match="职工（代表）大会"):
        hand_in(assessment, actor)
    adoption = freeze_for_adoption(actor=actor, assessment=assessment, now=NOW)
    with pytest.raises(DomainError, match="必须修改"):
        hand_in(assessment, actor)
    with pytest.raises(DomainError, match="纪要"):
        record_adoption(
            actor=actor,
            assessment=assessment,
            held_on=date(2026, 10, 12),
            delegates=30,
            participants=28,
            votes_for=27,
            now=NOW,
        )
    add_file("adoption", adoption.pk)
    record_adoption(
        actor=actor,
        assessment=assessment,
        held_on=date(2026, 10, 12),
        delegates=30,
        participants=28,
        votes_for=27,
        now=NOW,
    )
    assert hand_in(assessment, actor).state == AssessmentState.SUBMITTED


@pytest.mark.parametrize(
    ("counts", "field"),
    [
        ((30, 19, 19), "participants"),
        ((30, 20, 15), "votes_for"),
        ((30, 31, 20), "participants"),
        ((0, 0, 0), "delegates"),
    ],
)
def test_a_meeting_without_quorum_or_majority_adopts_nothing(
    counts: tuple[int, int, int], field: str
) -> None:
    small_set(requires=ADOPTION)
    assessment, actor = started()
    answer_everything(assessment, actor)
    adoption = freeze_for_adoption(actor=actor, assessment=assessment, now=NOW)
    add_file("adoption", adoption.pk)
    with pytest.raises(DomainError) as caught:
        record_adoption(
            actor=actor,
            assessment=assessment,
            held_on=date(2026, 10, 12),
            delegates=counts[0],
            participants=counts[1],
            votes_for=counts[2],
            now=NOW,
        )
    assert caught.value.field == field


def test_freezing_needs_a_complete_form_and_locks_it() -> None:
    small_set(requires=ADOPTION)
    assessment, actor = started()
    with pytest.raises(DomainError, match="必须修改"):
        freeze_for_adoption(actor=actor, assessment=assessment, now=NOW)
    answer_everything(assessment, actor)
    freeze_for_adoption(actor=actor, assessment=assessment, now=NOW)
    with pytest.raises(DomainError, match="已定稿"):
        save_answer(
            actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [False], revision=1), now=NOW
        )
    reopen(actor=actor, assessment=assessment, now=NOW)
    assert Adoption.objects.get().void_reason == "取消定稿"


def test_an_edit_voids_the_print_a_mere_withdrawal_does_not() -> None:
    small_set(requires=ADOPTION)
    assessment, actor = started()
    answer_everything(assessment, actor)
    adopted = adopt(assessment, actor)
    hand_in(assessment, actor)
    withdraw(actor=actor, assessment=assessment, now=NOW)
    assert freeze_for_adoption(actor=actor, assessment=assessment, now=NOW) == adopted
    hand_in(assessment, actor)
    withdraw(actor=actor, assessment=assessment, now=NOW)
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [False], revision=1), now=NOW)
    adopted.refresh_from_db()
    assert adopted.voided_at == NOW
    fresh = freeze_for_adoption(actor=actor, assessment=assessment, now=NOW)
    assert fresh.content_hash != adopted.content_hash


def test_a_set_without_adoption_cannot_be_frozen() -> None:
    small_set()
    assessment, actor = started()
    with pytest.raises(DomainError, match="不要求"):
        freeze_for_adoption(actor=actor, assessment=assessment, now=NOW)


# --- returned -------------------------------------------------------------------------------------------------------
def test_only_returned_items_reopen_and_each_must_be_answered() -> None:
    small_set(requires=ADOPTION)
    assessment, actor = started()
    answer_everything(assessment, actor)
    adopted = adopt(assessment, actor)
    hand_in(assessment, actor)
    return_items(assessment, "D01-03")
    with pytest.raises(DomainError, match="未被退回"):
        save_answer(
            actor=actor, assessment=assessment, draft=AnswerDraft("D01-02", [False], revision=1), now=NOW
        )
    with pytest.raises(DomainError, match="未被退回"):
        declare(actor=actor, assessment=assessment, draft=DeclarationDraft("V01", "YES", revision=1), now=NOW)
    with pytest.raises(DomainError, match="必须修改"):
        hand_in(assessment, actor)
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [False], revision=1), now=NOW)
    adopted.refresh_from_db()
    assert adopted.voided_at is None
    assessment.refresh_from_db()
    assert hand_in(assessment, actor).state == AssessmentState.SUBMITTED
    # withdrawing must not open what the round keeps locked
    withdraw(actor=actor, assessment=assessment, now=NOW)
    with pytest.raises(DomainError, match="未被退回"):
        save_answer(
            actor=actor, assessment=assessment, draft=AnswerDraft("D01-02", [False], revision=1), now=NOW
        )


# --- layers ---------------------------------------------------------------------------------------------------------
def test_saving_self_leaves_other_layers_byte_identical_and_never_inherits_silently() -> None:
    small_set()
    assessment, actor = started()
    answer_everything(assessment, actor)
    hand_in(assessment, actor)
    Answer.objects.create(
        assessment=assessment,
        layer=Layer.DISTRICT,
        indicator="D01-03",
        inputs=[False],
        verdict="CHANGED",
        reason="不属实",
        updated_at=NOW,
    )
    return_items(assessment, "D01-02")
    before = json.dumps(list(Answer.objects.filter(layer=Layer.DISTRICT).values()), default=str)
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-02", [False], revision=1), now=NOW)
    assert json.dumps(list(Answer.objects.filter(layer=Layer.DISTRICT).values()), default=str) == before
    effective = sheet(assessment, Layer.EFFECTIVE)
    assert effective.marks == [100, 0, 0] and effective.entered_count == 1
    assert sheet(assessment).marks == [100, 0, 100]


def test_visible_to_is_the_district_frozen_for_the_year() -> None:
    small_set()
    assessment, actor = started()
    own = make_actor("DISTRICT_OFFICE", assessment.organization)
    assert list(Assessment.objects.visible_to(own)) == [assessment]
    assert list(Assessment.objects.visible_to(actor)) == [assessment]
    strangers = [make_actor(role) for role in ("DISTRICT_OFFICE", "SYSTEM_ADMIN", "AUDITOR")]
    for stranger in (*strangers, make_contact(make_firm())):
        assert not Assessment.objects.visible_to(stranger).exists()
    assert Assessment.objects.visible_to(make_actor("CITY_OFFICE")).exists()
    assert Declaration.objects.count() == 0
