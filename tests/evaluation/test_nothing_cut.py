"""Words of an assessment are stored whole or refused with everything kept: card, section, declaration, doubt, review."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from evaluation.models import Answer, Assessment, Declaration, Explanation
from evaluation.rules import lengths
from tests.evaluation.assessment_builders import small_set, started
from tests.evaluation.test_review_pages import CHANGE, Pages
from tests.factories import login

pytestmark = pytest.mark.django_db
AUTOSAVE = {"X-Autosave": "1"}


@pytest.fixture
def draft() -> tuple[Assessment, Client]:
    small_set()
    assessment, actor = started()
    return assessment, login(Client(), actor)


def url(name: str, assessment: Assessment, *rest: str) -> str:
    return reverse(f"evaluation:{name}", args=[assessment.pk, *rest])


def _code(assessment: Assessment) -> str:
    return str(assessment.indicator_set.definition["dimensions"][0]["indicators"][0]["code"])


def test_words_on_the_line_are_stored_whole_with_one_character_for_a_line_break(
    draft: tuple[Assessment, Client],
) -> None:
    assessment, client = draft
    code = _code(assessment)
    words = "第一行\r\n第二行" + "字" * (lengths.MAX_WORDS - 7)
    sent = client.post(url("answer_save", assessment, code), {"revision": "0", f"{code}.words": words})
    assert sent.status_code == 302
    stored = Answer.objects.get(assessment=assessment, indicator=code).words
    assert len(stored) == lengths.MAX_WORDS and stored == words.replace("\r\n", "\n")


@pytest.mark.parametrize("whole", [False, True])
def test_too_long_words_are_refused_and_kept_on_the_page(
    draft: tuple[Assessment, Client], whole: bool
) -> None:
    assessment, client = draft
    code = _code(assessment)
    words = "字" * (lengths.MAX_WORDS + 1)
    dimension = str(assessment.indicator_set.definition["dimensions"][0]["code"])
    target = (
        url("assessment_section", assessment, dimension) if whole else url("answer_save", assessment, code)
    )
    sent = client.post(target, {"revision": "0", f"{code}.revision": "0", f"{code}.words": words})
    page = unescape(sent.content.decode())
    assert sent.status_code == 422
    assert f">{words}</textarea>" in page and "最多 2000 个字，现有 2001 个字，请删减 1 个字" in page
    assert not Answer.objects.exists()


def test_the_autosave_is_told_in_words(draft: tuple[Assessment, Client]) -> None:
    assessment, client = draft
    code = _code(assessment)
    words = {"revision": "0", f"{code}.words": "字" * 2001}
    sent = client.post(url("answer_save", assessment, code), words, headers=AUTOSAVE)
    body = json.loads(sent.content)
    assert sent.status_code == 422 and "请删减 1 个字" in body["errors"][0]["message"]
    assert list(body["fields"]) == [f"{code}.words"] and not Answer.objects.exists()


def test_an_entry_that_is_no_number_by_its_length_is_refused(draft: tuple[Assessment, Client]) -> None:
    assessment, client = draft
    found = [
        item for part in assessment.indicator_set.definition["dimensions"] for item in part["indicators"]
    ]
    item = next(one for one in found if one["rule"][0]["kind"] in ("slope", "bands"))
    name = f"{item['code']}.0.0"
    sent = client.post(url("answer_save", assessment, item["code"]), {"revision": "0", name: "9" * 5000})
    assert sent.status_code == 422 and "9" * 5000 in sent.content.decode()
    assert not Answer.objects.exists()


def test_declarations_and_doubts(draft: tuple[Assessment, Client]) -> None:
    assessment, client = draft
    code = str(assessment.indicator_set.definition["vetoes"][0]["code"])
    words = "字" * (lengths.MAX_DECLARED_WORDS + 1)
    sent = client.post(url("declaration_save", assessment, code), {"value": "YES", "words": words})
    assert sent.status_code == 422 and f">{words}</textarea>" in sent.content.decode()
    assert not Declaration.objects.exists()
    fits = client.post(url("declaration_save", assessment, code), {"value": "NO", "words": words[1:]})
    assert fits.status_code == 302 and Declaration.objects.get().words == words[1:]


def test_the_words_on_a_doubt(draft: tuple[Assessment, Client]) -> None:
    assessment, client = draft
    client.post(url("declaration_save", assessment, "V01"), {"value": "YES"})
    page = client.get(url("assessment_check", assessment))
    doubts = page.context["doubts"]
    assert doubts, "the fixture has something to explain"
    name = f"explain.{doubts[0].doubt.code}"
    sent = client.post(url("assessment_check", assessment), {name: "字" * 1001})
    assert sent.status_code == 422 and "字" * 1001 in sent.content.decode()
    assert not Explanation.objects.exists()


def test_the_reviewers_reason_and_the_comments_of_a_return() -> None:
    pages = Pages()
    pages.office.post(pages.url("review_open"))
    long = "理" * (lengths.MAX_REASON + 1)
    refused = pages.judge("D01-01", **{**CHANGE, "reason": long})
    assert refused.status_code == 422 and long in refused.content.decode()
    assert not Answer.objects.filter(layer="DISTRICT").exists()
    fits = pages.judge("D01-01", **{**CHANGE, "reason": long[1:]})
    assert fits.status_code == 302 and Answer.objects.get(layer="DISTRICT").reason == long[1:]
    returned = {"comment": "请补充材料", "due_on": "2099-01-01", "items": "D01-01", "comment-D01-01": long}
    answer = pages.office.post(pages.url("review_return"), returned)
    assert answer.status_code == 422 and long in answer.content.decode()
    assert "请删减 1 个字" in answer.content.decode()


def test_the_database_refuses_what_no_form_saw(draft: tuple[Assessment, Client]) -> None:
    assessment, client = draft
    code = _code(assessment)
    client.post(url("answer_save", assessment, code), {"revision": "0", f"{code}.words": "字"})
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.update(words="字" * (lengths.MAX_WORDS + 1))
    Answer.objects.update(words="字" * lengths.MAX_WORDS)
