"""数据版 of 参训人次 and 培育名单: what the actor sees, and importing it again changes nothing."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Enrollment, TrainingAttendance
from cultivation.rules.record_numbers import record_number
from cultivation.selectors.sheet_exports import SHEETS, SheetFilters
from cultivation.services.imports import check_import, confirm_import, stage_import
from cultivation.services.sheet_exports import request_sheet_export
from tests import factories
from tests.cultivation.import_samples import NOW, City, make_city
from tests.cultivation.ledger_factories import DAY, make_record
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import NotAllowed
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job
from zaozhuang_portal.operations.services.job_runner import run_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    factories.make_year()
    return make_city()


@pytest.fixture
def clerk(city: City) -> Actor:
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


def exported(actor: Actor, slug: str, **filters: Any) -> bytes:
    job = request_sheet_export(actor=actor, sheet=SHEETS[slug], filters=SheetFilters(**filters), now=NOW)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    content: bytes = Attachment.objects.get(owner_kind="job", owner_id=job.pk).file.read()
    return content


def lines(content: bytes) -> list[tuple[Any, ...]]:
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    return list(sheet.iter_rows(min_row=2, values_only=True))


def again(actor: Actor, city: City, slug: str, content: bytes) -> Any:
    batch = stage_import(
        actor=actor,
        kind=slug,
        organization=city.tengzhou,
        data=content,
        filename="数据版.xlsx",
        now=NOW,
        **({"backfilled": True, "source_document": "数据版"} if slug == "rosters" else {}),
    )
    return check_import(actor=actor, batch=batch, now=NOW)


def came(training: Any, subject: Any, managers: int, hr: int) -> None:
    TrainingAttendance.objects.create(
        training=training,
        subject=subject,
        organization=subject.managing_organization,
        managers=managers,
        hr=hr,
    )


def test_attendance_comes_back_unchanged(city: City, clerk: Actor) -> None:
    firm = factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司")
    place = factories.make_subject(city.tengzhou, name="荆河街道", kind="TOWNSHIP", credit_code=None)
    foreign = factories.make_subject(city.xuecheng, name="薛城远方有限公司")
    own = make_record(TRAININGS, city.tengzhou, actor=clerk, title="集体协商培训班")
    office = factories.make_actor(Role.CITY_OFFICE, factories.make_organization(Level.CITY))
    shared = make_record(
        TRAININGS, office.organization, actor=office, title="全市专题培训", organization=office.organization
    )
    twins = [
        make_record(TRAININGS, city.tengzhou, actor=clerk, title="政策宣讲", happened_on=DAY),
        make_record(
            TRAININGS, office.organization, actor=office, title="政策宣讲", happened_on=DAY,
            organization=office.organization,
        ),
    ]  # fmt: skip
    came(own, firm, 2, 0)
    came(own, place, 0, 3)
    for training in (shared, *twins):
        came(training, firm, 1, 4)
        came(training, foreign, 1, 1)
    content = exported(clerk, "attendance")
    rows = lines(content)
    assert len(rows) == 5 and "薛城远方有限公司" not in str(rows)
    assert {row[1] for row in rows} == {
        "集体协商培训班", "全市专题培训", *(record_number("trainings", twin.pk) for twin in twins),
    }  # fmt: skip
    assert next(row for row in rows if row[3] == "滕州恒信机械有限公司" and row[1] == "集体协商培训班")[
        5:
    ] == (2, 0)
    batch = again(clerk, city, "attendance", content)
    counts = (batch.created_count, batch.changed_count, batch.unchanged_count, batch.error_row_count)
    assert counts == (0, 0, 5, 0), batch.report.doubts["errors"]
    assert len(lines(exported(office, "attendance"))) == 8
    assert len(lines(exported(office, "attendance", organization=city.xuecheng.pk))) == 3
    assert lines(exported(clerk, "attendance", year=2024)) == []
    assert AuditEntry.objects.filter(action="导出参训人次").count() == 4


def test_rosters_come_back_unchanged_whatever_the_year(city: City, clerk: Actor) -> None:
    for year in (2024, 2026):
        factories.make_year(year)
    old, gone = (
        factories.make_subject(city.tengzhou, name="滕州恒信机械有限公司"),
        factories.make_subject(city.tengzhou, name="滕州旧厂", state="DEREGISTERED"),
    )
    shared = {"organization": city.tengzhou, "enrolled_at": NOW}
    back = {"backfilled": True, "source_document": "滕人社字〔2024〕9号", "confirmed_at": NOW}
    Enrollment.objects.create(subject=old, year_id=2024, state="CONFIRMED", **back, **shared)
    Enrollment.objects.create(subject=gone, year_id=2024, state="CONFIRMED", is_key=False, **back, **shared)
    Enrollment.objects.create(subject=old, year_id=2026, state="CONFIRMED", confirmed_at=NOW, **shared)
    candidate = factories.make_subject(city.tengzhou, name="滕州候选有限公司")
    Enrollment.objects.create(subject=candidate, year_id=2026, state="CANDIDATE", **shared)
    content = exported(clerk, "rosters")
    assert [(row[1], row[2], row[4]) for row in lines(content)] == [
        (2026, "滕州恒信机械有限公司", "是"),
        (2024, "滕州恒信机械有限公司", "是"),
        (2024, "滕州旧厂", "否"),
    ]
    batch = again(clerk, city, "rosters", content)
    counts = (batch.created_count, batch.changed_count, batch.unchanged_count, batch.error_row_count)
    assert counts == (0, 0, 3, 0), batch.report.doubts["errors"]
    assert [row[2] for row in lines(exported(clerk, "rosters", year=2024))] == [
        "滕州恒信机械有限公司", "滕州旧厂",
    ]  # fmt: skip
    Enrollment.objects.filter(year_id=2024).delete()
    batch = again(clerk, city, "rosters", content)
    assert (batch.created_count, batch.unchanged_count, batch.error_row_count) == (2, 1, 0)
    confirm_import(actor=clerk, batch=batch, digest=batch.digest, only_good=True, now=NOW)
    assert lines(exported(clerk, "rosters")) == lines(content), "brought in again, it is the same list"


def test_the_links_ask_for_the_file(client: Client, city: City, clerk: Actor) -> None:
    factories.login(client, clerk)
    trainings = client.get(reverse("cultivation:ledger_list", args=["trainings"])).content.decode()
    assert "导入参训人次" in trainings and "/exports/attendance/" in trainings
    roster = client.get(reverse("cultivation:roster", args=[2026])).content.decode()
    assert "/ledgers/rosters/import/" in roster and "/exports/rosters/?year=2026" in roster
    answer = client.post(reverse("cultivation:sheet_export", args=["rosters"]) + "?year=2026")
    job = Job.objects.get(kind="cultivation.sheet_export")
    assert answer.url == reverse("operations:job", args=[job.uid])
    assert job.parameters == {"sheet": "rosters", "year": 2026, "organization": None}
    assert client.post(reverse("cultivation:sheet_export", args=["nonsense"])).status_code == 404
    member = factories.make_actor(Role.DISTRICT_MEMBER, city.tengzhou)
    factories.login(client, member)
    page = client.get(reverse("cultivation:roster", args=[2026])).content.decode()
    assert "/ledgers/rosters/import/" not in page and "导出名单" in page


def test_who_does_not_read_ledgers_gets_no_file(city: City) -> None:
    auditor = factories.make_actor(Role.AUDITOR)
    with pytest.raises(NotAllowed):
        request_sheet_export(actor=auditor, sheet=SHEETS["rosters"], filters=SheetFilters(), now=NOW)


@pytest.mark.parametrize("slug", ["attendance", "rosters"])
def test_rows_cost_a_constant_number_of_statements(city: City, clerk: Actor, slug: str) -> None:
    training = make_record(TRAININGS, city.tengzhou, actor=clerk)
    counts = []
    for number in (1, 12):
        for _ in range(number):
            firm = factories.make_subject(city.tengzhou)
            came(training, firm, 1, 1)
            Enrollment.objects.create(
                subject=firm, year_id=2026, organization=city.tengzhou, state="CONFIRMED",
                enrolled_at=NOW, confirmed_at=NOW,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            rows = list(SHEETS[slug].rows(clerk, SheetFilters()))
        counts.append(len(captured))
    assert len(rows) == 13 and counts[0] == counts[1] <= 3, counts
