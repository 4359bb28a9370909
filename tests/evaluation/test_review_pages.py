"""The review pages: by role and state, what a POST can touch, what is kept when it is refused, statements."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.enums import AssessmentState, Layer
from evaluation.models import Answer, Assessment, Declaration, ReturnedItem, ReturnRound
from evaluation.rules.indicator_sets import read_indicator_set
from evaluation.selectors.layers import LayerRows
from evaluation.selectors.looks import review_token
from evaluation.selectors.results import load_result
from evaluation.services.answers import AnswerDraft, save_answer
from evaluation.services.review_moves import open_city_review
from tests.evaluation.assessment_builders import DATA, NOW
from tests.evaluation.test_reviews import Case, self_layer
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel.clock import now, shanghai_date

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
LABEL = "重构稿，待官方文本核定"
CHANGE = {
    "verdict": "CHANGED",
    "revision": "0",
    "D01-01.0.0": "96",
    "D01-01.0.1": "100",
    "reason_code": "EVIDENCE_MISSING",
    "reason": "名册与合同数不符",
}


def signed_in(actor: Actor) -> Client:
    return login(Client(), actor)


class Pages:
    """A case with everybody signed in."""

    def __init__(self, items: int = 3) -> None:
        self.case = Case(items)
        self.office = signed_in(self.case.office)
        self.city = signed_in(self.case.city)
        self.contact = signed_in(self.case.contact)

    def url(self, name: str, *rest: str) -> str:
        return reverse(f"evaluation:{name}", args=[self.case.assessment.pk, *rest])

    def look(self, section: str, headers: Any = None) -> Any:
        return self.office.post(self.url("review_look"), {"section": section}, headers=headers)

    def agree(self, section: str, headers: Any = None, **data: Any) -> Any:
        body = {"section": section, "seen": review_token(self.case.fresh, Layer.DISTRICT), **data}
        return self.office.post(self.url("review_agree"), body, headers=headers)

    def judge(self, code: str, client: Client | None = None, headers: Any = None, **data: str) -> Any:
        return (client or self.office).post(self.url("review_judge", code), data, headers=headers)


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def opened(pages: Pages) -> Pages:
    pages.case.open()
    return pages


@pytest.fixture
def verified(pages: Pages) -> Pages:
    pages.case.verified()
    return pages


# --- the queue ------------------------------------------------------------------------------------------------------


def test_the_queue_shows_waiting_days_scores_coverage_and_state(pages):
    Assessment.objects.update(submitted_at=now() - timedelta(days=9))
    page = pages.office.get(reverse("evaluation:review_list")).content.decode()
    for words in (str(pages.case.assessment.subject), "已等 9 天", "0/3", "已提交", "未核", LABEL):
        assert words in page
    assert str(pages.case.assessment.receipt_number or pages.case.fresh.receipt_number) in page


def test_the_queue_is_of_the_own_district_oldest_first_in_pages(monkeypatch):
    first, second = Pages(), Pages()
    other = Case()
    Assessment.objects.filter(pk=second.case.assessment.pk).update(
        organization=first.case.assessment.organization, submitted_at=NOW - timedelta(seconds=1)
    )
    monkeypatch.setattr("evaluation.views.reviews.PAGE_SIZE", 1)
    url = reverse("evaluation:review_list")
    page = first.office.get(url).content.decode()
    assert str(second.case.assessment.subject) in page and str(first.case.assessment.subject) not in page
    following = re.findall(r'href="(\?page=after[^"]+)"', page)[0]
    page = first.office.get(url + following).content.decode()
    assert str(first.case.assessment.subject) in page
    assert str(other.assessment.subject) not in page
    page = first.city.get(f"{url}?district={other.assessment.organization_id}").content.decode()
    assert str(other.assessment.subject) in page and str(first.case.assessment.subject) not in page


def test_filters_stand_in_the_url_with_chips(verified):
    url = reverse("evaluation:review_list")
    name = str(verified.case.assessment.subject)
    assert name not in verified.office.get(url).content.decode()  # nothing to do for the district
    assert name in verified.city.get(url).content.decode()
    page = verified.office.get(f"{url}?state=VERIFIED&year=2026&q={name[:6]}").content.decode()
    assert name in page and page.count('class="chip"') == 3
    assert name not in verified.office.get(f"{url}?state=VERIFIED&year=2025").content.decode()
    assert name in verified.office.get(f"{url}?state=NONSENSE%27&state=ALL").content.decode()


# --- the page of one review -----------------------------------------------------------------------------------------


def test_opening_then_judging_beside_the_answer(pages):
    detail = pages.url("review_detail")
    page = pages.office.get(detail).content.decode()
    assert "开始核验" in page and LABEL in page and "保存调整" not in page
    assert "材料.pdf" in page and "王法人（总经理）" in page
    assert pages.case.fresh.state == AssessmentState.SUBMITTED  # GET never writes
    assert pages.office.get(pages.url("review_open")).status_code == 405
    assert pages.office.post(pages.url("review_open")).status_code == 302
    page = pages.office.get(detail).content.decode()
    assert page.count("打开本节") == 4 and "本节其余同意" not in page
    pages.look("D01")
    page = pages.office.get(detail).content.decode()
    assert page.count("打开本节") == 3 and page.count("本节其余同意") == 1
    assert "1.00 − 0×0.25" in page
    assert 'name="D01-01.0.0" id="id-D01-01.0.0" value="100"' in page  # prefilled with the answer


def test_a_change_through_the_page_and_the_fragment(opened):
    answer = opened.judge("D01-01", headers=HTMX, **CHANGE)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "核减 1" in text and "缺少佐证材料" in text and "名册与合同数不符" in text
    assert 'id="strip" hx-swap-oob="innerHTML"' in text and 'id="count-D01" hx-swap-oob' in text
    row = Answer.objects.get(layer=Layer.DISTRICT)
    assert (row.inputs, row.reason_code, row.updated_by) == (
        [[96, 100]],
        "EVIDENCE_MISSING",
        opened.case.office.user,
    )
    plain = opened.judge("D01-02", verdict="AGREED", revision="0")
    assert plain.status_code == 302 and plain["Location"].endswith("#item-D01-02")


@pytest.mark.parametrize("headers", [HTMX, None])
@pytest.mark.parametrize(
    ("wrong", "words", "status"),
    [
        ({"reason": ""}, "请写明调整的理由", 422),
        ({"reason_code": ""}, "请选择调整的理由类别", 422),
        ({"D01-01.0.0": "九十六"}, "应为数字", 422),
        ({"D01-01.0.0": "101"}, "大于", 422),
        ({"revision": "7"}, "刚刚由同事核过", 409),
    ],
)
def test_what_is_refused_stays_as_typed(opened, wrong, words, status, headers):
    data = CHANGE | wrong
    answer = opened.judge("D01-01", headers=headers, **data)
    text = answer.content.decode()
    assert answer.status_code == status and words in text
    assert f'value="{data["D01-01.0.0"]}"' in text and f">{data['reason']}</textarea>" in text
    if data["reason_code"]:
        assert 'value="EVIDENCE_MISSING" selected' in text
    assert ("<html" in text) is (headers is None)
    assert not Answer.objects.filter(layer=Layer.DISTRICT).exists()


def test_a_colleague_first_both_are_seen_and_the_second_save_decides(opened):
    opened.judge("D01-01", **CHANGE)
    stale = opened.judge("D01-01", headers=HTMX, **(CHANGE | {"D01-01.0.0": "98", "reason": "另有两份补签"}))
    text = stale.content.decode()
    assert stale.status_code == 409
    assert "名册与合同数不符" in text and "另有两份补签" in text and 'value="98"' in text
    revision = re.findall(r'name="revision" value="(\d+)"', text)
    assert set(revision) == {"1"}
    again = CHANGE | {"D01-01.0.0": "98", "reason": "另有两份补签", "revision": "1"}
    assert opened.judge("D01-01", headers=HTMX, **again).status_code == 200
    assert Answer.objects.get(layer=Layer.DISTRICT).reason == "另有两份补签"


def test_a_review_closed_meanwhile_keeps_the_words(verified):
    answer = verified.judge("D01-01", headers=HTMX, **CHANGE)
    assert answer.status_code == 409 and answer["HX-Retarget"] == "#note-D01-01"
    plain = verified.judge("D01-01", **CHANGE).content.decode()
    assert "没有保存" in plain and "名册与合同数不符" in plain and "已签 96" in plain


def test_the_rest_of_a_section_but_what_is_being_changed(opened):
    shown = {"code": ["D01-01", "D01-02", "D01-03"], "skip": ["D01-03", "D01-01"]}
    assert opened.agree("D01", headers=HTMX, **shown).status_code == 422  # not looked at yet
    assert not Answer.objects.filter(layer=Layer.DISTRICT).exists()
    opened.judge("D01-01", **CHANGE)
    look = opened.look("D01", headers=HTMX).content.decode()
    assert "本节其余同意" in look and 'name="code" value="D01-02"' in look and "D01-01" not in look
    answer = opened.agree("D01", headers=HTMX, **shown)
    text = answer.content.decode()
    assert "已同意 1 项，D01-03 正在调整，未动" in text
    assert 'id="item-D01-02"' in text and 'id="item-D01-03"' not in text
    assert set(Answer.objects.filter(layer=Layer.DISTRICT).values_list("indicator", flat=True)) == {
        "D01-01",
        "D01-02",
    }
    opened.look("VETO")
    assert opened.agree("VETO").status_code == 302  # nothing was shown: nothing is agreed to
    assert not Declaration.objects.filter(layer=Layer.DISTRICT).exists()
    assert opened.agree("VETO", code=["V01", "S01"]).status_code == 302
    assert Declaration.objects.get(layer=Layer.DISTRICT).code == "V01"
    assert opened.agree("VETO", code=["V01"], seen="DISTRICT-1.000000").status_code == 409
    assert opened.agree("NOPE").status_code == 404 and opened.look("NOPE").status_code == 404
    assert opened.office.get(opened.url("review_look")).status_code == 405


def test_a_veto_found_by_the_district_is_shown_biting(opened):
    change = {
        "verdict": "CHANGED",
        "value": "YES",
        "reason_code": "DEPARTMENT_DATA",
        "reason": "监察大队查实",
    }
    text = opened.judge("V01", headers=HTMX, revision="0", **change).content.decode()
    assert "触发否决" in text and "是，存在此情形" in text and "is-biting" in text
    assert opened.judge("S01", revision="0", **(change | {"value": "一百"})).status_code == 422
    assert opened.judge("S01", revision="0", **(change | {"value": "70"})).status_code == 302
    page = opened.office.get(opened.url("assessment_result")).content.decode()
    assert "否决" in page and "监察大队查实" in page and "触发否决" in page


def test_forged_fields_never_touch_the_layer_of_the_firm(opened):
    before = self_layer(opened.case.assessment)
    forged = CHANGE | {
        "layer": "SELF",
        "source": "SPOT_CHECK",
        "words": "x",
        "D01-01.words": "改了",
        "pk": "1",
    }
    opened.judge("D01-01", **forged)
    assert self_layer(opened.case.assessment) == before
    row = Answer.objects.get(layer=Layer.DISTRICT)
    assert (row.source, row.words) == ("", "") and not Answer.objects.filter(layer=Layer.CITY).exists()


def test_strangers_get_404_and_readers_no_controls(opened):
    for stranger in (make_actor(Role.DISTRICT_OFFICE), make_actor(Role.DISTRICT_MEMBER)):
        client = signed_in(stranger)
        for name in ("review_detail", "review_return", "review_verify", "assessment_result"):
            assert client.get(opened.url(name)).status_code == 404
        assert opened.judge("D01-01", client, **CHANGE).status_code == 404
    leader = signed_in(make_actor(Role.LEADER))
    page = leader.get(opened.url("review_detail")).content.decode()
    assert "保存调整" not in page and "本节其余同意" not in page and "退回修改<" not in page
    assert opened.judge("D01-01", leader, **CHANGE).status_code == 403
    assert opened.contact.get(opened.url("review_detail")).status_code == 403
    assert opened.judge("D01-01", opened.city, **CHANGE).status_code == 409


def test_a_draft_and_a_withdrawn_one_are_nobodys_business(pages):
    Assessment.objects.update(state="DRAFT", submitted_at=None)
    assert pages.office.get(pages.url("review_detail")).status_code == 404


# --- returned, and back again ---------------------------------------------------------------------------------------


def test_returned_through_the_pages_resubmitted_and_judged_anew(opened):
    opened.judge("D01-01", **CHANGE)
    opened.look("D01")
    opened.agree("D01", code=["D01-02", "D01-03"])
    page = opened.office.get(opened.url("review_return") + "?items=D01-01").content.decode()
    assert re.search(r'id="id-items-D01-01" checked', page) and not re.search(
        r'id="id-items-D01-02" checked', page
    )
    assert ">名册与合同数不符</textarea>" in page  # the reason given goes along as the comment
    due = shanghai_date(now()) + timedelta(days=10)
    assert f'value="{due.isoformat()}"' in page
    data = {
        "comment": "请补正签订率",
        "due_on": due.isoformat(),
        "items": ["D01-01"],
        "comment-D01-01": "名册 104 人",
    }
    assert opened.office.post(opened.url("review_return"), data).status_code == 302
    assert opened.case.fresh.state == AssessmentState.RETURNED
    home = opened.contact.get(opened.url("assessment_home")).content.decode()
    assert "名册 104 人" in home and "请补正签订率" in home
    assert opened.office.get(opened.url("review_return")).status_code == 409

    draft = AnswerDraft("D01-01", [[99, 100]], revision=1)
    save_answer(actor=opened.case.contact, assessment=opened.case.assessment, draft=draft, now=NOW)
    opened.case.hand_in()
    opened.office.post(opened.url("review_open"))
    page = opened.office.get(opened.url("review_detail")).content.decode()
    assert "第 1 次退回" in page and "名册 104 人" in page and "已签 99" in page
    assert "退回前填的" in page and "已签 100，应签 100" in page
    left = opened.office.get(opened.url("review_verify")).content.decode()
    assert "还有 4 项未核验" in left and "D01-01" in left
    assert opened.office.post(opened.url("review_verify")).status_code == 422
    for section in ("D01", "VETO", "DEDUCTION", "SURVEY"):
        opened.look(section)
        opened.agree(section, code=["D01-01", "V01", "X01", "S01"])
    assert "核减" in opened.office.get(opened.url("review_verify")).content.decode()
    done = opened.office.post(opened.url("review_verify"))
    assert done["Location"] == opened.url("assessment_result")
    assert opened.case.fresh.state == AssessmentState.VERIFIED


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"comment": "改"}, "至少5个字"),
        ({"items": []}, "至少选择一个"),
        ({"comment-D01-01": " "}, "请写明 D01-01 哪里需要修改"),
        ({"due_on": "2020-01-01"}, "不能早于今天"),
        ({"due_on": "后天"}, "日期"),
        ({"items": ["D01-01", "V99"]}, "没有这些事项"),
    ],
)
def test_a_refused_return_keeps_every_comment(opened, wrong, words):
    data = {
        "comment": "请补正签订率",
        "due_on": "2030-01-01",
        "items": ["D01-01", "V01"],
        "comment-D01-01": "数字不符",
        "comment-V01": "请附裁决书",
        **wrong,
    }
    if "V99" in data["items"]:
        data["comment-V99"] = "x"
    answer = opened.office.post(opened.url("review_return"), data)
    text = answer.content.decode()
    assert answer.status_code == 422 and words in text
    assert ">请附裁决书</textarea>" in text and data["due_on"] in text and data["comment"] in text
    assert not ReturnRound.objects.exists() and not ReturnedItem.objects.exists()


# --- the city, and what follows -------------------------------------------------------------------------------------


def test_recall_until_the_city_has_opened_it(verified):
    assert "取回" in verified.office.get(verified.url("review_recall")).content.decode()
    assert verified.office.post(verified.url("review_recall")).status_code == 302
    assert verified.case.fresh.state == AssessmentState.UNDER_REVIEW
    assert verified.office.get(verified.url("review_recall")).status_code == 409
    verified.office.post(verified.url("review_verify"))
    open_city_review(actor=verified.case.city, assessment=verified.case.assessment, now=NOW)
    assert "取回核验" not in verified.office.get(verified.url("review_detail")).content.decode()
    assert verified.office.post(verified.url("review_recall")).status_code == 409


def test_the_city_reviews_beside_the_district_and_confirms(verified):
    detail = verified.url("review_detail")
    page = verified.city.get(detail).content.decode()
    assert "开始复核" in page and "区（市）核验" in page and "保存调整" not in page
    assert verified.url("review_confirm") not in page
    assert verified.city.get(verified.url("review_confirm")).status_code == 409
    assert verified.city.post(verified.url("review_confirm")).status_code == 409
    assert verified.case.fresh.state == AssessmentState.VERIFIED
    assert verified.judge("D01-01", verified.city, **CHANGE).status_code == 409
    verified.city.post(verified.url("review_open"))
    page = verified.city.get(detail).content.decode()
    assert "保存调整" in page and "正在市级复核" in page
    assert verified.judge("D01-01", verified.city, **CHANGE).status_code == 302
    row = Answer.objects.get(layer=Layer.CITY)
    assert row.source == "REVIEW" and Answer.objects.get(layer=Layer.DISTRICT, indicator="D01-01").inputs == [
        [100, 100]
    ]
    page = verified.city.get(verified.url("assessment_result")).content.decode()
    assert "市级复核" in page and "核减 1" in page
    assert "核减" in verified.city.get(verified.url("review_confirm")).content.decode()
    verified.city.post(verified.url("review_confirm"))
    verified.city.post(verified.url("review_archive"))
    assert verified.case.fresh.state == AssessmentState.ARCHIVED


def test_sending_back_owes_a_reason_and_keeps_what_was_typed(verified):
    url = verified.url("review_send_back")
    short = verified.city.post(url, {"reason": "重核"})
    assert short.status_code == 422 and "重核</textarea>" in short.content.decode().replace("\n", "")
    assert verified.city.post(url, {"reason": "请重新核对签订率"}).status_code == 302
    assert verified.case.fresh.state == AssessmentState.UNDER_REVIEW


# --- the result -----------------------------------------------------------------------------------------------------


def test_the_firm_sees_every_difference_with_reason_once_verified(opened):
    result = opened.url("assessment_result")
    opened.judge("D01-01", **CHANGE)
    assert opened.contact.get(result).status_code == 404
    assert "暂计" in opened.office.get(result).content.decode()
    opened.case.agree_all()
    opened.office.post(opened.url("review_verify"))
    page = opened.contact.get(result).content.decode()
    for words in (LABEL, "核减 1", "缺少佐证材料", "名册与合同数不符", "1.00 − 4×0.25", "1 项</span>"):
        assert words in page
    assert result in opened.contact.get(opened.url("assessment_home")).content.decode()
    only = opened.contact.get(f"{result}?only=differences").content.decode()
    assert "D01-01" in only and "D01-02" not in only


def test_a_survey_found_lower_explains_the_item_it_feeds():
    """Every non-zero difference has a reason and a reviewer (ux F19)."""
    definition = read_indicator_set(next(DATA.glob("*4077*.yaml")).read_bytes())
    lower = Declaration(code="S01", value="82", verdict="CHANGED", reason="漏计 20 份", layer=Layer.DISTRICT)
    rows = LayerRows(
        declarations={
            Layer.SELF: {"S01": Declaration(code="S01", value="95")},
            Layer.DISTRICT: {"S01": lower},
        }
    )
    differing = [
        row for section in load_result(definition, rows).sections for row in section.rows if row.differs
    ]
    assert [(row.indicator.survey_codes, row.changes) for row in differing] == [(("S01",), (lower,))]


# --- statements -----------------------------------------------------------------------------------------------------


def statements(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_statements_are_few_and_do_not_depend_on_the_number_of_items():
    counts = {}
    for size in (3, 30):
        pages = Pages(size)
        pages.case.open()
        pages.judge("D01-01", **CHANGE)
        names = ("review_detail", "review_return", "review_verify", "assessment_result")
        counts[size] = {name: statements(pages.office, pages.url(name)) for name in names}
        counts[size]["judge"] = _posted(pages, lambda p: p.judge("D01-02", headers=HTMX, verdict="AGREED"))
        counts[size]["list"] = statements(pages.office, reverse("evaluation:review_list"))
    assert counts[3] == counts[30]
    assert max(value for name, value in counts[3].items() if name != "judge") <= 8, counts
    assert counts[3]["list"] <= 4 and counts[3]["judge"] <= 30, counts


def _posted(pages: Pages, act: Callable[[Pages], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert act(pages).status_code == 200
    return len(captured)


def test_the_date_of_a_return_may_be_typed_loosely(opened):
    data = {
        "comment": "请补正签订率",
        "due_on": "2030年1月5日",
        "items": ["D01-01"],
        "comment-D01-01": "数字不符",
    }
    assert opened.office.post(opened.url("review_return"), data).status_code == 302
    assert ReturnRound.objects.get().due_on == date(2030, 1, 5)
