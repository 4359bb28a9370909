"""Two devices on one card: merged by field, clashes shown with both texts, nothing written over, also at the same moment."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from evaluation.models import Answer, Assessment, Declaration, Explanation
from evaluation.rules.field_merging import merge_fields
from evaluation.services.answers import AnswerDraft, save_answer
from evaluation.services.declarations import DeclarationDraft, declare
from evaluation.services.saving import StaleSave
from evaluation.services.submission import explain
from tests.evaluation.assessment_builders import NOW, make_contact, small_set, started
from tests.factories import login
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.autosaving import read_shown

AUTOSAVE = {"X-Autosave": "1"}
BLANK = {"D01-02.0": "", "D01-02.na": "", "D01-02.na_reason": "", "D01-02.words": ""}
CARD = {"D01-02.0": "YES", "D01-02.words": "第一稿", "D01-02.na_reason": ""}


# --- the rule --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("before", "mine", "stored"), list(itertools.product("甲乙", "甲乙丙", "甲乙丁")))
def test_three_ways_for_one_field(before: str, mine: str, stored: str) -> None:
    """Whoever changed a field has it; both changed is a clash that keeps the stored value, never a silent choice."""
    merge = merge_fields({"words": mine}, {"words": stored}, {"words": [before]})
    if mine == stored or stored == before:
        assert merge.values == {"words": mine} and not merge.clashes and not merge.taken
    elif mine == before:
        assert merge.values == {"words": stored} and merge.taken == ("words",)
    else:
        assert merge.values == {"words": stored} and merge.clashes == ("words",)


def test_what_a_device_sent_without_hearing_an_answer_is_its_own() -> None:
    merge = merge_fields({"words": "甲乙丙"}, {"words": "甲乙"}, {"words": ["甲", "甲乙"]})
    assert merge.values == {"words": "甲乙丙"} and not merge.clashes
    # An older request that arrives last writes nothing over the newer one.
    late = merge_fields({"words": "甲乙"}, {"words": "甲乙丙"}, {"words": ["甲"]})
    assert late.values == {"words": "甲乙丙"} and late.clashes == ("words",)


def test_a_field_nobody_showed_counts_as_changed() -> None:
    assert merge_fields({"words": "甲"}, {"words": "乙"}, {}).clashes == ("words",)
    assert merge_fields({"words": "甲"}, {"words": "甲"}, {}).clashes == ()


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{", '{"a":', "null", "[" * 100_000, '"' + "长" * 300_000 + '"']
)
def test_marks_that_cannot_be_read_are_no_marks(text: str) -> None:
    assert read_shown(text) is None


def test_marks_keep_texts_only() -> None:
    found = read_shown(json.dumps({"a": "x", "b": ["y", 3, None, "z"], "c": {"d": 1}, "e": ["v"] * 99}))
    assert found == {"a": ["x"], "b": ["y", "z"], "c": [], "e": ["v"] * 12}


# --- answers ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def pair(db: None) -> tuple[Assessment, Actor, Actor]:
    small_set()
    assessment, first = started()
    return assessment, first, make_contact(assessment.subject)


def send(client: Client, assessment: Assessment, body: dict[str, str], shown: dict[str, Any]) -> Any:
    address = reverse("evaluation:answer_save", args=[assessment.pk, "D01-02"])
    return client.post(
        address, {**body, "revision": "0", "shown": json.dumps(shown, ensure_ascii=False)}, headers=AUTOSAVE
    )


def test_desk_and_phone_fill_different_fields_of_one_card(pair: tuple[Assessment, Actor, Actor]) -> None:
    assessment, desk, phone = pair
    assert send(login(Client(), desk), assessment, {"D01-02.0": "YES"}, BLANK).status_code == 200
    answer = send(login(Client(), phone), assessment, {"D01-02.words": "手机上写的"}, BLANK)
    assert answer.status_code == 200
    body = answer.json()
    assert body["taken"] == ["D01-02.0"] and body["shown"]["D01-02.0"] == "YES"
    row = Answer.objects.get(indicator="D01-02")
    assert (row.inputs, row.words, row.updated_by) == ([True], "手机上写的", phone.user)


def test_one_field_changed_on_both_sides_keeps_the_rest_and_shows_both_texts(
    pair: tuple[Assessment, Actor, Actor],
) -> None:
    assessment, desk, phone = pair
    send(login(Client(), desk), assessment, {"D01-02.words": "桌面写的"}, BLANK)
    client = login(Client(), phone)
    answer = send(client, assessment, {"D01-02.words": "手机写的", "D01-02.0": "NO"}, BLANK)
    body = answer.json()
    assert answer.status_code == 409
    (clash,) = body["clashes"]
    assert (clash["name"], clash["label"], clash["theirs"]) == ("D01-02.words", "文字说明", "桌面写的")
    assert clash["by"] == str(desk.user.full_name)
    row = Answer.objects.get(indicator="D01-02")
    assert (row.words, row.inputs) == ("桌面写的", [False])  # what nobody disputes is stored
    # Asking again, the text in dispute still stands under its writer's name.
    again = send(client, assessment, {"D01-02.words": "手机写的", "D01-02.0": "NO"}, BLANK).json()
    assert again["clashes"][0]["by"] == str(desk.user.full_name)
    # 用我的: the page now knows theirs.
    known = {**BLANK, "D01-02.words": "桌面写的", "D01-02.0": "NO"}
    assert send(client, assessment, {"D01-02.words": "手机写的", "D01-02.0": "NO"}, known).status_code == 200
    row.refresh_from_db()
    assert (row.words, row.inputs) == ("手机写的", [False])


def test_the_two_numbers_of_a_ratio_are_two_fields(pair: tuple[Assessment, Actor, Actor]) -> None:
    assessment, desk, phone = pair
    blank = {"D01-01.0.0": [None], "D01-01.0.1": [None]}
    save_answer(
        actor=desk, assessment=assessment, draft=AnswerDraft("D01-01", [[96, None]], shown=blank), now=NOW
    )
    save_answer(
        actor=phone, assessment=assessment, draft=AnswerDraft("D01-01", [[None, 100]], shown=blank), now=NOW
    )
    assert Answer.objects.get(indicator="D01-01").inputs == [[96, 100]]


def test_numbers_are_compared_as_they_are_read(pair: tuple[Assessment, Actor, Actor]) -> None:
    """Full-width digits sent without an answer are the device's own when they stand there as 100."""
    assessment, desk, _ = pair
    client = login(Client(), desk)
    address = reverse("evaluation:answer_save", args=[assessment.pk, "D01-01"])
    shown = {"D01-01.0.0": "", "D01-01.0.1": ""}
    client.post(address, {"D01-01.0.1": "１００", "shown": json.dumps(shown)}, headers=AUTOSAVE)
    shown["D01-01.0.1"] = ["", "１００"]  # type: ignore[assignment]  # a list: shown, then sent
    answer = client.post(address, {"D01-01.0.1": "1000", "shown": json.dumps(shown)}, headers=AUTOSAVE)
    assert answer.status_code == 200
    assert Answer.objects.get(indicator="D01-01").inputs == [[None, 1000]]


