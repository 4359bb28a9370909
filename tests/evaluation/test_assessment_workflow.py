"""The whole product state × action × role, and the services that stand on it."""

from __future__ import annotations

import itertools
import threading
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from evaluation.enums import AssessmentState, Layer
from evaluation.models import Answer, Assessment, ScoreSheet
from evaluation.services.answers import AnswerDraft, save_answer
from evaluation.services.submission import submit, withdraw
from evaluation.workflows import ASSESSMENT_WORKFLOW, SYSTEM
from tests.evaluation.assessment_builders import NOW, answer_everything, make_contact, small_set, started
from tests.factories import make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed

CONTACT = {"SUBJECT_CONTACT"}
DISTRICT = {"DISTRICT_OFFICE", "DISTRICT_MEMBER"}
CITY = {"CITY_OFFICE", "CITY_MEMBER"}
# Design §4, row by row: (from, action) → (who, to).
TABLE: dict[tuple[str, str], tuple[set[str], str]] = {
    ("DRAFT", "freeze"): (CONTACT, "AWAITING_ADOPTION"),
    ("RETURNED", "freeze"): (CONTACT, "AWAITING_ADOPTION"),
    ("AWAITING_ADOPTION", "reopen"): (CONTACT, "DRAFT"),
    ("AWAITING_ADOPTION", "submit"): (CONTACT, "SUBMITTED"),
    ("DRAFT", "submit"): (CONTACT, "SUBMITTED"),
    ("RETURNED", "submit"): (CONTACT, "SUBMITTED"),
    ("SUBMITTED", "withdraw"): (CONTACT, "DRAFT"),
    ("SUBMITTED", "open_review"): (DISTRICT, "UNDER_REVIEW"),
    ("UNDER_REVIEW", "return_for_changes"): (DISTRICT, "RETURNED"),
    ("UNDER_REVIEW", "verify"): (DISTRICT, "VERIFIED"),
    ("VERIFIED", "recall"): (DISTRICT, "UNDER_REVIEW"),
    ("VERIFIED", "send_back"): (CITY, "UNDER_REVIEW"),
    ("VERIFIED", "confirm"): (CITY, "CONFIRMED"),
    ("CONFIRMED", "archive"): (CITY | {SYSTEM}, "ARCHIVED"),
}
ACTIONS = sorted({action for _, action in TABLE})
ROLES = [*Role.values, SYSTEM]


def test_the_table_is_the_design_and_nothing_else() -> None:
    assert set(ASSESSMENT_WORKFLOW.actions) == set(ACTIONS)
    assert len(AssessmentState.values) * len(ACTIONS) * len(ROLES) == 8 * 11 * 12
    for state, action, role in itertools.product(AssessmentState.values, ACTIONS, ROLES):
        rule = TABLE.get((state, action))
        if rule is None:
            with pytest.raises(IllegalTransition):
                ASSESSMENT_WORKFLOW.find(state, action, role)
        elif role in rule[0]:
            assert ASSESSMENT_WORKFLOW.find(state, action, role).target == rule[1]
        else:
            with pytest.raises(NotAllowed):
                ASSESSMENT_WORKFLOW.find(state, action, role)


def columns_of(state: str) -> dict[str, Any]:
    """The dates a state must carry, and no others."""
    ladder = ["submitted_at", "review_opened_at", "verified_at", "confirmed_at", "archived_at"]
    reached = {
        "DRAFT": 0,
        "AWAITING_ADOPTION": 0,
        "SUBMITTED": 1,
        "UNDER_REVIEW": 2,
        "RETURNED": 2,
        "VERIFIED": 3,
        "CONFIRMED": 4,
        "ARCHIVED": 5,
    }[state]
    values: dict[str, Any] = {name: NOW if index < reached else None for index, name in enumerate(ladder)}
    if reached:
        values |= {
            "signer_name": "王",
            "signer_post": "经理",
            "commitment_at": NOW,
            "first_submitted_at": NOW,
            "receipt_number": "HX-1",
        }
    values["city_opened_at"] = NOW if reached > 3 else None
    return values | {"state": state}


@pytest.mark.django_db
def test_the_database_ties_every_state_to_its_dates() -> None:
    small_set()
    assessment, _ = started()
    row = Assessment.objects.filter(pk=assessment.pk)
    for state in AssessmentState.values:
        right = columns_of(state)
        row.update(**right)
        for name in ("submitted_at", "review_opened_at", "verified_at", "confirmed_at", "archived_at"):
            wrong = None if right[name] else NOW
            with pytest.raises(IntegrityError), transaction.atomic():
                row.update(**right | {name: wrong})
    for name in ("signer_name", "signer_post"):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**columns_of("SUBMITTED") | {name: ""})


@pytest.mark.django_db
@pytest.mark.parametrize("state", AssessmentState.values)
def test_answers_can_be_written_only_while_they_lie_with_the_subject(state: str) -> None:
    small_set()
    assessment, actor = started()
    Assessment.objects.filter(pk=assessment.pk).update(**columns_of(state))
    draft = AnswerDraft("D01-03", [True])
    if state in {"DRAFT", "RETURNED"}:
        save_answer(actor=actor, assessment=assessment, draft=draft, now=NOW)
        assert Answer.objects.count() == 1
    else:
        with pytest.raises(DomainError, match="不能修改"):
            save_answer(actor=actor, assessment=assessment, draft=draft, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role.values if role != "SUBJECT_CONTACT"])
def test_no_office_writes_or_submits_a_subject_s_own_layer(role: str) -> None:
    small_set()
    assessment, contact = started()
    answer_everything(assessment, contact)
    office = make_actor(role, assessment.organization)
    with pytest.raises(NotAllowed):
        save_answer(
            actor=office, assessment=assessment, draft=AnswerDraft("D01-03", [False], revision=1), now=NOW
        )
    with pytest.raises(NotAllowed):
        submit(
            actor=office, assessment=assessment, signer_name="王", signer_post="经理", committed=True, now=NOW
        )
    assert assessment.answers.get(indicator="D01-03").inputs == [True]


@pytest.mark.django_db
def test_a_withdrawal_after_the_reviewer_opened_it_is_refused() -> None:
    small_set()
    assessment, actor = started()
    Assessment.objects.filter(pk=assessment.pk).update(**columns_of("UNDER_REVIEW"))
    with pytest.raises(IllegalTransition):
        withdraw(actor=actor, assessment=assessment, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_ten_people_saving_at_the_same_moment_lose_nothing_and_the_sheet_is_right() -> None:
    small_set(10)
    assessment, first = started()
    people = [first, *(make_contact(assessment.subject) for _ in range(9))]
    problems: list[BaseException] = []
    gate = threading.Barrier(10)

    def save(number: int) -> None:
        try:
            gate.wait(10)
            entry: list[object] = [[100, 100]] if number == 1 else [True]
            save_answer(
                actor=people[number - 1],
                assessment=assessment,
                draft=AnswerDraft(f"D01-{number:02d}", entry),
                now=NOW,
            )
        except BaseException as problem:  # handed to the main thread
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(1, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert Answer.objects.filter(assessment=assessment).count() == 10
    sheet = ScoreSheet.objects.get(assessment=assessment, layer=Layer.SELF)
    assert sheet.total == 10 and sheet.answered_count == 10
    assessment.refresh_from_db()
    assert assessment.revision == 10 and assessment.due_on > date(2026, 1, 1)
