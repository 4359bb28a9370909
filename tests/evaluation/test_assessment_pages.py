from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.enums import Layer
from evaluation.models import Answer, Assessment, IndicatorSet, ScoreSheet
from evaluation.selectors.definitions import definition_of
from evaluation.services.answers import AnswerDraft, save_answer
from tests.evaluation.assessment_builders import (
    NOW,
    answer_everything,
    best_inputs,
    make_contact,
    make_firm,
    make_year,
    publish_real,
    small_set,
    started,
    typed,
)
from tests.evaluation.test_assessment_services import ADOPTION, return_items
from tests.factories import login, make_actor
from tests.kernel import hostile
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date

pytestmark = pytest.mark.django_db
AUTOSAVE = {"X-Autosave": "1"}
PDF = hostile.pdf()


@pytest.fixture(autouse=True)
def in_time(time_machine) -> None:
    """Within the year's date, whatever day it is."""
    time_machine.move_to(NOW)


def url(name: str, assessment: Assessment, *rest: str) -> str:
    return reverse(f"evaluation:{name}", args=[assessment.pk, *rest])


def signed_in(actor: Actor) -> Client:
    return login(Client(), actor)


@pytest.fixture
def draft() -> tuple[Assessment, Client, Actor]:
    small_set(requires=ADOPTION)
    assessment, actor = started()
    return assessment, signed_in(actor), actor


# --- reading --------------------------------------------------------------------------------------------------------
def test_a_contact_starts_from_the_list_and_finds_the_seven_notes() -> None:
    publish_real()
    firm = make_firm()
    make_year()
    client = signed_in(make_contact(firm))
    start = reverse("evaluation:assessment_start", args=[2026, firm.pk])
    assert client.get(reverse("evaluation:assessment_list")).status_code == 200
    page = client.get(start).content.decode()
    for words in ("要填什么", "大约多久", "准备材料", "截止时间", "保存和续填", "谁能看到", "电话帮助"):
        assert words in page
    assert "重构稿，待官方文本核定" in page
    assert not Assessment.objects.exists()  # GET never writes
    assert client.post(start).status_code == 302
    assert client.get(start).status_code == 302


@pytest.mark.parametrize(
    "name", ["home", "notes", "profile", "declarations", "losses", "check", "adoption", "print", "continue"]
)
def test_every_page_opens_and_carries_the_label(draft: tuple[Assessment, Client, Actor], name: str) -> None:
    assessment, client, _ = draft
    page = client.get(url(f"assessment_{name}", assessment), follow=True)
    assert page.status_code == 200
    assert name == "profile" or "重构稿，待官方文本核定" in page.content.decode()


def test_task_list_uses_the_five_statuses_only(draft: tuple[Assessment, Client, Actor]) -> None:
    assessment, client, actor = draft
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [True]), now=NOW)
    page = client.get(url("assessment_home", assessment)).content.decode()
    found = re.findall(r'class="task-status">(?:<span[^>]*>)?([^<]+)<', page)
    assert "填写中 1/3" in found and "暂不能开始" in found
    assert all(
        re.fullmatch(r"未开始|填写中 \d+/\d+|需要修改 \d+ 项|已完成|暂不能开始", text.strip())
        for text in found
    )


def test_a_stranger_gets_404_and_never_a_word_of_it(draft: tuple[Assessment, Client, Actor]) -> None:
    assessment, _, actor = draft
    save_answer(
        actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [True], words="金丝雀"), now=NOW
    )
    for stranger in (make_contact(make_firm()), make_actor("DISTRICT_OFFICE")):
        client = signed_in(stranger)
        for name in ("home", "check", "print", "losses", "declarations"):
            response = client.get(url(f"assessment_{name}", assessment))
            assert response.status_code == 404 and "金丝雀" not in response.content.decode()
        assert client.post(url("answer_save", assessment, "D01-03"), {"D01-03.0": "NO"}).status_code == 404
    own_district = signed_in(make_actor("DISTRICT_OFFICE", assessment.organization))
    assert (
        own_district.get(url("assessment_print", assessment)).status_code == 404
    )  # a draft is not theirs to read
    assert own_district.get(url("assessment_section", assessment, "D01")).status_code == 404