def test_line_breaks_of_a_browser_are_no_change(pair: tuple[Assessment, Actor, Actor]) -> None:
    assessment, desk, phone = pair
    send(login(Client(), desk), assessment, {"D01-02.words": "甲\r\n乙"}, BLANK)
    shown = {**BLANK, "D01-02.words": "甲\n乙"}
    answer = send(login(Client(), phone), assessment, {"D01-02.words": "甲\r\n乙", "D01-02.0": "YES"}, shown)
    assert answer.status_code == 200
    assert Answer.objects.get(indicator="D01-02").words == "甲\n乙"


def test_without_script_a_section_merges_by_field_too(pair: tuple[Assessment, Actor, Actor]) -> None:
    assessment, desk, phone = pair
    page = login(Client(), phone)
    section = reverse("evaluation:assessment_section", args=[assessment.pk, "D01"])
    assert 'name="D01-02.shown"' in page.get(f"{section}?form=whole").content.decode()
    save_answer(
        actor=desk, assessment=assessment, draft=AnswerDraft("D01-02", [True], words="桌面写的"), now=NOW
    )
    body = {"D01-02.revision": "0", "D01-02.shown": json.dumps(BLANK), "D01-02.na_reason": "手机补的"}
    assert page.post(section, body).status_code == 302
    row = Answer.objects.get(indicator="D01-02")
    assert (row.inputs, row.words, row.not_applicable_reason) == ([True], "桌面写的", "手机补的")


