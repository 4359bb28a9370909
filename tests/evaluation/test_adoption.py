"""The adoption: corrected and never rewritten, never a second meeting for the same text, sealed with its evidence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from cultivation.selectors.todo_case import todo_case
from evaluation.enums import AssessmentState, Layer
from evaluation.models import Adoption, AdoptionCorrection, Answer, Assessment
from evaluation.permissions import may_read_answers
from evaluation.selectors.adoption import current_adoption, load_fingerprint, meeting_of, meetings_of
from evaluation.services.adoption import (
    answer_for_text,
    ask_for_text,
    correct_adoption,
    freeze_for_adoption,
    record_adoption,
    reopen,
)
from evaluation.services.answers import AnswerDraft, save_answer
from evaluation.services.declarations import DeclarationDraft, declare
from evaluation.services.evidence import attach_evidence
from evaluation.services.review_moves import open_review
from reporting.selectors.todos import todo_parts
from tests.evaluation.assessment_builders import NOW, add_file, answer_everything, small_set, started
from tests.evaluation.test_assessment_pages import PDF
from tests.evaluation.test_assessment_services import ADOPTION, hand_in
from tests.evaluation.test_assessment_workflow import columns_of
from tests.factories import login, make_actor, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.models import Attachment, Notification
from zaozhuang_portal.operations.selectors.todos import list_parts
from zaozhuang_portal.operations.services import attachments
from zaozhuang_portal.operations.services.attachments import remove_attachment

EARLY, DAY = date(2026, 9, 28), date(2026, 10, 12)
FIGURES: dict[str, Any] = {"held_on": DAY, "delegates": 30, "participants": 28, "votes_for": 27}


class Step:
    """A complete self-assessment of a set that wants an adoption, and the contact."""

    def __init__(self, *, frozen: bool = True) -> None:
        small_set(requires=ADOPTION)
        self.assessment, self.contact = started()
        answer_everything(self.assessment, self.contact)
        if frozen:
            self.freeze()

    def freeze(self) -> Adoption:
        adoption = freeze_for_adoption(actor=self.contact, assessment=self.assessment, now=NOW)
        self.assessment.refresh_from_db()
        return adoption

    @property
    def adoption(self) -> Adoption:
        found = current_adoption(self.assessment)
        assert found is not None
        return found

    def record(self, **more: Any) -> Adoption:
        if not Attachment.objects.of("adoption", self.adoption.pk).exists():
            add_file("adoption", self.adoption.pk)
        return record_adoption(actor=self.contact, assessment=self.assessment, now=NOW, **FIGURES | more)

    def correct(self, **more: Any) -> AdoptionCorrection:
        values = FIGURES | {"votes_for": 26, "reason": "抄录时把赞成人数写错", "now": NOW} | more
        return correct_adoption(actor=self.contact, assessment=self.assessment, **values)


@pytest.fixture
def step(db: None) -> Step:
    return Step()


def figures(adoption: Adoption) -> list[tuple[date, int, int, int]]:
    return [(one.held_on, one.delegates, one.participants, one.votes_for) for one in meetings_of(adoption)]


# --- corrected, never rewritten -------------------------------------------------------------------------------------


def test_a_record_is_corrected_with_a_reason_and_what_stood_before_stays(step):
    step.record()
    before = Adoption.objects.values().get()
    step.correct()
    step.correct(votes_for=25, reason="又查一次签到表")
    assert Adoption.objects.values().get() == before  # the row itself is as it was recorded
    assert figures(step.adoption) == [(DAY, 30, 28, 27), (DAY, 30, 28, 26), (DAY, 30, 28, 25)]
    assert meeting_of(step.adoption).votes_for == 25
    entries = AuditEntry.objects.filter(action="更正职代会审议").order_by("id")
    assert [entry.changes["votes_for"] for entry in entries] == [["27", "26"], ["26", "25"]]
    assert [entry.reason for entry in entries] == ["抄录时把赞成人数写错", "又查一次签到表"]


def test_recording_twice_is_refused_by_service_post_and_race(step):
    step.record()
    with pytest.raises(ConflictError, match="更正"):
        step.record(votes_for=20)
    client = login(Client(), step.contact)
    posted = client.post(
        reverse("evaluation:assessment_adoption", args=[step.assessment.pk]),
        {"held_on": "2026-10-12", "delegates": "30", "participants": "28", "votes_for": "20"},
    )
    assert posted.status_code in (409, 422) and Adoption.objects.get().votes_for == 27
    # The other tab had read it unrecorded: the UPDATE itself asks.
    assert not Adoption.objects.filter(pk=step.adoption.pk, recorded_at__isnull=True).update(votes_for=20)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reason": "错了"}, "reason_required"),
        ({"reason": "长" * 501}, "too_long"),
        ({"votes_for": 27}, "unchanged"),
        ({"participants": 19, "votes_for": 19}, "quorum"),
        ({"votes_for": 15}, "majority"),
        ({"participants": 31}, "counts"),
        ({"held_on": date(2030, 1, 1)}, "future_meeting"),
        ({"held_on": EARLY}, "meeting_before_print"),
    ],
)
def test_a_correction_keeps_the_rules_of_the_meeting(step, more, code):
    step.record()
    with pytest.raises(DomainError) as caught:
        step.correct(**more)
    assert caught.value.code == code and not AdoptionCorrection.objects.exists()


@pytest.mark.parametrize("state", AssessmentState.values)
def test_a_correction_moves_nothing_and_is_open_until_the_city_has_confirmed(step, state):
    step.record()
    Assessment.objects.filter(pk=step.assessment.pk).update(**columns_of(state))
    if state in {"CONFIRMED", "ARCHIVED"}:
        with pytest.raises(DomainError, match="市级已确认"):
            step.correct()
        return
    step.correct()
    step.assessment.refresh_from_db()
    assert step.assessment.state == state and Adoption.objects.get().voided_at is None


def test_strangers_correct_nothing(step):
    step.record()
    for actor in (
        make_actor(Role.DISTRICT_OFFICE, step.assessment.organization),
        make_actor(Role.CITY_OFFICE),
    ):
        with pytest.raises(NotAllowed):
            correct_adoption(
                actor=actor,
                assessment=step.assessment,
                reason="抄录有误",
                now=NOW,
                **FIGURES | {"votes_for": 26},
            )


def test_the_pages_show_the_correction_and_the_record(step):
    step.record()
    client = login(Client(), step.contact)
    page = reverse("evaluation:adoption_correct", args=[step.assessment.pk])
    typed = {"held_on": "2026-10-12", "delegates": "30", "participants": "28", "votes_for": "26"}
    bad = client.post(page, typed | {"reason": "错"})
    assert bad.status_code == 422 and 'value="26"' in bad.content.decode()
    assert client.post(page, typed | {"reason": "抄录时写错一人"}).status_code == 302
    shown = client.get(reverse("evaluation:assessment_adoption", args=[step.assessment.pk])).content.decode()
    assert "30／28／26" in shown and "赞成 27 人" in shown and "抄录时写错一人" in shown
    step.assessment.refresh_from_db()
    hand_in(step.assessment, step.contact)
    office = make_actor(Role.DISTRICT_OFFICE, step.assessment.organization)
    open_review(actor=office, assessment=step.assessment, now=NOW)
    review = (
        login(Client(), office)
        .get(reverse("evaluation:review_detail", args=[step.assessment.pk]))
        .content.decode()
    )
    assert "赞成 26 人" in review and "赞成 27 人" in review and "抄录时写错一人" in review


# --- never a new meeting for the same text --------------------------------------------------------------------------


def test_a_meeting_before_the_freeze_counts_when_its_paper_bore_the_frozen_code(db):
    step = Step(frozen=False)
    paper = login(Client(), step.contact).get(
        reverse("evaluation:assessment_print", args=[step.assessment.pk])
    )
    adoption = step.freeze()
    assert adoption.short_hash in paper.content.decode()  # printed before the freeze, the same code
    with pytest.raises(DomainError) as caught:
        step.record(held_on=EARLY)
    assert caught.value.code == "meeting_before_print" and "不必重新开会" in caught.value.message
    with pytest.raises(DomainError) as caught:
        step.record(held_on=EARLY, printed_hash="0000 0000 0000 0000")
    assert (caught.value.code, caught.value.field) == ("other_print", "printed_hash")
    copied = f" {adoption.short_hash.lower().replace(' ', '－')} ".replace("1", "１")  # as people copy it
    done = step.record(held_on=EARLY, printed_hash=copied)
    assert done.printed_hash == adoption.content_hash[:16].upper() and done.held_on == EARLY
    assert hand_in(step.assessment, step.contact).state == AssessmentState.SUBMITTED


def test_a_changed_text_is_not_the_one_voted_on(db):
    step = Step()
    code = step.adoption.short_hash
    reopen(actor=step.contact, assessment=step.assessment, now=NOW)
    save_answer(
        actor=step.contact,
        assessment=step.assessment,
        draft=AnswerDraft("D01-03", [True], words="补一句", revision=1),
        now=NOW,
    )
    step.freeze()
    with pytest.raises(DomainError) as caught:
        step.record(held_on=EARLY, printed_hash=code)
    assert caught.value.code == "other_print"


def test_a_recorded_meeting_outlives_a_freeze_taken_back_without_a_change(step):
    step.record()
    kept = step.adoption
    reopen(actor=step.contact, assessment=step.assessment, now=NOW)
    step.assessment.refresh_from_db()
    assert step.assessment.state == AssessmentState.DRAFT
    assert step.freeze() == kept and hand_in(step.assessment, step.contact).submitted_at == NOW


def test_the_city_office_confirms_with_a_reason_that_the_texts_agree(step):
    city, other = make_actor(Role.CITY_OFFICE), make_actor(Role.CITY_MEMBER)
    assert not may_read_answers(city, step.assessment)
    with pytest.raises(DomainError) as caught:
        ask_for_text(
            actor=step.contact, assessment=step.assessment, words="9月28日开会，用的是纸质稿", now=NOW
        )
    assert caught.value.field == "minutes"
    add_file("adoption", step.adoption.pk)
    with pytest.raises(ConflictError):
        answer_for_text(actor=city, assessment=step.assessment, agrees=True, reason="已对照会议材料", now=NOW)
    ask_for_text(actor=step.contact, assessment=step.assessment, words="9月28日开会，用的是纸质稿", now=NOW)
    assert Notification.objects.filter(user=city.user, title__contains="请确认审议文本一致").count() == 1
    assert may_read_answers(city, step.assessment) and not may_read_answers(other, step.assessment)
    with pytest.raises(DomainError) as caught:
        step.record(held_on=EARLY)
    assert caught.value.code == "meeting_before_print"
    for actor in (other, step.contact, make_actor(Role.DISTRICT_OFFICE, step.assessment.organization)):
        with pytest.raises(NotAllowed):
            answer_for_text(
                actor=actor, assessment=step.assessment, agrees=True, reason="已对照会议材料", now=NOW
            )
    answer_for_text(actor=city, assessment=step.assessment, agrees=False, reason="纸质稿少了两页", now=NOW)
    assert not may_read_answers(city, step.assessment)
    ask_for_text(actor=step.contact, assessment=step.assessment, words="已补齐两页，请再看", now=NOW)
    answer_for_text(actor=city, assessment=step.assessment, agrees=True, reason="已逐项对照会议材料", now=NOW)
    assert step.record(held_on=EARLY).held_on == EARLY
    with pytest.raises(IntegrityError), transaction.atomic():
        Adoption.objects.update(text_asked_at=None)


def test_the_request_and_the_answer_have_pages(step):
    add_file("adoption", step.adoption.pk)
    firm, city = login(Client(), step.contact), login(Client(), make_actor(Role.CITY_OFFICE))
    page = reverse("evaluation:adoption_text", args=[step.assessment.pk])
    assert city.get(page).status_code == 404  # nobody asked
    ask = reverse("evaluation:adoption_ask", args=[step.assessment.pk])
    assert firm.post(ask, {"words": "早"}).status_code == 422
    assert firm.post(ask, {"words": "9月28日开会，用的是纸质稿"}).status_code == 302
    shown = city.get(page).content.decode()
    assert "用的是纸质稿" in shown and "材料.pdf" in shown
    assert city.get(reverse("evaluation:assessment_print", args=[step.assessment.pk])).status_code == 200
    assert city.post(page, {"answer": "agrees", "reason": "对"}).status_code == 422
    assert city.post(page, {"answer": "agrees", "reason": "已逐项对照会议材料"}).status_code == 302
    assert (
        "确认一致"
        in firm.get(reverse("evaluation:assessment_adoption", args=[step.assessment.pk])).content.decode()
    )


def test_a_request_waits_in_the_inbox_of_the_city_office_until_it_is_answered(step):
    city = make_actor(Role.CITY_OFFICE)
    add_file("adoption", step.adoption.pk)
    make_year()

    def waiting(actor: Actor) -> list[str]:
        case = todo_case(actor, DAY)
        assert case is not None
        return [
            row.what
            for row in list_parts([part for part in todo_parts(case) if part.key == "adoption_texts"])
        ]

    assert waiting(city) == []
    ask_for_text(actor=step.contact, assessment=step.assessment, words="9月28日开会，用的是纸质稿", now=NOW)
    assert waiting(city) == [f"{step.assessment.subject}（2026年度）"]
    assert waiting(make_actor(Role.CITY_MEMBER)) == []
    answer_for_text(actor=city, assessment=step.assessment, agrees=True, reason="已逐项对照会议材料", now=NOW)
    assert waiting(city) == []


# --- what the print lists is what was adopted -----------------------------------------------------------------------


def changes(step: Step) -> list[Callable[[], object]]:
    """Every way to change what the print lists."""
    answer = Answer.objects.get(assessment=step.assessment, layer=Layer.SELF, indicator="D01-02")
    survey = step.assessment.declarations.get(code="S01")
    file = Attachment.objects.of("answer", answer.pk).first()
    return [
        lambda: save_answer(
            actor=step.contact,
            assessment=step.assessment,
            draft=AnswerDraft("D01-02", [False], revision=1),
            now=NOW,
        ),
        lambda: save_answer(
            actor=step.contact,
            assessment=step.assessment,
            draft=AnswerDraft("D01-02", [True], words="说明", revision=1),
            now=NOW,
        ),
        lambda: declare(
            actor=step.contact,
            assessment=step.assessment,
            draft=DeclarationDraft("X01", "-1", revision=1),
            now=NOW,
        ),
        lambda: declare(
            actor=step.contact,
            assessment=step.assessment,
            draft=DeclarationDraft("V01", "NO", words="说明", revision=1),
            now=NOW,
        ),
        lambda: add_file("answer", answer.pk),
        lambda: add_file("declaration", survey.pk),
        lambda: add_file("assessment", step.assessment.pk),
        lambda: remove_attachment(actor=step.contact, attachment=file, now=NOW),
    ]


@pytest.mark.parametrize("number", range(8))
def test_every_change_of_what_the_print_lists_changes_the_code(db, number):
    step = Step(frozen=False)
    before = load_fingerprint(step.assessment)
    assert before == load_fingerprint(step.assessment)
    changes(step)[number]()
    assert load_fingerprint(step.assessment) != before


def test_the_print_lists_the_evidence_of_declarations_too(step):
    page = login(Client(), step.contact).get(
        reverse("evaluation:assessment_print", args=[step.assessment.pk])
    )
    assert page.content.decode().count("材料：材料.pdf") == 4  # three items, one survey


@pytest.mark.parametrize("number", [0, 1, 2, 3, 7])
def test_nothing_is_stored_after_the_freeze(step, number):
    with pytest.raises(DomainError):
        changes(step)[number]()
    assert load_fingerprint(step.assessment) == step.adoption.content_hash


def test_an_upload_under_way_when_the_freeze_returned_is_refused_and_leaves_no_file(db, monkeypatch):
    """The right is asked again in the transaction that writes: between check and row the firm froze."""
    step = Step(frozen=False)

    def frozen_meanwhile(content: bytes, label: str) -> None:
        step.freeze()

    monkeypatch.setattr(attachments, "scan_upload", frozen_meanwhile)
    number = Attachment.objects.count()
    with pytest.raises(DomainError, match="已定稿"):
        attach_evidence(
            actor=step.contact,
            assessment=step.assessment,
            code="D01-02",
            upload=SimpleUploadedFile("晚到.pdf", PDF),
            now=NOW,
        )
    assert Attachment.objects.count() == number
    assert load_fingerprint(step.assessment) == step.adoption.content_hash


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once need PostgreSQL")
@pytest.mark.parametrize("what", ["answer", "file", "removal"])
def test_of_a_freeze_and_a_save_at_once_the_later_one_sees_the_first(what):
    """Whoever gets the lock second: a save after the freeze is refused, a freeze after the save has it in its code."""
    step = Step(frozen=False)
    acts: dict[str, Callable[[], object]] = {
        "answer": lambda: save_answer(
            actor=step.contact,
            assessment=step.assessment,
            draft=AnswerDraft("D01-02", [False], revision=1),
            now=NOW + timedelta(seconds=1),
        ),
        "file": lambda: attach_evidence(
            actor=step.contact,
            assessment=step.assessment,
            code="D01-02",
            upload=SimpleUploadedFile("同时.pdf", PDF),
            now=NOW,
        ),
        "removal": changes(step)[7],
    }
    together = threading.Barrier(2, timeout=20)
    refused: list[DomainError] = []

    def run(act: Callable[[], object]) -> None:
        try:
            together.wait()
            act()
        except DomainError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in (acts[what], step.freeze)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    adoption = Adoption.objects.get()
    assert load_fingerprint(Assessment.objects.get()) == adoption.content_hash
    assert all(error.code in {"locked", "not_allowed"} for error in refused), refused
