"""A stamped report of a past year: recorded with its scan, counted as filed, no alarm, for its own district only."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cultivation.models import CampaignYear
from reporting.demo.assessments import picture
from reporting.models import AnnualReport
from reporting.selectors.reports import filing_overview
from reporting.services.backfilled_reports import backfill_report
from tests.factories import login, make_actor, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.operations.models import Attachment

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    make_year(2024)
    return make_actor(Role.DISTRICT_OFFICE)


def backfill(actor, **values):
    defaults = {
        "year": CampaignYear.objects.get(pk=2024),
        "organization": actor.organization,
        "filed_on": date(2024, 11, 28),
        "source_document": "滕劳三方〔2024〕9号",
    }
    return backfill_report(actor=actor, now=clock.now(), **defaults | values)


def test_it_counts_as_filed_and_waits_for_the_city(actor):
    report = backfill(actor, signed_by="张主任")
    assert (report.state, report.is_late, report.backfilled) == ("SUBMITTED", False, True)
    assert report.accepted_at is None
    overview = filing_overview(actor, year=report.year, now=clock.now())
    assert overview.filed == 1
    assert not overview.rows[0].overdue


def test_after_the_deadline_it_is_marked_late(actor):
    assert backfill(actor, filed_on=date(2024, 12, 1)).is_late
    assert AnnualReport.objects.get().submitted_at.astimezone(clock.SHANGHAI).date() == date(2024, 12, 1)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"filed_on": date(2999, 1, 1)}, "filed_on"),
        ({"filed_on": date(2023, 11, 1)}, "filed_on"),
        ({"source_document": "  "}, "source_document"),
    ],
)
def test_refusals_name_their_field(actor, values, field):
    with pytest.raises(DomainError) as caught:
        backfill(actor, **values)
    assert caught.value.field == field


def test_a_running_year_a_second_time_and_a_strangers_district(actor):
    make_year(2027)
    with pytest.raises(DomainError, match="才结束"):
        backfill(actor, year=CampaignYear.objects.get(pk=2027))
    backfill(actor)
    with pytest.raises(DomainError, match="已有年度报告"):
        backfill(actor)
    with pytest.raises(NotAllowed):
        backfill(make_actor(Role.DISTRICT_OFFICE), organization=actor.organization)


def test_the_page_takes_the_scan_and_shows_it(actor):
    client = login(Client(), actor)
    url = reverse("reporting:report_backfill", args=[2024])
    assert "补录盖章件" in client.get(reverse("reporting:report_list"), {"year": 2024}).content.decode()
    answer = client.post(
        url,
        {"filed_on": "20241128", "source_document": "滕劳三方〔2024〕9号", "scan": picture("盖章件")},
        follow=True,
    )
    page = answer.content.decode()
    assert "以纸质盖章件为准" in page
    assert "盖章件.png" in page
    assert Attachment.objects.get().owner_kind == "AnnualReport"


def test_a_bad_scan_is_refused_but_the_report_stands(actor):
    answer = login(Client(), actor).post(
        reverse("reporting:report_backfill", args=[2024]),
        {
            "filed_on": "2024-11-28",
            "source_document": "滕劳三方〔2024〕9号",
            "scan": SimpleUploadedFile("报告.exe", b"MZ"),
        },
        follow=True,
    )
    assert "没有收下" in answer.content.decode()
    assert AnnualReport.objects.count() == 1


def test_what_was_typed_stays_in_the_refused_form(actor):
    answer = login(Client(), actor).post(
        reverse("reporting:report_backfill", args=[2024]),
        {"filed_on": "去年冬天", "source_document": "滕劳三方〔2024〕9号"},
    )
    assert answer.status_code == 422
    assert "去年冬天" in answer.content.decode()


def test_past_years_without_a_report_are_offered_from_the_list_of_this_year(actor):
    make_year(2026)
    url, here = reverse("reporting:report_list"), {"year": 2026}
    form = reverse("reporting:report_backfill", args=[2024])
    client = login(Client(), actor)
    page = client.get(url, here).content.decode()
    assert form in page and "补录2024年度盖章件" in page
    assert reverse("reporting:report_backfill", args=[2026]) not in page
    city = login(Client(), make_actor(Role.CITY_OFFICE)).get(url, here).content.decode()
    assert "2024年度 1 个区（市）" in city and form not in city
    backfill(actor)
    assert form not in client.get(url, here).content.decode()
    city = login(Client(), make_actor(Role.CITY_OFFICE)).get(url, here).content.decode()
    assert "2023年度 1 个区（市）" in city and "2024年度 1 个区（市）" not in city


def test_once_everybody_filed_nothing_is_overdue(actor):
    client = login(Client(), actor)
    url, query = reverse("reporting:report_list"), {"year": 2024}
    assert "待补录" in client.get(url, query).content.decode()
    backfill(actor)
    page = client.get(url, query).content.decode()
    assert "已逾期" not in page and "应报送的均已报送" in page