def test_choosing_ones_own_text_keeps_what_the_other_filled_elsewhere(
    pair: tuple[Assessment, Actor, Actor],
) -> None:
    """The page of both texts carries the merged card, not the stale one."""
    assessment, desk, phone = pair
    save_answer(
        actor=desk, assessment=assessment, draft=AnswerDraft("D01-02", [True], words="桌面写的"), now=NOW
    )
    client = login(Client(), phone)
    address = reverse("evaluation:answer_save", args=[assessment.pk, "D01-02"])
    body = {"revision": "0", "shown": json.dumps(BLANK), "D01-02.words": "手机写的"}
    page = client.post(address, body)
    assert page.status_code == 409 and "桌面写的" in page.content.decode()
    fields = dict(page.context["fields"])
    client.post(address, {**fields, "revision": str(page.context["revision"]), "resolve": "mine"})
    row = Answer.objects.get(indicator="D01-02")
    assert (row.inputs, row.words) == ([True], "手机写的")


# --- declarations and explanations -----------------------------------------------------------------------------------
def test_declarations_merge_by_field(pair: tuple[Assessment, Actor, Actor]) -> None:
    assessment, desk, phone = pair
    blank = {"value": [""], "words": [""]}
    declare(actor=desk, assessment=assessment, draft=DeclarationDraft("V01", "NO", shown=blank), now=NOW)
    declare(
        actor=phone,
        assessment=assessment,
        draft=DeclarationDraft("V01", "", "核过工资表", shown=blank),
        now=NOW,
    )
    row = Declaration.objects.get(code="V01")
    assert (row.value, row.words) == ("NO", "核过工资表")
    with pytest.raises(StaleSave) as caught:
        declare(
            actor=phone, assessment=assessment, draft=DeclarationDraft("V01", "YES", shown=blank), now=NOW
        )
    mine, theirs = caught.value.conflicts["V01"]
    assert (mine.value, mine.words, theirs.value) == ("YES", "核过工资表", "NO")
    client = login(Client(), phone)
    address = reverse("evaluation:declaration_save", args=[assessment.pk, "V01"])
    answer = client.post(address, {"value": "YES", "shown": json.dumps({"value": ""})}, headers=AUTOSAVE)
    assert answer.status_code == 409
    (clash,) = (one for one in answer.json()["clashes"] if one["name"] == "value")
    assert clash["words"] == "否，不存在"


@pytest.fixture
def doubtful(pair: tuple[Assessment, Actor, Actor]) -> Iterator[tuple[Assessment, Actor, Actor, list[str]]]:
    """Doubts of NOW, for the pages too: past the day it is due there is one more (逾期)."""
    assessment, desk, phone = pair
    # Points without papers, and a veto denied whose item scores nothing: two doubts.
    save_answer(actor=desk, assessment=assessment, draft=AnswerDraft("D01-01", [[0, 100]]), now=NOW)
    save_answer(actor=desk, assessment=assessment, draft=AnswerDraft("D01-03", [True]), now=NOW)
    declare(actor=desk, assessment=assessment, draft=DeclarationDraft("V01", "NO"), now=NOW)
    with time_machine.travel(NOW, tick=False):
        page = login(Client(), desk).get(reverse("evaluation:assessment_check", args=[assessment.pk]))
        yield assessment, desk, phone, [doubt.doubt.code for doubt in page.context["doubts"]]


