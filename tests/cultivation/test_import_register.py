"""What an import of the register writes: idempotence, scope, conflicts, statements."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cultivation.enums import SubjectKind
from cultivation.models import ImportBatch, Subject, SubjectProfile
from cultivation.rules.imports_fields import ImportKind
from cultivation.rules.imports_plan import UNCONFIRMED_CODE
from tests import factories
from tests.cultivation.import_samples import (
    HEADER,
    NOW,
    City,
    code,
    firm,
    golden,
    make_city,
    register,
    workbook,
)
from tests.cultivation.import_steps import bring, counts
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.spreadsheets import SpreadsheetError

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def clerk(city):
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


def test_the_golden_workbook_goes_in(city):
    outcome = bring(city, golden())
    assert counts(outcome) == (3, 0, 0, 0)
    first = Subject.objects.select_related("profile").get(credit_code=code(1))
    assert (first.name, first.township, first.employee_count) == ("滕州市第1机械有限公司", city.jinghe, 1200)
    assert (first.industry_code, first.ownership, first.contact_phone) == ("34", "PRIVATE", "13806321234")
    assert (first.managing_organization, first.division_code) == (city.tengzhou, "370481001")
    assert (first.kind, first.version, first.created_at) == (SubjectKind.ENTERPRISE, 1, NOW)
    assert first in Subject.objects.named_like("第1机械")
    assert Subject.objects.get(credit_code=code(3)).ownership == "HK_MACAO_TAIWAN"


def test_the_same_file_twice_changes_nothing(city):
    bring(city, golden())
    before = list(Subject.objects.order_by("pk").values())
    audits = AuditEntry.objects.count()
    assert counts(bring(city, golden())) == (0, 0, 3, 0)
    assert list(Subject.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.count() == audits
    assert ImportBatch.objects.count() == 1


def test_a_change_is_written_with_version_and_audit(city):
    bring(city, register(firm(1), firm(2)))
    outcome = bring(city, register(firm(1, 职工人数=999, **{"乡镇（街道）": "北辛街道"}), firm(2)))
    assert counts(outcome) == (0, 1, 1, 0)
    subject = Subject.objects.get(credit_code=code(1))
    assert (subject.employee_count, subject.township, subject.version) == (999, city.beixin, 2)
    assert subject.division_code == "370481003"
    entry = AuditEntry.objects.get(kind="Subject", object_id=str(subject.pk))
    assert entry.changes["employee_count"] == [101, 999]


def test_good_rows_go_in_and_wrong_ones_are_reported(city):
    outcome = bring(city, register(firm(1), firm(2, 职工人数="三百")))
    assert counts(outcome) == (1, 0, 0, 1)
    assert outcome.errors[0].message == "第 3 行 F 列“职工人数”：‘三百’不是数字，请填阿拉伯数字"


def test_all_or_nothing_keeps_everything_out(city):
    outcome = bring(city, register(firm(1), firm(2, 职工人数="三百")), all_or_nothing=True)
    assert counts(outcome) == (0, 0, 0, 1)
    assert not Subject.objects.exists()
    assert not ImportBatch.objects.exists()


def test_a_dry_run_writes_nothing(city):
    assert counts(bring(city, register(firm(1)), dry_run=True)) == (1, 0, 0, 0)
    assert not Subject.objects.exists()
    assert not AuditEntry.objects.exists()


def test_another_districts_firm_is_not_taken_over(city):
    bring(city, register(firm(1, **{"乡镇（街道）": ""})), organization=city.xuecheng)
    outcome = bring(city, register(firm(1, 企业名称="改名")))
    assert counts(outcome) == (0, 0, 0, 1)
    assert "已由其他区（市）建档" in outcome.errors[0].message
    assert "滕州市第1机械" not in outcome.errors[0].message
    assert Subject.objects.get().managing_organization == city.xuecheng


def test_streets_in_custody_belong_to_the_zone(city):
    rows = register(firm(1, **{"乡镇（街道）": "兴仁街道"}))
    assert counts(bring(city, rows, organization=city.xuecheng))[3] == 1
    assert counts(bring(city, rows, organization=city.zone)) == (1, 0, 0, 0)
    assert Subject.objects.get().division_code == "370403002"


def test_the_profile_and_the_size_class_are_written(city):
    header = [*HEADER, "营业收入（万元）", "成立日期", "法定代表人", "地址"]
    data = workbook(header, [*firm(1, 职工人数=1200), "50,000.5", "2015.6.1", "孙八", "平行路1号"])
    bring(city, data)
    profile = SubjectProfile.objects.select_related("subject").get()
    assert (profile.annual_revenue, profile.established_on.isoformat()) == (Decimal("50000.50"), "2015-06-01")
    assert (profile.legal_representative, profile.subject.size_class) == ("孙八", "LARGE")
    assert counts(bring(city, data)) == (0, 0, 1, 0)
    data = workbook(header, [*firm(1, 职工人数=1200), "200", "", "", "平行路2号"])
    assert counts(bring(city, data)) == (0, 1, 0, 0)
    profile.refresh_from_db()
    profile.subject.refresh_from_db()
    assert (profile.address, profile.legal_representative, profile.subject.size_class) == (
        "平行路2号",
        "孙八",
        "MICRO",
    )


def test_a_wrong_check_digit_goes_in_with_a_note(city):
    wrong = code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1")
    data = register(firm(1, 统一社会信用代码=wrong))
    outcome = bring(city, data)
    assert counts(outcome) == (1, 0, 0, 0)
    assert "校验位" in outcome.warnings[0].message
    assert Subject.objects.get().credit_code_note == UNCONFIRMED_CODE
    Subject.objects.update(credit_code_note="已核对营业执照")
    assert counts(bring(city, data)) == (0, 0, 1, 0)


def test_parks_and_pilots(city):
    parks = workbook(["园区名称", "乡镇（街道）", "地址"], ["滕州经济开发区", "荆河街道", "益康大道"])
    assert counts(bring(city, parks, kind=ImportKind.PARKS)) == (1, 0, 0, 0)
    assert counts(bring(city, parks, kind=ImportKind.PARKS)) == (0, 0, 1, 0)
    assert counts(bring(city, workbook(["园区名称"], ["滕州经济开发区"]), kind=ImportKind.PARKS, organization=city.zone)) == (
        1, 0, 0, 0,
    )  # fmt: skip
    pilots = workbook(
        ["试点名称", "年度", "所属行业"], ["滕州玻璃行业", 2026, "30"], ["滕州玻璃行业", 2027, "30"]
    )
    assert counts(bring(city, pilots, kind=ImportKind.PILOTS)) == (2, 0, 0, 0)
    assert counts(bring(city, pilots, kind=ImportKind.PILOTS)) == (0, 0, 2, 0)
    outcome = bring(city, pilots, kind=ImportKind.PILOTS, organization=city.zone)
    assert counts(outcome) == (0, 0, 0, 2)


def statements(run):
    """All statements but the batched inserts, whose number SQLite's parameter limit sets."""
    with CaptureQueriesContext(connection) as captured:
        run()
    return sum(not query["sql"].startswith("INSERT") for query in captured.captured_queries)


def test_the_number_of_statements_does_not_grow_with_the_rows(city):
    few, many = (register(*[firm(n) for n in rows]) for rows in (range(1000, 1250), range(500)))
    assert statements(lambda: bring(city, few)) == statements(lambda: bring(city, many))
    few, many = (
        register(*[firm(n, 职工人数=n + 5000) for n in rows]) for rows in (range(1000, 1250), range(500))
    )
    assert statements(lambda: bring(city, few)) == statements(lambda: bring(city, many))
    assert Subject.objects.get(credit_code=code(299)).employee_count == 5299


def test_files_that_are_no_register_are_refused(city):
    with pytest.raises(DomainError, match="没有找到表头"):
        bring(city, workbook(["颜色", "形状"], ["红", "圆"]))
    with pytest.raises(DomainError, match="缺少“统一社会信用代码”列"):
        bring(city, workbook(["企业名称", "职工人数"], ["甲", 1]))
    with pytest.raises(SpreadsheetError):
        bring(city, b"%PDF-1.7")
