"""列入整改提升: one press beside a lost point, by the firm or its district; done or dropped it changes no score."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.enums import ImprovementState
from evaluation.models import Assessment, Improvement, ScoreSheet
from evaluation.selectors.rectifications.improvements import IMPROVEMENT_FILES, lost_items_of
from evaluation.services.answers import AnswerDraft, save_answers
from evaluation.services.rectifications.improvements import (
    ImprovementPlan,
    drop_improvement,
    finish_improvement,
    plan_improvement,
    take_up,
)
from evaluation.services.review_moves import verify
from tests.evaluation.assessment_builders import small_set, started
from tests.evaluation.test_reviews import NOW, Case
from tests.factories import login, make_actor
from tests.kernel import hostile
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.models import Attachment

TODAY = clock.shanghai_date(clock.now())
LOWERED: list[object] = [[96, 100]]
PLAN = ImprovementPlan("补签集体合同", "王五", date(2026, 12, 20))


def lossy() -> Case:
    """Verified, the first item lowered by its district."""
    made = Case()
    made.open()
    made.look()
    made.judge("D01-01", LOWERED)
    made.agree_all()
    verify(actor=made.office, assessment=made.assessment, now=NOW)
    return made


@pytest.fixture
def case(db: None) -> Case:
    return lossy()


def lost_code(assessment: Assessment) -> str:
    found = lost_items_of(assessment)
    assert found, "the case loses points"
    return next(iter(found))


def scores(assessment: Assessment) -> list[tuple[object, ...]]:
    rows = ScoreSheet.objects.filter(assessment=assessment).order_by("layer")
    return list(rows.values_list("layer", "total", "scaled_total", "qualification", "marks"))


def test_one_press_takes_a_lost_point_up_once(client: Client, case: Case) -> None:
    assessment, code = case.fresh, lost_code(case.fresh)
    login(client, case.contact)
    page = reverse("evaluation:assessment_result", args=[assessment.pk])
    url = reverse("evaluation:improvement_add", args=[assessment.pk, code])
    assert f'action="{url}"' in client.get(page).content.decode()
    first = client.post(url)
    row = Improvement.objects.get()
    assert first.status_code == 302 and first["Location"] == reverse(
        "evaluation:improvement_edit", args=[row.pk]
    )
    assert row.indicator == code and row.lost == lost_items_of(assessment)[code].lost > 0
    assert client.post(url).status_code == 302 and Improvement.objects.count() == 1
    body = client.get(page).content.decode()
    assert f'action="{url}"' not in body and reverse("evaluation:improvement_detail", args=[row.pk]) in body


def test_a_draft_s_list_of_losses_offers_it_too(client: Client, db: None) -> None:
    small_set(3)
    assessment, contact = started()
    draft = AnswerDraft("D01-01", LOWERED)
    save_answers(actor=contact, assessment=assessment, drafts=[draft], now=NOW)
    login(client, contact)
    page = reverse("evaluation:assessment_losses", args=[assessment.pk])
    url = reverse("evaluation:improvement_add", args=[assessment.pk, "D01-01"])
    assert f'action="{url}"' in client.get(page).content.decode()
    assert client.post(url).status_code == 302
    body = client.get(page).content.decode()
    assert f'action="{url}"' not in body and "改进中" in body


def test_a_point_that_was_not_lost_and_a_foreign_assessment_are_refused(case: Case) -> None:
    assessment = case.fresh
    with pytest.raises(DomainError, match="没有失分"):
        take_up(actor=case.contact, assessment=assessment, code="XX-99", now=clock.now())
    for stranger in (make_actor(Role.DISTRICT_OFFICE), make_actor(Role.CITY_OFFICE)):
        with pytest.raises(NotAllowed):
            take_up(actor=stranger, assessment=assessment, code=lost_code(assessment), now=clock.now())


def taken(case: Case, actor: Actor | None = None) -> Improvement:
    return take_up(
        actor=actor or case.contact, assessment=case.fresh, code=lost_code(case.fresh), now=clock.now()
    )[0]


def test_done_or_dropped_it_changes_no_score_and_nothing_more(case: Case) -> None:
    before = scores(case.fresh)
    row = plan_improvement(actor=case.contact, improvement=taken(case), plan=PLAN, now=clock.now())
    assert (row.measure, row.person, row.due_on) == ("补签集体合同", "王五", date(2026, 12, 20))
    row = finish_improvement(
        actor=case.contact, improvement=row, plan=PLAN, result="已补签", done_on=TODAY, now=clock.now()
    )
    assert row.state == ImprovementState.DONE and scores(case.fresh) == before
    with pytest.raises(ConflictError, match="已完成"):
        plan_improvement(actor=case.contact, improvement=row, plan=PLAN, now=clock.now())
    again, new = take_up(actor=case.contact, assessment=case.fresh, code=row.indicator, now=clock.now())
    assert (again.pk, new) == (row.pk, False)


def test_what_was_dropped_is_taken_up_again(case: Case) -> None:
    row = taken(case, case.office)
    with pytest.raises(DomainError, match="至少5个字"):
        drop_improvement(actor=case.contact, improvement=row, plan=PLAN, reason="不做", now=clock.now())
    drop_improvement(actor=case.contact, improvement=row, plan=PLAN, reason="标准明年修订", now=clock.now())
    again = taken(case)
    assert (again.pk, again.state, again.result, again.person) == (row.pk, ImprovementState.OPEN, "", "王五")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"done": "1", "result": "", "done_on": "2026-01-05"}, "请填写完成情况"),
        ({"done": "1", "result": "已补签", "done_on": ""}, "请填写完成日期"),
        ({"done": "1", "result": "已补签", "done_on": str(TODAY + timedelta(days=3))}, "不能晚于今天"),
        ({"done": "1", "result": "已补签", "done_on": "2026-01-05", "person": ""}, "请填写责任人"),
        ({"drop": "1", "result": "不做"}, "至少5个字"),
        ({"due_on": "明年"}, "日期"),
        ({"measure": "字" * 1001}, "1000"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_typed_is_lost(
    client: Client, case: Case, typed: dict[str, str], words: str
) -> None:
    row = taken(case)
    login(client, case.contact)
    values = {"measure": "补签集体合同", "person": "王五", "due_on": "2026-12-20"} | typed
    answer = client.post(reverse("evaluation:improvement_edit", args=[row.pk]), values)
    body = answer.content.decode()
    assert answer.status_code == 422 and words in body
    assert all(value in body for name, value in values.items() if name not in ("done", "drop"))
    row.refresh_from_db()
    assert row.state == ImprovementState.OPEN and row.measure == ""


def test_the_pages_of_firm_district_and_city(client: Client, case: Case) -> None:
    row = taken(case)
    for actor, editable in ((case.contact, True), (case.office, True), (case.city, False)):
        login(client, actor)
        assert row.title in client.get(reverse("evaluation:improvement_list")).content.decode()
        body = client.get(reverse("evaluation:improvement_detail", args=[row.pk])).content.decode()
        edit = reverse("evaluation:improvement_edit", args=[row.pk])
        assert (edit in body) == editable
        assert client.post(edit, {"measure": "补签"}).status_code == (302 if editable else 403)
    login(client, make_actor(Role.DISTRICT_OFFICE))
    assert client.get(reverse("evaluation:improvement_detail", args=[row.pk])).status_code == 404


def test_proof_hangs_at_an_open_item(client: Client, case: Case) -> None:
    row = taken(case)
    login(client, case.contact)
    url = reverse("evaluation:improvement_proof", args=[row.pk])
    pdf = hostile.pdf()
    client.post(url, {"file": SimpleUploadedFile("合同.pdf", pdf, "application/pdf")})
    assert Attachment.objects.filter(owner_kind=IMPROVEMENT_FILES, owner_id=row.pk).count() == 1
    finish_improvement(
        actor=case.contact, improvement=row, plan=PLAN, result="已补签", done_on=TODAY, now=clock.now()
    )
    assert client.post(url, {"file": SimpleUploadedFile("二.pdf", pdf, "application/pdf")}).status_code == 403


def test_the_list_s_statements_do_not_grow(client: Client, case: Case) -> None:
    login(client, case.contact)
    counts = []
    for number in range(3):
        for more in range(number * 5 + 1):
            Improvement.objects.create(
                assessment=case.fresh, indicator=f"X{number}-{more}", title="项", lost=100,
                created_at=datetime(2026, 1, 1, tzinfo=clock.SHANGHAI),
                updated_at=datetime(2026, 1, 1, tzinfo=clock.SHANGHAI),
            )  # fmt: skip
        client.get(reverse("evaluation:improvement_list"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("evaluation:improvement_list"))
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="presses at once: PostgreSQL only")
def test_pressed_by_many_at_once_it_is_one_item() -> None:
    case = lossy()
    assessment, code = case.fresh, lost_code(case.fresh)
    fresh: list[bool] = []

    def press(actor: Actor) -> None:
        try:
            fresh.append(take_up(actor=actor, assessment=assessment, code=code, now=clock.now())[1])
        finally:
            connections.close_all()

    threads = [Thread(target=press, args=(actor,)) for actor in [case.contact, case.office] * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fresh) == [False] * 9 + [True] and Improvement.objects.count() == 1