def test_words_on_doubts_save_themselves_and_show_the_way_on(
    doubtful: tuple[Assessment, Actor, Actor, list[str]],
) -> None:
    assessment, desk, _, codes = doubtful
    assert codes == ["EVIDENCE-D01", "VETO-V01"]
    client, address = login(Client(), desk), reverse("evaluation:assessment_check", args=[assessment.pk])
    shown = json.dumps({f"explain.{code}": "" for code in codes})
    body = {f"explain.{code}": "原件可现场查验" for code in codes}
    answer = client.post(address, {**body, "shown": shown}, headers=AUTOSAVE)
    assert answer.status_code == 200
    fragments = answer.json()["fragments"]
    assert all("未说明" not in fragments[f"#said-{code}"] for code in codes)
    assert set(Explanation.objects.values_list("code", flat=True)) == set(codes)
    page = client.get(address).content.decode()
    assert all(f'id="said-{code}"' in page for code in codes) and 'id="check-way-on"' in page


def test_two_devices_on_the_doubts(doubtful: tuple[Assessment, Actor, Actor, list[str]]) -> None:
    assessment, desk, phone, codes = doubtful
    code = codes[0]
    explain(actor=desk, assessment=assessment, texts={code: "桌面写的"}, now=NOW, shown={code: [""]})
    # A page that showed it blank and left it so takes nothing away.
    explain(actor=phone, assessment=assessment, texts={code: ""}, now=NOW, shown={code: [""]})
    assert Explanation.objects.get().text == "桌面写的"
    client, address = login(Client(), phone), reverse("evaluation:assessment_check", args=[assessment.pk])
    body = {f"explain.{code}": "手机写的", "shown": json.dumps({f"explain.{code}": ""})}
    answer = client.post(address, body, headers=AUTOSAVE)
    assert answer.status_code == 409 and answer.json()["clashes"][0]["theirs"] == "桌面写的"
    page = client.post(address, body)  # without script: both texts on the page
    text = page.content.decode()
    assert page.status_code == 409 and "桌面写的" in text and "手机写的" in text
    assert Explanation.objects.get().text == "桌面写的"


# --- who saves --------------------------------------------------------------------------------------------------------
def test_words_of_one_person_are_never_stored_by_another_who_signed_in_after(
    pair: tuple[Assessment, Actor, Actor],
) -> None:
    assessment, desk, phone = pair
    client = login(Client(), phone)
    address = reverse("evaluation:answer_save", args=[assessment.pk, "D01-02"])
    body = {"revision": "0", "D01-02.0": "YES"}
    answer = client.post(address, body, headers={**AUTOSAVE, "X-Actor": desk.capacity.key})
    assert answer.status_code == 403 and answer.json()["errors"][0]["code"] == "other_actor"
    assert not Answer.objects.exists()
    own = {**AUTOSAVE, "X-Actor": phone.capacity.key}
    assert client.post(address, body, headers=own).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_eight_devices_at_the_same_moment_lose_no_field() -> None:
    """Every device fills one field of one new card; whatever the order, all stand there."""
    small_set()
    assessment, first = started()
    blank = {"D01-01.0.0": [None], "D01-01.0.1": [None], "D01-01.words": [""], "D01-01.na_reason": [""]}
    drafts = [
        AnswerDraft("D01-01", [[96, None]], shown=blank),
        AnswerDraft("D01-01", [[None, 100]], shown=blank),
        AnswerDraft("D01-01", [None], words="手机写的", shown=blank),
        AnswerDraft("D01-01", [None], words="平板写的", shown=blank),
    ] * 2
    people = [first, *(make_contact(assessment.subject) for _ in drafts[1:])]
    problems: list[BaseException] = []
    clashed: list[StaleSave] = []
    gate = threading.Barrier(len(drafts))

    def save(number: int) -> None:
        from django.db import connection

        try:
            gate.wait(10)
            save_answer(actor=people[number], assessment=assessment, draft=drafts[number], now=NOW)
        except StaleSave as stale:
            clashed.append(stale)
        except BaseException as problem:  # handed to the main thread
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(len(drafts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    row = Answer.objects.get(indicator="D01-01")
    assert row.inputs == [[96, 100]] and row.words in ("手机写的", "平板写的")
    # The two other words were shown to their writers beside the stored ones, and written over nothing.
    assert len(clashed) == 2
    assert {stale.conflicts["D01-01"][0].words for stale in clashed} == {"手机写的", "平板写的"} - {row.words}
