"""A firm's contact fills in, checks, has it adopted and submits, in a real browser at 1366 and 360 pixels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser, Page, expect

from evaluation.models import Answer, Assessment
from evaluation.selectors.definitions import definition_of
from evaluation.services.answers import AnswerDraft, save_answers
from tests.browser import Watch, assert_accessible, sign_in
from tests.evaluation.assessment_builders import best_inputs, make_contact, make_firm, make_year, publish_real
from tests.factories import PASSWORD
from tests.kernel import hostile
from tests.servers import GunicornServer
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def contact(transactional_db: None) -> Actor:
    publish_real()
    make_year()
    actor = make_contact(make_firm(name="滕州市鲁南精密机械股份有限公司"), "jingban")
    # The web process knows the real hasher only.
    actor.user.password = PBKDF2PasswordHasher().encode(PASSWORD, "journey", iterations=1000)
    actor.user.save(update_fields=["password"])
    return actor


@pytest.fixture
def browse(
    chromium: Browser, contact: Actor, gunicorn_server: GunicornServer, watch: Watch
) -> Iterator[dict[int, Page]]:
    """The contact signed in at a desk (1366) and on a phone (360), two sessions of one person."""
    pages, contexts = {}, []
    for width, height in ((1366, 900), (360, 780)):
        context = chromium.new_context(
            base_url=gunicorn_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
        )
        context.set_default_timeout(15_000)
        watch.follow(context, urlsplit(gunicorn_server.url).netloc)
        contexts.append(context)
        pages[width] = context.new_page()
        sign_in(pages[width], "jingban", PASSWORD)
    yield pages
    for context in contexts:
        context.close()


def look(pages: dict[int, Page], path: str) -> Page:
    """Open a page at both widths: accessible, and never scrolling sideways."""
    for page in reversed(pages.values()):
        page.goto(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return pages[1366]


def saved(page: Page, code: str) -> None:
    expect(page.locator(f"#card-{code} [data-save-state]")).to_contain_text("已保存")


def test_fill_check_adopt_submit(
    browse: dict[int, Page], contact: Actor, tmp_path: Path, watch: Watch
) -> None:
    watch.allow("status of 409|status of 422")  # the clash and the meeting without quorum, both on purpose
    desk, phone = browse[1366], browse[360]
    look(browse, f"/a/start/2026/{contact.subject_id}/").get_by_role("button", name="开始自评").click()
    assessment = Assessment.objects.select_related("indicator_set", "subject").get()
    root = f"/a/{assessment.pk}"
    # A deadline that lies ahead whenever this runs.
    due = clock.shanghai_date(clock.now()) + timedelta(days=9)
    Assessment.objects.update(due_on=due)
    look(browse, f"{root}/")
    expect(desk.get_by_text("剩 9 天")).to_be_visible()

    # The basics.
    desk.get_by_role("link", name="核对基本信息").click()
    desk.get_by_role("button", name="核对无误").click()

    # A card on the phone: typed text survives a tab that is simply closed three seconds later.
    look(browse, f"{root}/s/D02/")
    phone.locator("#card-D02-02").get_by_label("是").first.check()
    phone.get_by_label("已签订人数").fill("九十七")
    phone.get_by_label("应签订人数").fill("100")
    phone.wait_for_timeout(3000)
    saved(phone, "D02-02")
    expect(phone.locator("#card-D02-02")).to_contain_text("请填")
    phone.goto("about:blank")
    desk.goto(f"{root}/s/D02/")
    expect(desk.get_by_label("已签订人数")).to_have_value("九十七")
    desk.get_by_label("已签订人数").fill("97")
    desk.locator("#card-D02-02").get_by_label("是").nth(1).check()
    saved(desk, "D02-02")
    expect(desk.locator("#score-D02-02")).to_contain_text("1.00 + (1.00 − 3×0.25 = 0.25) + 0.50 = 1.75")
    expect(desk.locator("#strip")).to_contain_text("已答 1/46")
    desk.reload()
    expect(desk.get_by_text("本机留有")).to_have_count(0)

    # Two windows of one firm: both texts are offered, nothing is lost.
    phone.goto(f"{root}/s/D02/")
    desk.locator("#card-D02-04").get_by_label("是").first.check()
    saved(desk, "D02-04")
    phone.locator("#card-D02-04").get_by_label("否").first.check()
    phone.get_by_role("button", name="查看两份内容").click()
    assert_accessible(phone)
    phone.get_by_role("button", name="用我的").click()
    expect(phone.locator("#card-D02-04").get_by_label("否").first).to_be_checked()
    assert Answer.objects.get(indicator="D02-04").inputs == [False]

    # Evidence goes up at once.
    paper = tmp_path / "劳动合同台账.pdf"
    paper.write_bytes(hostile.pdf())
    desk.goto(f"{root}/s/D02/")
    desk.locator("#card-D02-02 input[type=file]").set_input_files(str(paper))
    expect(desk.locator("#files-D02-02")).to_contain_text("劳动合同台账.pdf")

    # The rest of the form, as a colleague would have left it; then what only a person can declare.
    definition = definition_of(assessment.indicator_set)
    present = set(Answer.objects.filter(revision__gt=0).values_list("indicator", flat=True))
    drafts = [AnswerDraft(i.code, best_inputs(i)) for i in definition.indicators if i.code not in present]
    save_answers(actor=contact, assessment=assessment, drafts=drafts, now=clock.now())
    look(browse, f"{root}/declarations/")
    for veto in definition.vetoes:
        desk.locator(f"#row-{veto.code}").get_by_label("否，不存在").check()
    for deduction in definition.deductions:
        desk.locator(f"#row-{deduction.code}").get_by_label("0（无此情形）").check()
    desk.get_by_label("测评结果").fill("91.5")
    desk.locator("#row-S01 input[type=file]").set_input_files(str(paper))
    expect(desk.locator("#files-S01")).to_contain_text("劳动合同台账.pdf")
    for code in ("V12", "X04", "S01"):
        expect(desk.locator(f"#row-{code} [data-save-state]")).to_contain_text("已保存")
    look(browse, f"{root}/losses/")
    expect(desk.get_by_role("table", name="").first).to_contain_text("D02-02")

    # 提交前检查: only the missing papers and the adoption are left.
    look(browse, f"{root}/check/")
    expect(desk.get_by_role("heading", name="必须修改 1 处")).to_be_visible()
    for box in desk.locator("textarea[name^='explain.']").all():
        box.fill("原件存放于企业人力资源部，可现场查验。")
    desk.get_by_role("button", name="保存说明").click()

    # Adoption.
    look(browse, f"{root}/adoption/").get_by_role("button", name="定稿").click()
    code = Assessment.objects.get().adoptions.get().short_hash
    expect(look(browse, f"{root}/print/").locator("main")).to_contain_text(code)
    look(browse, f"{root}/adoption/")
    today = clock.shanghai_date(clock.now())
    desk.get_by_label("会议日期").fill(f"{today.year}年{today.month}月{today.day}日")
    desk.get_by_label("应到代表").fill("30")
    desk.get_by_label("实到人数").fill("15")
    desk.get_by_label("赞成人数").fill("15")
    desk.locator("input[name=minutes]").set_input_files(str(paper))
    desk.get_by_role("button", name="登记审议结果").click()
    expect(desk.locator("[data-error-summary]")).to_be_focused()
    expect(desk.locator("[data-error-summary]")).to_contain_text("三分之二")
    desk.get_by_label("实到人数").fill("28")
    desk.get_by_label("赞成人数").fill("27")
    desk.get_by_role("button", name="登记审议结果").click()

    # Commitment and receipt.
    desk.get_by_role("link", name="下一步：提交前检查").click()
    desk.get_by_role("link", name="下一步：承诺并提交").click()
    look(browse, f"{root}/submit/")
    desk.get_by_label("承诺人").fill("王法人")
    desk.get_by_label("职务").fill("总经理")
    desk.get_by_label("本单位承诺").check()
    desk.get_by_role("button", name="提交自评").click()
    desk.wait_for_url("**/done/")
    look(browse, f"{root}/done/")
    assessment.refresh_from_db()
    assert assessment.state == "SUBMITTED"
    expect(desk.locator("#receipt-number")).to_have_text(str(assessment.receipt_number))
