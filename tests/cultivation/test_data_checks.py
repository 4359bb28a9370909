"""The standing checks: silent on clean data, finding every planted fault, leading to a form the reader may use."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import Record
from cultivation.rules.data_checks import DAYS_WITHOUT_VISIT, MOST_DOUBTS, Severity
from cultivation.selectors.data_checks import Check, Scope, all_checks, find_check, run_checks, scope_of
from cultivation.selectors.data_checks import base as registry
from tests.cultivation.planted_faults import DAY, PLANTERS, Ground
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.credit_code import make_credit_code

pytestmark = pytest.mark.django_db
CODES = [check.code for check in all_checks()]


@pytest.fixture(autouse=True)
def on_the_day(time_machine):
    time_machine.move_to(clock.start_of_day(DAY))


@pytest.fixture
def ground():
    make_year(2026)
    built = Ground()
    make_year(2026)  # the targets of the district that was just made
    return built


def found(scope=None, **kwargs):
    results = run_checks(scope or Scope(**kwargs), day=DAY)
    return {result.check.code: result.doubts for result in results if result.doubts}


def test_every_check_is_whole_and_has_its_planted_fault():
    assert set(CODES) == set(PLANTERS) and len(CODES) >= 14
    for check in all_checks():
        assert check.title and check.sentence.endswith("。") and check.mends, check.code
    ranks = [check.severity.rank for check in all_checks()]
    assert ranks == sorted(ranks)
    assert DAYS_WITHOUT_VISIT == 90 and find_check("PAIRING_WITHOUT_VISIT").system_default


def test_clean_data_raise_no_alarm(ground):
    assert found() == {}
    assert found(district=ground.district) == {}


@pytest.mark.parametrize("code", CODES)
def test_a_planted_fault_is_found_in_its_district_only(ground, code):
    PLANTERS[code](ground)
    assert code in found()
    # The roster misses both of its targets.
    expected = 2 if code == "ROSTER_BELOW_MINIMUM" else 1
    assert len(found(district=ground.district)[code]) == expected
    assert code not in found(district=make_organization(Level.DISTRICT))
    office = make_actor(Role.DISTRICT_OFFICE, ground.district)
    assert code in found(scope_of(office))
    assert found(scope_of(make_actor(Role.DISTRICT_OFFICE))) == {}


@pytest.mark.parametrize("code", CODES)
def test_the_link_leads_to_a_form_the_reader_may_use(client, ground, code):
    PLANTERS[code](ground)
    check = find_check(code)
    doubt = found(district=ground.district)[code][0]
    for mend in check.mends:
        for role in mend.roles:
            place = {Role.TOWNSHIP_STAFF: ground.town}.get(role)
            if role in {Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER, Role.INSTRUCTOR}:
                place = ground.district
            actor = make_actor(role, place)
            if not any(f.pk == doubt.pk for f in found(scope_of(actor)).get(code, [])):
                continue  # outside what this person sees: no link is shown either
            login(client, actor)
            answer = client.get(mend.url(doubt))
            assert answer.status_code == 200, (role, mend.url(doubt), answer.status_code)
            assert answer.content.count(b'method="post"') > 1  # one is signing out


@pytest.mark.parametrize("code", CODES)
def test_backfilled_rows_light_no_alarm(ground, code):
    row = PLANTERS[code](ground)
    if not hasattr(row, "backfilled"):
        pytest.skip("席位、机构没有补录标记")
    values = {"backfilled": True}
    if isinstance(row, Record):
        values["source_document"] = "纸质档案"
    type(row).objects.filter(pk=row.pk).update(**values)
    assert code not in found()


def test_one_statement_for_each_check(ground):
    for planter in PLANTERS.values():
        planter(ground)
    run_checks(Scope(), day=DAY)
    for check in all_checks():
        with CaptureQueriesContext(connection) as captured:
            run_checks(Scope(), day=DAY, checks=[check])
        assert len(captured) == 1, (check.code, len(captured))


def test_the_check_digit_is_reckoned_in_the_database_as_in_python(ground):
    for number in range(40):
        ground.subject(
            f"真码企业{number}", credit_code=make_credit_code(f"9137040{number:03d}MA3AB{number:02d}")
        )
    assert "CREDIT_CODE_CHECK_DIGIT" not in found()
    wrong = PLANTERS["CREDIT_CODE_CHECK_DIGIT"](ground)
    assert [f.pk for f in found()["CREDIT_CODE_CHECK_DIGIT"]] == [wrong.pk]
    type(wrong).objects.filter(pk=wrong.pk).update(credit_code_note="已核对营业执照")
    assert "CREDIT_CODE_CHECK_DIGIT" not in found()


def test_a_foreign_namesake_keeps_its_name(ground):
    PLANTERS["DUPLICATE_ACROSS_DISTRICTS"](ground)
    (doubt,) = found(district=ground.district)["DUPLICATE_ACROSS_DISTRICTS"]
    assert doubt.detail == "同名企业已由其他区（市）建档"


def test_a_list_stops_at_its_limit(ground, monkeypatch):
    monkeypatch.setattr(registry, "MOST_DOUBTS", 2)
    for number in range(4):
        ground.subject(f"无行业{number}厂", industry_code="")
    (result,) = run_checks(Scope(), day=DAY, checks=[find_check("ENTERPRISE_WITHOUT_FIGURES")])
    assert (len(result.doubts), result.capped, result.count) == (2, True, "2+")
    assert MOST_DOUBTS == 1000


def test_upper_apps_register_more(ground, monkeypatch):
    monkeypatch.setattr(registry, "_checks", dict(registry._checks))
    check = Check("UPPER", Severity.NOTE, "上层", "上层的检查。", lambda scope, day: [], ())
    registry.register_check(check, check)
    assert all_checks()[-1] is check and len(all_checks()) == len(CODES) + 1


def test_the_page_and_its_export(client, ground):
    PLANTERS["WORK_ITEM_OVERDUE"](ground)
    PLANTERS["ENTERPRISE_WITHOUT_FIGURES"](ground)
    login(client, make_actor(Role.DISTRICT_OFFICE, ground.district))
    url = reverse("cultivation:data_checks")
    page = client.get(url).content.decode()
    assert "分解任务逾期" in page and "登记进展" in page and "无行业企业" in page
    page = client.get(url, {"severity": "MUST"}).content.decode()
    assert "分解任务逾期" in page and "无行业企业" not in page
    page = client.get(url, {"check": "ENTERPRISE_WITHOUT_FIGURES"}).content.decode()
    assert "无行业企业" in page and "分解任务逾期" not in page
    answer = client.post(reverse("cultivation:data_checks_export") + "?severity=MUST")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["数据"]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2 and rows[1][:2] == ("必须处理", "分解任务逾期")
    assert AuditEntry.objects.filter(action="导出数据核查结果").count() == 1
    login(client, make_actor(Role.LEADER, ground.district))
    page = client.get(url).content.decode()
    assert "无行业企业" in page and "修改档案" not in page


def test_the_page_costs_one_statement_for_each_check(client, ground):
    login(client, make_actor(Role.CITY_OFFICE))
    url = reverse("cultivation:data_checks")
    client.get(url)
    counts = []
    for _ in range(2):
        ground.subject("无行业", industry_code="")
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= len(CODES) + 3, counts


def test_the_command(ground, capsys):
    call_command("check_data")
    assert f"共 {len(CODES)} 项检查，{len(CODES)} 项没有发现问题" in capsys.readouterr().out
    PLANTERS["ENTERPRISE_WITHOUT_FIGURES"](ground)
    call_command("check_data", district=ground.district.code)  # only 应当核实: status 0
    assert "无行业企业" in capsys.readouterr().out
    PLANTERS["WORK_ITEM_OVERDUE"](ground)
    with pytest.raises(CommandError, match="1 条必须处理"):
        call_command("check_data")
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        call_command("check_data", json=True)
    told = json.loads(capsys.readouterr().out)
    assert end.value.code == 1 and told["must"] == 1 and len(told["checks"]) == len(CODES)
    overdue = next(item for item in told["checks"] if item["code"] == "WORK_ITEM_OVERDUE")
    assert overdue["count"] == 1 and overdue["doubts"][0]["url"].startswith("/work-items/")
    call_command("check_data", district=make_organization(Level.DISTRICT).code, json=True)
    assert json.loads(capsys.readouterr().out)["must"] == 0
    with pytest.raises(CommandError, match="没有代码为"):
        call_command("check_data", district="nope")


def test_a_check_looks_at_its_day(ground):
    later = date(2026, 11, 21)
    ground.visit_on(DAY, follow_up_due=DAY)
    assert "FOLLOW_UP_OVERDUE" not in found()
    (result,) = run_checks(Scope(), day=later, checks=[find_check("FOLLOW_UP_OVERDUE")])
    assert "已逾期 1 天" in result.doubts[0].detail
    assert make_subject().pk  # another district's firm without figures stays out of this district's sight
    assert "ENTERPRISE_WITHOUT_FIGURES" not in found(district=ground.district)
