"""A district reviews one firm in a real browser at 1366 and 360 pixels: change two, return one, verify, difference table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser, Page, expect

from evaluation.models import Answer, Assessment
from evaluation.services.answers import AnswerDraft, save_answer
from evaluation.services.submission import submit
from tests.browser import Watch, assert_accessible, settle, sign_in
from tests.evaluation.test_reviews import Case
from tests.factories import PASSWORD
from tests.servers import GunicornServer
from zaozhuang_portal.kernel import clock

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def case(transactional_db: None) -> Case:
    case = Case(items=4)
    for actor, username in ((case.office, "quban"), (case.contact, "jingban")):
        # The web process knows the real hasher only.
        actor.user.username = username
        actor.user.password = PBKDF2PasswordHasher().encode(PASSWORD, "journey", iterations=1000)
        actor.user.save(update_fields=["username", "password"])
    return case


@pytest.fixture
def browse(
    chromium: Browser, case: Case, gunicorn_server: GunicornServer, watch: Watch
) -> Iterator[Callable[[str, int], Page]]:
    contexts = []

    def enter(username: str, width: int) -> Page:
        context = chromium.new_context(
            base_url=gunicorn_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900 if width > 500 else 780},
        )
        context.set_default_timeout(15_000)
        watch.follow(context, urlsplit(gunicorn_server.url).netloc)
        contexts.append(context)
        page = context.new_page()
        sign_in(page, username, PASSWORD)
        return page

    yield enter
    for context in contexts:
        context.close()


def look(pages: list[Page], path: str) -> None:
    """Open a page at both widths: accessible, and never scrolling sideways. The desk comes last."""
    for page in reversed(pages):
        page.goto(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_change_two_return_one_verify(browse: Callable[[str, int], Page], case: Case, watch: Watch) -> None:
    watch.allow("422")
    desk, phone = browse("quban", 1366), browse("quban", 360)
    both = [desk, phone]
    name, pk = str(case.assessment.subject), case.assessment.pk

    look(both, "/reviews/")
    desk.get_by_role("link", name=name).click()
    desk.get_by_role("button", name="开始核验").click()
    look(both, f"/reviews/{pk}/")

    # A section is unfolded to be looked at; only then may what is left of it be agreed to.
    expect(desk.locator("#rest-D01")).to_have_count(0)
    desk.locator("#look-D01").click()
    expect(desk.locator("#rest-D01")).to_be_visible()
    # 核减 the first: a refusal keeps what was typed and stands beside the item.
    first = desk.locator("#item-D01-01")
    first.locator("summary#change-D01-01").click()
    first.get_by_label("已签").fill("96")
    first.get_by_role("button", name="保存调整").click()
    expect(first.get_by_role("alert").filter(has_text="请选择调整的理由类别")).to_be_visible()
    expect(first.get_by_label("已签")).to_have_value("96")
    assert_accessible(desk)
    first.get_by_label("理由类别").select_option("EVIDENCE_MISSING")
    first.get_by_label("理由和依据").fill("抽查 10 份合同，4 份未见。")
    first.get_by_role("button", name="保存调整").click()
    expect(first).to_contain_text("核减 1")
    expect(desk.locator("#head-D01-01")).to_be_focused()
    expect(desk.locator("#strip")).to_contain_text("已核 1/4")

    # 核减 the second, on the phone.
    phone.goto(f"/reviews/{pk}/")
    second = phone.locator("#item-D01-03")
    second.locator("summary#change-D01-03").click()
    second.get_by_label("否").check()
    second.get_by_label("理由类别").select_option("ON_SITE")
    second.get_by_label("理由和依据").fill("现场未见记录。")
    second.get_by_role("button", name="保存调整").click()
    expect(second).to_contain_text("核减 1")

    # What is unfolded is left alone by 本节其余同意; a tick for return survives the swap.
    desk.reload()
    desk.locator("#return-D01-01").check()
    desk.locator("summary#change-D01-04").click()
    desk.locator("#id-D01-04-reason").fill("还没写完")
    desk.locator("#rest-D01").click()
    expect(desk.locator("#agreed-D01")).to_contain_text("已同意 1 项，D01-04 正在调整，未动")
    expect(desk.locator("#id-D01-04-reason")).to_have_value("还没写完")
    expect(desk.locator("#item-D01-02")).to_contain_text("已同意")
    expect(desk.locator("#return-D01-01")).to_be_checked()
    desk.locator("#id-D01-04-reason").fill("")

    # 退回 the first, with a common phrase.
    expect(desk.locator("[data-review-bar] [data-return-count]")).to_have_text("（1 项）")
    settle(desk)
    desk.locator("[data-review-bar]").get_by_role("button", name="退回修改").click()
    desk.wait_for_url(f"**/reviews/{pk}/return/*")
    assert_accessible(desk)
    expect(desk.locator("#id-comment-D01-01")).to_have_value("抽查 10 份合同，4 份未见。")
    desk.locator(".return-row", has=desk.locator("#id-items-D01-01")).get_by_role(
        "button", name="请补充佐证材料。"
    ).click()
    expect(desk.locator("#id-comment-D01-01")).to_have_value("抽查 10 份合同，4 份未见。\n请补充佐证材料。")
    desk.get_by_label("退回意见（总）").fill("请补齐合同")
    look([phone], f"/reviews/{pk}/return/?items=D01-01")
    desk.get_by_role("button", name="确认退回").click()
    expect(desk.locator("#messages")).to_contain_text("已退回 1 项")

    # The firm answers; the district judges anew and agrees to the rest.
    case.assessment = Assessment.objects.select_related("subject", "indicator_set").get(pk=pk)
    row = Answer.objects.get(assessment_id=pk, layer="SELF", indicator="D01-01")
    draft = AnswerDraft("D01-01", [[98, 100]], revision=row.revision)
    save_answer(actor=case.contact, assessment=case.assessment, draft=draft, now=clock.now())
    submit(
        actor=case.contact,
        assessment=case.assessment,
        signer_name="王法人",
        signer_post="总经理",
        committed=True,
        now=clock.now(),
    )
    desk.goto(f"/reviews/{pk}/")
    desk.get_by_role("button", name="开始核验").click()
    expect(desk.locator("#item-D01-01")).to_contain_text("第 1 次退回")
    desk.locator("#look-D01").click()
    desk.get_by_text("退回前填的").click()
    expect(desk.locator("#item-D01-01")).to_contain_text("已签 100，应签 100")
    for section in ("D01", "VETO", "DEDUCTION", "SURVEY"):
        if section != "D01":
            desk.locator(
                f"[data-fold='{section}'] > summary" if section == "VETO" else f"#look-{section}"
            ).click()
        desk.locator(f"#rest-{section}").click()
        expect(desk.locator(f"#agreed-{section}")).to_contain_text("已同意")
    expect(desk.locator("#strip")).to_contain_text("已核 4/4 项指标、3/3 项申报")
    desk.locator("[data-review-bar]").get_by_role("link", name="完成核验").click()
    assert_accessible(desk)
    desk.get_by_role("button", name="完成核验").click()

    # The difference table, for the district and for the firm.
    expect(desk.get_by_role("heading", name="自评核验差异表")).to_be_visible()
    look(both, f"/a/{pk}/result/?only=differences")
    expect(desk.locator(".difference-list")).to_contain_text("现场未见记录。")
    expect(desk.locator(".difference-list")).not_to_contain_text("D01-02")
    firm = browse("jingban", 360)
    firm.goto(f"/a/{pk}/")
    firm.get_by_role("link", name="核验结果").click()
    assert_accessible(firm)
    expect(firm.locator(".difference-list")).to_contain_text("核减 1")
    case.assessment.refresh_from_db()
    assert case.assessment.state == "VERIFIED"
