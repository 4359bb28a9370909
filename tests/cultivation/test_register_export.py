"""数据版 of the register: what the list shows, phones masked, and importing it again changes nothing (ux P11)."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cultivation.enums import SubjectKind
from cultivation.models import Subject
from cultivation.rules.imports_fields import ImportKind
from cultivation.selectors.exports import mask_phone
from cultivation.selectors.subjects import SubjectFilters
from cultivation.services.exports import request_export
from cultivation.services.imports import import_file
from tests import factories
from tests.cultivation.import_samples import HEADER, NOW, City, code, firm, make_city, workbook
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job
from zaozhuang_portal.operations.services.job_runner import run_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


def bring(city, data, kind=ImportKind.ENTERPRISES, organization=None):
    return import_file(
        actor=None,
        kind=kind,
        organization=organization or city.tengzhou,
        data=data,
        filename="x.xlsx",
        now=NOW,
    )


def exported(actor, kind=SubjectKind.ENTERPRISE, **filters) -> bytes:
    job = request_export(actor=actor, filters=SubjectFilters(kind=kind, **filters), now=NOW)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    return Attachment.objects.get(owner_kind="job", owner_id=job.pk).file.read()


FULL = [
    *HEADER,
    "营业收入（万元）",
    "资产总额（万元）",
    "企业规模",
    "法定代表人",
    "地址",
    "成立日期",
    "劳动关系状况",
]


def test_importing_an_export_changes_nothing(city):
    bring(
        city,
        workbook(
            FULL,
            [
                *firm(1, 职工人数=1200, 联系电话="13806321234"),
                50000.5,
                None,
                None,
                "孙八",
                "平行路1号",
                "2015-06-01",
                "平稳",
            ],
            [*firm(2), None, None, "大型", None, None, None, None],
            [firm(3)[0], firm(3)[1], *[None] * 13],
            [*firm(4, 企业名称="=1+1"), 0, None, None, None, "@x", None, None],
        ),
    )
    before = list(Subject.objects.order_by("pk").values())
    assert len(before) == 4
    data = exported(factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou))
    outcome = bring(city, data)
    assert (outcome.created, outcome.updated, outcome.unchanged, outcome.errors) == (0, 0, 4, [])
    assert list(Subject.objects.order_by("pk").values()) == before
    sheet = load_workbook(BytesIO(data))["数据"]
    text = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "138****1234" in text
    assert "13806321234" not in text
    assert {cell.data_type for cell in sheet["B"]} == {"s"}


@pytest.mark.parametrize(
    ("kind", "subject_kind", "rows"),
    [
        (
            ImportKind.PARKS,
            SubjectKind.INDUSTRIAL_PARK,
            [["园区名称", "乡镇（街道）"], ["滕州开发区", "荆河街道"]],
        ),
        (ImportKind.PILOTS, SubjectKind.INDUSTRY_PILOT, [["试点名称", "年度"], ["玻璃行业", 2026]]),
    ],
)
def test_parks_and_pilots_make_the_round_trip(city, kind, subject_kind, rows):
    bring(city, workbook(*rows), kind)
    data = exported(factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou), subject_kind)
    outcome = bring(city, data, kind)
    assert (outcome.created, outcome.updated, outcome.unchanged, outcome.errors) == (0, 0, 1, [])


def test_only_what_the_actor_sees_under_the_filter_is_exported(city):
    bring(city, workbook(HEADER, firm(1), firm(2, **{"乡镇（街道）": "北辛街道"})))
    bring(city, workbook(HEADER, firm(3, **{"乡镇（街道）": ""})), organization=city.xuecheng)

    def codes(actor, **filters):
        return {cell.value for cell in load_workbook(BytesIO(exported(actor, **filters)))["数据"]["C"][1:]}

    clerk = factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)
    assert codes(clerk) == {code(1), code(2)}
    assert codes(clerk, township=city.beixin.pk) == {code(2)}
    assert codes(clerk, organization=city.xuecheng.pk) == set()
    assert codes(factories.make_actor(Role.CITY_OFFICE)) == {code(1), code(2), code(3)}


def test_an_export_is_logged_with_its_filter(city):
    bring(city, workbook(HEADER, firm(1)))
    actor = factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)
    exported(actor, text="机械")
    entry = AuditEntry.objects.get(action="导出登记数据")
    assert entry.user_id == actor.user.pk
    assert entry.changes["rows"] == [0, 1]
    assert entry.changes["filters"][1]["text"] == "机械"


def test_the_list_page_asks_for_the_export_of_its_filters(city):
    actor = factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)
    browser = factories.login(Client(), actor)
    page = browser.get(reverse("cultivation:subject_list") + "?kind=ENTERPRISE&q=机械").content.decode()
    assert reverse("cultivation:register_export") in page
    url = reverse("cultivation:register_export") + "?kind=ENTERPRISE&q=机械"
    assert browser.get(url).status_code == 405
    response = browser.post(url)
    job = Job.objects.get()
    assert response.headers["Location"] == reverse("operations:job", args=[job.uid])
    assert (job.parameters["text"], job.parameters["kind"]) == ("机械", "ENTERPRISE")


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13806321234", "138****1234"), ("0632-5512345", "0632-****45"), ("5512345", "****45"), ("", "")],
)
def test_phones_are_masked(phone, masked):
    assert mask_phone(phone) == masked
