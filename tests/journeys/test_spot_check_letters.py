"""The city assigns the teams and sends the notices; a district signs for its own and gets its pack; looked at in both widths."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Portal, Watch
from tests.journeys.looking import examine_both, press, someone

# Before any round of the demo: whom the teams are drawn from is registered here.
pytestmark = [pytest.mark.journey, pytest.mark.seed("verified")]

# A drawn round with 滕州市's check and nobody to send yet, as the draw leaves it.
DRAWN = """
from tests.evaluation.spot_checks.team_builders import PARTIES, an_inspector, drawn_check, drawn_round
from zaozhuang_portal.accounts.models import Organization
from evaluation.models import InspectionChecklist
tengzhou = Organization.objects.get(code="370481")
spot_round = drawn_round(batch=9)
InspectionChecklist.objects.filter(code="LSQK").update(
    lines=[{"code": "L01", "title": "一对一指导服务", "evidence": ["服务记录"]}, {"code": "L02", "title": "结对"}]
)
drawn_check(spot_round, tengzhou)
an_inspector(PARTIES[1])
an_inspector(PARTIES[2], organization=tengzhou, name="滕州人")
print("ROUND", spot_round.pk)
"""


def test_teams_notices_receipts_and_the_pack(
    new_page: Callable[..., Page], portal: Portal, watch: Watch
) -> None:
    watch.allow("status of 422")  # a day after the round's end is asked about
    found = re.search(r"ROUND (\d+)", portal.manage("shell", "-c", DRAWN))
    assert found
    teams = f"/spot-checks/{found[1]}/teams/"

    city = someone(new_page, "shiban")
    city.goto(f"{portal.url}/spot-checks/inspectors/new/")
    city.get_by_label("姓名").fill("周检查")
    city.get_by_label("工号").fill("JC-901")
    city.get_by_label("单位", exact=False).last.fill("市人社局")
    examine_both(city, "inspector-new")
    press(city, "保存检查人员")
    expect(city.locator("h1")).to_contain_text("周检查")
    examine_both(city, "inspector")
    city.goto(f"{portal.url}/spot-checks/inspectors/")
    examine_both(city, "inspectors")

    city.goto(f"{portal.url}{teams}")
    press(city, re.compile("派检查组"))
    expect(city.locator("main")).to_contain_text("周检查")
    expect(city.locator("main")).to_contain_text("滕州人：在被检查区（市）工作")
    examine_both(city, "teams")
    city.get_by_role("link", name=re.compile("第1次派组记录")).click()
    examine_both(city, "team-record")
    city.goto(f"{portal.url}{teams}")
    city.get_by_role("link", name=re.compile("发检查通知书")).click()
    city.get_by_label(re.compile("检查日期")).first.fill("2099-11-18")
    examine_both(city, "notices")
    press(city, "发出检查通知书")
    expect(city.locator("main")).to_contain_text("晚于本批次完成期限")
    city.get_by_label("确需在完成期限以后检查").check()
    press(city, "发出检查通知书")
    expect(city.locator("main")).to_contain_text("已通知")

    district = someone(new_page, "tengzhou")
    district.goto(f"{portal.url}/letters/?open=1")
    examine_both(district, "letters")
    district.get_by_role("link", name=re.compile("检查通知书")).first.click()
    examine_both(district, "letter")
    press(district, "签收")
    expect(district.locator("main")).to_contain_text("已签收")
    district.get_by_role("link", name="打印").click()
    expect(district.locator("main")).to_contain_text("送达回执")
    examine_both(district, "letter-print")
    district.go_back()
    press(district, "生成迎检资料包")
    expect(district.locator("main")).to_contain_text("迎检资料包·滕州市")
    district.wait_for_url(re.compile("/jobs/"))
    expect(district.get_by_role("link", name=re.compile("zip|下载")).first).to_be_visible(timeout=30000)
