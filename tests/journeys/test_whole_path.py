"""One enterprise from the register to the district's November PDF: every hand-over, in a real browser.

The district opens the record, chooses it for the year and issues a claim code; the enterprise opens its account, assesses
itself and hands in; the district verifies; the report is written, reviewed by another person, filed, printed and downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from reporting.demo.accounts import DEMO_PASSWORD
from tests.browser import Portal, Watch, assert_accessible, sign_in
from tests.kernel import hostile
from zaozhuang_portal.kernel.credit_code import make_credit_code

pytestmark = [pytest.mark.journey, pytest.mark.seed("enrolled")]
FIRM = "滕州喆昇精密机床有限公司"
CODE = make_credit_code("91370481MA3WHATE1")
PASSWORD = "Qinglang-2026-Shuwei"
POINT = 72 / 25.4


def fill_card(card: Locator) -> None:
    """Full marks on one card, as a person would click and type."""
    for radio in card.locator("input[type=radio][value=YES]").all():
        radio.check()
    for choice in card.locator("select:not([name$='.na'])").all():
        choice.select_option(index=choice.locator("option").count() - 1)
    boxes = card.locator("input[type=text]:not([name$='.na_reason'])").all()
    for box in boxes:
        name = box.get_attribute("name") or ""
        ratio = re.fullmatch(r".+\.\d+\.[01]", name)
        box.fill(("110" if name.endswith(".0") and "工资" in card.inner_text() else "100") if ratio else "4")


def register_and_choose(page: Page) -> str:
    """The district opens the record, chooses and confirms it, and issues the claim link."""
    page.goto("/subjects/")
    page.get_by_role("link", name="新增企业").click()
    page.get_by_label("统一社会信用代码").fill(f" {CODE.lower()} ")
    page.get_by_label("名称", exact=False).first.fill(FIRM)
    page.get_by_label("所属行业").select_option("34")
    page.get_by_label("职工人数").fill("１，２００人")
    page.get_by_label("营业收入").fill("45000")
    page.get_by_role("button", name="保存企业").click()
    expect(page.locator("h1")).to_contain_text(FIRM)
    expect(page.locator("main")).to_contain_text("大型")
    assert_accessible(page)
    page.get_by_role("link", name="经办人").click()
    page.get_by_role("button", name="生成认领码").click()
    link = page.locator("#claim-link").inner_text()
    assert_accessible(page)
    page.goto("/rosters/2026/choose/?q=喆昇")
    page.get_by_label(f"选取{FIRM}").check()
    page.get_by_role("button", name="列入候选名单").click()
    expect(page.locator("main")).to_contain_text("候选，名单确认后计入")
    page.get_by_label("增补理由").fill("补足四户目标，增补")
    page.get_by_role("button", name="确认增补").click()
    expect(page.get_by_role("row", name=FIRM)).to_contain_text("已确认的重点培育对象")
    assert_accessible(page)
    return link


def claim_and_assess(page: Page, link: str, paper: Path) -> str:
    """The enterprise opens its account and hands in; returns the receipt number."""
    page.goto(link)
    assert_accessible(page)
    page.get_by_label("姓名").fill("吴人资")
    page.get_by_label("手机号").fill("13800000000")
    page.get_by_label("用户名").fill("zhesheng")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.get_by_role("button", name="开通账号").click()
    sign_in(page, "zhesheng", PASSWORD)
    page.goto("/a/")
    page.get_by_role("link", name="开始自评").first.click()
    expect(page.locator("main")).to_contain_text("重构稿，待官方文本核定")
    page.get_by_role("button", name="开始自评").click()
    page.wait_for_url(re.compile(r"/a/\d+/"))
    root = re.search(r"/a/\d+", page.url).group()  # type: ignore[union-attr]  # just waited for it
    page.goto(f"{root}/profile/")
    page.get_by_role("button", name="核对无误").click()
    page.goto(f"{root}/s/all/?form=whole")
    for card in page.locator("[id^='card-']").all():
        fill_card(card)
    page.get_by_role("button", name="暂存全部").click()
    expect(page.locator("#strip")).to_contain_text(re.compile("已答 4[56]/46"))
    page.goto(f"{root}/declarations/")
    for row in page.locator("[id^='row-V']").all():
        row.get_by_label("否，不存在").check()
    for row in page.locator("[id^='row-X']").all():
        row.get_by_label("0（无此情形）").check()
    page.get_by_label("测评结果").fill("92")
    page.locator("#row-S01 input[type=file]").set_input_files(str(paper))
    expect(page.locator("#files-S01")).to_contain_text(paper.name)
    expect(page.locator("#row-S01 [data-save-state]")).to_contain_text("已保存")
    page.goto(f"{root}/check/")
    for box in page.locator("textarea[name^='explain.']").all():
        box.fill("原件存放于本单位，可现场查验。")
    page.get_by_role("button", name="保存说明").click()
    page.goto(f"{root}/adoption/")
    page.get_by_role("button", name="定稿").click()
    today = page.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Shanghai'})")
    page.goto(f"{root}/adoption/")
    page.get_by_label("会议日期").fill(today)
    page.get_by_label("应到代表").fill("40")
    page.get_by_label("实到人数").fill("38")
    page.get_by_label("赞成人数").fill("37")
    page.locator("input[name=minutes]").set_input_files(str(paper))
    page.get_by_role("button", name="登记审议结果").click()
    page.goto(f"{root}/check/")
    for box in page.locator("textarea[name^='explain.']").all():
        if not box.input_value():
            box.fill("原件存放于本单位，可现场查验。")
    if page.get_by_role("button", name="保存说明").count():
        page.get_by_role("button", name="保存说明").click()
    page.goto(f"{root}/submit/")
    page.get_by_label("承诺人").fill("王法人")
    page.get_by_label("职务").fill("总经理")
    page.get_by_label("本单位承诺").check()
    page.get_by_role("button", name="提交自评").click()
    page.wait_for_url("**/done/")
    return page.locator("#receipt-number").inner_text()


def verify(page: Page, receipt: str) -> None:
    """The district takes one point, agrees to the rest and completes the verification."""
    page.goto("/reviews/")
    assert_accessible(page)
    page.get_by_role("row", name=receipt).get_by_role("link").first.click()
    page.get_by_role("button", name="开始核验").click()
    expect(
        page.locator("[id^='look-'], [id^='rest-']").first
    ).to_be_attached()  # the page after, not the one before
    for section in page.locator("[data-fold]").evaluate_all("found => found.map(e => e.dataset.fold)"):
        if page.locator(f"#look-{section}").count():
            page.locator(f"#look-{section}").click()
        page.locator(f"#rest-{section}").click()
        expect(page.locator(f"#agreed-{section}")).to_contain_text("已同意")
    page.get_by_role("link", name="完成核验").first.click()
    page.get_by_role("button", name="完成核验").click()
    expect(page.locator("main")).to_contain_text("区（市）已核验")


def write_report(page: Page) -> str:
    """A member begins the report, writes a section and sends it for review; returns its path."""
    page.goto("/reports/year/2026/")
    page.get_by_role("button", name="开始填报").click()
    page.wait_for_url(re.compile(r"/reports/\d+/"))
    path = re.search(r"/reports/\d+/", page.url).group()  # type: ignore[union-attr]  # just waited for it
    expect(page.locator("main")).to_contain_text(FIRM)
    assert_accessible(page)
    page.get_by_role("link", name="编辑三、典型经验").click()
    page.get_by_label("内容").fill("推行“一企一策”指导清单，帮助企业补齐短板。")
    page.get_by_role("button", name="保存本段").click()
    expect(page.locator("#part-experience")).to_contain_text("一企一策")
    page.get_by_role("link", name="送审").click()
    explain(page)
    page.get_by_role("button", name="送审").click()
    expect(page.locator("h1")).to_contain_text("待审核")
    return path


def explain(page: Page) -> None:
    """A word on every point the step asks about that has none yet."""
    for box in page.locator("textarea[name^=word_]").all():
        if not box.input_value():
            box.fill("已与台账核对，情况属实，下一步整改。")


def file_and_print(page: Page, path: str) -> bytes:
    """The office approves and files it, has the documents made, and downloads the PDF."""
    page.goto(path)
    page.get_by_role("link", name="审核通过").click()
    page.get_by_role("button", name="审核通过").click()
    page.get_by_role("link", name="报送").first.click()
    assert_accessible(page)
    explain(page)
    page.get_by_role("button", name="报送").click()
    expect(page.locator("h1")).to_contain_text("已报送")
    page.get_by_role("button", name="生成报告文件").click()
    done = page.locator("#report-jobs li", has_text="已完成")
    expect(done).to_have_count(3, timeout=90_000)
    page.locator("#report-jobs li", has_text="PDF").get_by_role("link", name="下载").click()
    with page.expect_download() as download:
        page.locator("main a[href^='/files/']").first.click()
    return Path(download.value.path()).read_bytes()


def test_from_the_register_to_the_november_pdf(
    portal: Portal, new_page: Callable[..., Page], watch: Watch, tmp_path: Path
) -> None:
    # A slow typist's card saves itself half filled and is told what is missing.
    watch.allow(r"status of 422.*/a/\d+/[id]/")
    paper = tmp_path / "职工代表大会决议.pdf"
    paper.write_bytes(hostile.pdf())
    office = new_page(1366, 900)
    sign_in(office, "tengzhou", DEMO_PASSWORD)
    assert_accessible(office)
    link = register_and_choose(office)

    firm = new_page(1366, 900)
    receipt = claim_and_assess(firm, link, paper)

    verify(office, receipt)
    firm.goto("/a/")
    expect(firm.locator("main")).to_contain_text("区（市）已核验")

    member = new_page(1366, 900)
    sign_in(member, "tengzhou2", DEMO_PASSWORD)
    path = write_report(member)
    pdf = file_and_print(office, path)

    city = new_page(1366, 900)
    sign_in(city, "shiban", DEMO_PASSWORD)
    city.goto("/reports/?year=2026")
    expect(city.get_by_role("row", name="滕州市")).to_contain_text("已报送")
    assert_accessible(city)

    reader = PdfReader(BytesIO(pdf))
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))
    for expected in (
        "关于滕州市2026年度和谐劳动关系创建活动开展情况的报告",
        FIRM,
        CODE,
        "一企一策",
        "特此报告。",
    ):
        assert expected in text, expected
    assert "重构稿，待官方文本核定" in text and "草稿" not in text
    first = reader.pages[0].mediabox
    assert (round(float(first.width)), round(float(first.height))) == (round(210 * POINT), round(297 * POINT))
    filed = portal.query(
        "select state, is_late from reporting_annualreport r join accounts_organization o"
        " on o.id = r.organization_id where o.code = '370481' and r.year_id = 2026"
    )
    assert filed[0][0] == "SUBMITTED"