def test_a_refused_paper_says_why_and_how_to_mend_it(draft: tuple[Assessment, Client, Actor]) -> None:
    """The words of the upload box are the server's: an old Word file is to be saved as .docx."""
    assessment, client, _ = draft
    old = SimpleUploadedFile("台账.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    place = url("evidence_upload", assessment, "D01-03")
    answer = client.post(place, {"file": old}, headers={"X-Upload": "1", "HX-Request": "true"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "text/plain; charset=utf-8")
    assert answer.content.decode() == "不支持 .doc，请另存为 .docx 后再上传。"


# --- saving ---------------------------------------------------------------------------------------------------------
def test_autosave_answers_with_revision_score_and_errors(draft: tuple[Assessment, Client, Actor]) -> None:
    assessment, client, _ = draft
    body = {"revision": "0", "D01-01.0.0": "九十六", "D01-01.0.1": "１００"}
    answer = client.post(url("answer_save", assessment, "D01-01"), body, headers=AUTOSAVE)
    data = json.loads(answer.content)
    assert answer.status_code == 200 and data["revision"] == 1
    assert "不是数字" in data["errors"]["D01-01.0.1"] or "应为数字" in data["errors"]["D01-01.0.1"]
    assert set(data["fragments"]) == {"#strip", "#score-D01-01", "#tag-D01-01"}
    page = client.get(url("assessment_section", assessment, "D01")).content.decode()
    assert 'value="九十六"' in page and 'value="100"' in page
    body |= {"revision": "1", "D01-01.0.0": "96"}
    data = json.loads(client.post(url("answer_save", assessment, "D01-01"), body, headers=AUTOSAVE).content)
    assert data["errors"] == {} and "0.00" in data["fragments"]["#score-D01-01"]


def test_a_stale_autosave_gets_both_versions(draft: tuple[Assessment, Client, Actor]) -> None:
    assessment, client, _ = draft
    colleague = make_contact(assessment.subject)
    save_answer(
        actor=colleague, assessment=assessment, draft=AnswerDraft("D01-03", [True], words="同事写的"), now=NOW
    )
    body = {"revision": "0", "D01-03.0": "NO", "D01-03.words": "我写的"}
    answer = client.post(url("answer_save", assessment, "D01-03"), body, headers=AUTOSAVE)
    assert answer.status_code == 409
    page = client.post(json.loads(answer.content)["conflict_url"], body)
    text = page.content.decode()
    assert page.status_code == 409 and "同事写的" in text and "我写的" in text and str(colleague.user) in text
    chosen = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
    client.post(url("answer_save", assessment, "D01-03"), chosen | {"resolve": "mine"})
    assert Answer.objects.get(indicator="D01-03").words == "我写的"


def test_a_whole_section_by_plain_post_keeps_what_clashed(draft: tuple[Assessment, Client, Actor]) -> None:
    assessment, client, actor = draft
    save_answer(actor=actor, assessment=assessment, draft=AnswerDraft("D01-03", [True]), now=NOW)
    body = {"D01-03.0": "NO", "D01-03.revision": "0", "D01-02.0": "YES", "D01-02.revision": "0"}
    response = client.post(url("assessment_section", assessment, "D01"), body)
    text = response.content.decode()
    assert response.status_code == 409 and "D01-03" in text
    assert "您在另一窗口 保存的" in text and "他人" not in text
    assert Answer.objects.get(indicator="D01-02").inputs == [True]
    assert re.search(r'value="NO" checked', text)
    again = client.post(
        url("assessment_section", assessment, "D01"), body | {"D01-03.revision": "1", "D01-02.revision": "1"}
    )
    assert again.status_code == 302 and Answer.objects.get(indicator="D01-03").inputs == [False]


def test_nobody_writes_another_layer_by_forged_fields(draft: tuple[Assessment, Client, Actor]) -> None:
    assessment, client, _ = draft
    forged = {
        "revision": "0",
        "D01-03.0": "YES",
        "layer": "DISTRICT",
        "D01-03.layer": "DISTRICT",
        "verdict": "AGREED",
        "state": "VERIFIED",
        "verified_at": "2026-01-01",
        "score": "100",
    }
    client.post(url("answer_save", assessment, "D01-03"), forged)
    client.post(url("assessment_section", assessment, "D01"), forged | {"D01-03.revision": "1"})
    client.post(url("declaration_save", assessment, "V01"), forged | {"value": "NO"})
    assert set(Answer.objects.values_list("layer", "verdict")) == {(Layer.SELF, "")}
    assert not ScoreSheet.objects.exclude(layer=Layer.SELF).exists()
    assessment.refresh_from_db()
    assert assessment.state == "DRAFT" and assessment.verified_at is None


def test_declarations_are_saved_and_a_veto_shows_at_once(draft: tuple[Assessment, Client, Actor]) -> None:
    assessment, client, _ = draft
    answer = client.post(
        url("declaration_save", assessment, "V01"), {"value": "YES", "revision": "0"}, headers=AUTOSAVE
    )
    assert "触发否决" in json.loads(answer.content)["fragments"]["#strip"]
    assert "总分不再作为达标依据" in client.get(url("assessment_declarations", assessment)).content.decode()
    wrong = client.post(
        url("declaration_save", assessment, "S01"), {"value": "九成", "revision": "0"}, headers=AUTOSAVE
    )
    assert "0 到 100" in json.loads(wrong.content)["errors"]["value"]
    assert 'value="九成"' in client.get(url("assessment_declarations", assessment)).content.decode()


def test_evidence_goes_up_at_once_and_the_next_save_is_no_conflict(
    draft: tuple[Assessment, Client, Actor],
) -> None:
    assessment, client, _ = draft
    sent = client.post(
        url("evidence_upload", assessment, "D01-03"),
        {"file": SimpleUploadedFile("名册.pdf", PDF, "application/pdf")},
        headers={"X-Upload": "1", "HX-Request": "true"},
    )
    assert sent.status_code == 200 and "名册.pdf" in sent.content.decode()
    bad = client.post(
        url("evidence_upload", assessment, "D01-03"),
        {"file": SimpleUploadedFile("名册.pdf", b"MZ\x90 not a pdf", "application/pdf")},
        headers={"X-Upload": "1", "HX-Request": "true"},
    )
    assert bad.status_code == 422
    saved = client.post(
        url("answer_save", assessment, "D01-03"), {"revision": "0", "D01-03.0": "YES"}, headers=AUTOSAVE
    )
    assert saved.status_code == 200
    page = client.get(url("assessment_section", assessment, "D01")).content.decode()
    assert page.count("名册.pdf") >= 1
    unknown = client.post(
        url("evidence_upload", assessment, "D99-01"), {"file": SimpleUploadedFile("a.pdf", PDF)}
    )
    assert unknown.status_code == 404


# --- the way to the receipt -----------------------------------------------------------------------------------------
def test_the_whole_way_by_plain_posts(draft: tuple[Assessment, Client, Actor]) -> None:
    assessment, client, actor = draft
    assert client.get(url("assessment_submit", assessment)).status_code == 302  # not ready: back to the check
    refused = client.post(
        url("assessment_submit", assessment), {"signer_name": "王", "signer_post": "经理", "committed": "on"}
    )
    assert refused.status_code == 422 and "没有提交" in refused.content.decode()
    assert client.post(url("adoption_freeze", assessment)).status_code == 422
    answer_everything(assessment, actor)
    assert client.post(url("adoption_freeze", assessment)).status_code == 302
    paper = client.get(url("assessment_print", assessment)).content.decode()
    adoption = assessment.adoptions.get()
    assert adoption.short_hash in paper and "D01-03" in paper and "做到3：是" in paper
    meeting = {"held_on": "2099-1-1", "delegates": "30人", "participants": "28", "votes_for": "27"}
    wrong = client.post(
        url("assessment_adoption", assessment), meeting | {"minutes": SimpleUploadedFile("纪要.pdf", PDF)}
    )
    assert wrong.status_code == 422 and "2099" in wrong.content.decode()
    today = shanghai_date(adoption.frozen_at).isoformat()
    done = client.post(url("assessment_adoption", assessment), meeting | {"held_on": today})
    assert done.status_code == 302  # the file sent with the wrong date was kept
    assert "检查通过" in client.get(url("assessment_check", assessment)).content.decode()
    bare = client.post(url("assessment_submit", assessment), {"signer_name": "王法人", "signer_post": ""})
    assert bare.status_code == 422 and 'value="王法人"' in bare.content.decode()
    sent = client.post(
        url("assessment_submit", assessment),
        {"signer_name": "王法人", "signer_post": "总经理", "committed": "on"},
    )
    assert sent.status_code == 302
    receipt = client.get(sent["Location"]).content.decode()
    assessment.refresh_from_db()
    assert assessment.receipt_number and assessment.receipt_number in receipt
    assert client.get(url("assessment_withdraw", assessment)).status_code == 200
    assert client.post(url("assessment_withdraw", assessment)).status_code == 302


def test_a_returned_one_shows_the_comment_and_locks_the_rest() -> None:
    small_set()
    assessment, actor = started()
    answer_everything(assessment, actor)
    client = signed_in(actor)
    client.post(
        url("assessment_submit", assessment), {"signer_name": "王", "signer_post": "经理", "committed": "on"}
    )
    return_items(assessment, "D01-03")
    page = client.get(url("assessment_section", assessment, "D01")).content.decode()
    assert "数字不符" in page and page.count("is-locked") == 2 and "第 1 次退回" in page
    assert "需要修改 1 项" in client.get(url("assessment_home", assessment)).content.decode()
    locked = client.post(
        url("answer_save", assessment, "D01-02"), {"revision": "1", "D01-02.0": "NO"}, headers=AUTOSAVE
    )
    assert locked.status_code == 422 and "未被退回" in json.loads(locked.content)["errors"][0]["message"]


def test_losses_show_the_arithmetic_of_every_item() -> None:
    publish_real()
    assessment, actor = started()
    answer_everything(assessment, actor)
    save_answer(
        actor=actor,
        assessment=assessment,
        draft=AnswerDraft("D02-02", [True, [97, 100], True], revision=1),
        now=NOW,
    )
    page = signed_in(actor).get(url("assessment_losses", assessment)).content.decode()
    assert "1.00 + (1.00 − 3×0.25 = 0.25) + 0.50 = 1.75" in page and "已签订人数" in page
    for item in definition_of(assessment.indicator_set).indicators:
        assert item.code in page


# --- a district enters from paper -----------------------------------------------------------------------------------
def test_a_district_enters_from_stamped_paper() -> None:
    publish_real()
    firm = make_firm()
    make_year()
    client = signed_in(make_actor("DISTRICT_OFFICE", firm.managing_organization))
    start = reverse("evaluation:assessment_start", args=[2026, firm.pk])
    assert client.post(start, {"entered_on_behalf_of": ""}).status_code == 422
    assert client.post(start, {"entered_on_behalf_of": "李人事"}).status_code == 302
    assessment = Assessment.objects.get()
    home = client.get(url("assessment_home", assessment)).content.decode()
    assert "代录" in home and "李人事" in home
    definition = definition_of(assessment.indicator_set)
    body: dict[str, str] = {}
    for item in definition.indicators:
        body |= typed(item, best_inputs(item)) | {f"{item.code}.revision": "0"}
    assert client.post(url("assessment_section", assessment, "all"), body).status_code == 302
    assert ScoreSheet.objects.get().answered_count == 45  # the survey item waits for its value
    scan = client.post(url("scan_upload", assessment), {"file": SimpleUploadedFile("盖章表.pdf", PDF)})
    assert scan.status_code in (302, 303)
    assert "盖章表.pdf" in client.get(url("assessment_home", assessment)).content.decode()


# --- statements -----------------------------------------------------------------------------------------------------
def statements(client: Client, target: str) -> int:
    client.get(target)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(target).status_code == 200
    return len(captured)


def test_pages_take_at_most_eight_statements_whatever_the_size() -> None:
    counts = {}
    for size in (10, 60):
        small_set(size)
        assessment, actor = started(set_code=IndicatorSet.objects.latest("id").code)
        answer_everything(assessment, actor)
        client = signed_in(actor)
        counts[size] = {
            name: statements(client, url(f"assessment_{name}", assessment, *rest))
            for name, rest in {
                "section": ["D01"],
                "declarations": [],
                "losses": [],
                "home": [],
                "check": [],
            }.items()
        }
    assert counts[10] == counts[60]
    assert max(counts[60].values()) <= 8, counts[60]


def test_an_autosave_takes_the_same_statements_whatever_the_size() -> None:
    counts = []
    for size in (10, 60):
        small_set(size)
        assessment, actor = started(set_code=IndicatorSet.objects.latest("id").code)
        client = signed_in(actor)
        client.get(url("assessment_section", assessment, "D01"))
        with CaptureQueriesContext(connection) as captured:
            body = {"revision": "0", "D01-03.0": "YES"}
            client.post(url("answer_save", assessment, "D01-03"), body, headers=AUTOSAVE)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20, counts
