"""Late is the first filing; a return sets its own day; each filing stays as a row; nothing of a filed report is lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from reporting.demo.assessments import picture
from reporting.enums import FilingOutcome
from reporting.models import AnnualReport, NarrativeSection, ReportFiling
from reporting.selectors.reports import (
    districts_not_received,
    filing_overview,
    reports_not_received,
)
from reporting.services.annual_reports import open_report, save_narrative
from tests.factories import login, make_actor, make_organization, make_year
from tests.reporting.moves import move_report
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.services.attachments import (
    remove_attachment,
    restore_attachment,
    set_attachment_purpose,
    store_attachment,
)

pytestmark = pytest.mark.django_db
ON_TIME = datetime(2026, 11, 28, 2, tzinfo=UTC)
RETURNED = datetime(2026, 12, 2, 2, tzinfo=UTC)
AGAIN = datetime(2026, 12, 8, 2, tzinfo=UTC)
TOO_LATE = datetime(2026, 12, 11, 2, tzinfo=UTC)
DUE = date(2026, 12, 10)
WHY = "请补充典型做法和成效"


class World:
    def __init__(self):
        self.year = make_year(2026)
        self.district = make_organization(Level.DISTRICT, name="滕州市")
        self.office = make_actor(Role.DISTRICT_OFFICE, self.district)
        self.member = make_actor(Role.DISTRICT_MEMBER, self.district)
        self.city = make_actor(Role.CITY_OFFICE)
        self.report = open_report(
            actor=self.member, year=self.year, organization=self.district, now=ON_TIME - timedelta(days=9)
        )

    def move(self, actor, action, now, **more):
        return move_report(actor=actor, report=self.report, action=action, now=now, **more)

    def file(self, now):
        """Through review to the city."""
        self.move(self.member, "send_for_review", now)
        self.move(self.office, "approve", now)
        self.move(self.office, "submit", now)
        self.report.refresh_from_db()

    def send_back(self, now=RETURNED, due_on=DUE):
        self.move(self.city, "send_back", now, comment=WHY, due_on=due_on)
        self.report.refresh_from_db()

    def row(self, now):
        return filing_overview(self.city, year=self.year, now=now).rows[0]

    def scan(self, name="盖章件", now=ON_TIME, **more):
        return store_attachment(
            actor=self.office,
            owner_kind="AnnualReport",
            owner_id=self.report.pk,
            upload=picture(name),
            now=now,
            **more,
        )


@pytest.fixture
def world():
    return World()


# --- lateness -----------------------------------------------------------------------------------------------------------


def test_a_return_takes_no_time_away_and_refiling_makes_nothing_late(world):
    world.file(ON_TIME)
    world.send_back()
    report = world.report
    assert (report.first_filed_at, report.submitted_at, report.is_late) == (ON_TIME, ON_TIME, False)
    assert report.return_due_on == DUE
    assert "市级退回" in world.row(AGAIN).word and not world.row(AGAIN).overdue
    world.file(AGAIN)
    assert (report.first_filed_at, report.submitted_at, report.is_late) == (ON_TIME, AGAIN, False)
    assert world.row(AGAIN).word == "已报送"
    first, second = report.filings.all()
    assert (first.outcome, first.reason, first.return_due_on) == (FilingOutcome.RETURNED, WHY, DUE)
    assert (second.due_on, second.after_return, second.past_due) == (DUE, True, False)


def test_after_the_day_of_the_return_it_is_marked_apart_from_the_first_filing(world):
    world.file(ON_TIME)
    world.send_back()
    row = world.row(TOO_LATE)
    assert row.return_overdue and "已过再报期限" in row.word and row.tag == "danger"
    world.file(TOO_LATE)
    assert not world.report.is_late
    assert world.row(TOO_LATE).word == "已报送（退回后超期）"
    assert world.report.filings.last().past_due


def test_a_late_first_filing_stays_late_through_a_return(world):
    world.file(RETURNED)
    world.send_back(AGAIN, date(2026, 12, 20))
    assert world.report.is_late and "首次报送逾期" in world.row(AGAIN).word
    world.file(TOO_LATE)
    assert world.report.is_late and world.report.first_filed_at == RETURNED
    assert world.row(TOO_LATE).word == "已报送（逾期）"


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        (None, "写明再次报送的期限"),
        (date(2026, 12, 1), "早于今天"),
        (date(2062, 12, 10), "核对年份"),
    ],
)
def test_a_return_names_a_day_that_can_be_kept(world, due_on, words):
    world.file(ON_TIME)
    with pytest.raises(DomainError, match=words) as caught:
        world.move(world.city, "send_back", RETURNED, comment=WHY, due_on=due_on)
    assert caught.value.field == "due_on"
    world.report.refresh_from_db()
    assert world.report.state == "SUBMITTED" and world.report.filings.get().outcome == "PENDING"


def test_taking_back_is_no_way_around_the_day(world):
    """Before the day a recalled filing does not count as the first; after it one in time cannot be taken back."""
    world.file(ON_TIME)
    world.move(world.office, "recall", ON_TIME + timedelta(hours=1))
    world.report.refresh_from_db()
    assert (world.report.first_filed_at, world.report.submitted_at) == (None, None)
    assert world.report.filings.get().filed_at == ON_TIME  # kept all the same
    world.move(world.office, "submit", RETURNED)
    world.report.refresh_from_db()
    assert world.report.is_late and world.report.first_filed_at == RETURNED
    world.move(world.office, "recall", RETURNED)  # late anyway
    assert world.report.is_late is False and world.row(RETURNED).overdue


def test_after_the_day_the_city_is_asked_to_return_it(world):
    world.file(ON_TIME)
    with pytest.raises(IllegalTransition, match="不能再取回"):
        world.move(world.office, "recall", RETURNED)
    with time_machine.travel(RETURNED, tick=False):
        client = login(Client(), world.office)
        page = client.get(reverse("reporting:report_detail", args=[world.report.pk])).content.decode()
        assert "取回" not in page
        url = reverse("reporting:report_move", args=[world.report.pk, "recall"])
        assert "不能再取回" in client.get(url).content.decode()
        answer = client.post(url)
    assert answer.status_code == 409 and "不能再取回" in answer.content.decode()


def test_recalling_a_second_filing_leaves_the_first(world):
    world.file(ON_TIME)
    world.send_back()
    world.file(AGAIN)
    world.move(world.office, "recall", AGAIN)
    world.report.refresh_from_db()
    assert (world.report.first_filed_at, world.report.submitted_at) == (ON_TIME, ON_TIME)
    world.move(world.office, "submit", TOO_LATE)
    assert world.report.filings.last().past_due and not world.report.is_late


@pytest.mark.parametrize(
    "values",
    [
        {"first_filed_at": None},
        {"submitted_at": ON_TIME - timedelta(days=3)},
        {"first_filed_at": None, "submitted_at": None, "state": "DRAFT", "is_late": True},
        {"first_filed_at": None, "submitted_at": None, "state": "DRAFT", "return_due_on": DUE},
    ],
)
def test_the_database_keeps_first_and_latest_together(world, values):
    world.file(ON_TIME)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnualReport.objects.filter(pk=world.report.pk).update(reviewed_at=None, **values)


def test_a_filing_is_closed_once(world):
    world.file(ON_TIME)
    stale = AnnualReport.objects.get(pk=world.report.pk)
    world.send_back()
    with pytest.raises(IllegalTransition):
        move_report(actor=world.city, report=stale, action="accept", now=RETURNED)
    assert list(world.report.filings.values_list("outcome", flat=True)) == ["RETURNED"]


# --- the city's list and the page --------------------------------------------------------------------------------------


def test_the_city_returns_by_its_form_and_sees_every_round(world):
    world.file(ON_TIME)
    with time_machine.travel(RETURNED, tick=False):
        client = login(Client(), world.city)
        url = reverse("reporting:report_move", args=[world.report.pk, "send_back"])
        assert 'value="2026-12-12"' in client.get(url).content.decode()
        bad = client.post(url, {"comment": WHY, "due_on": "下周"})
        assert bad.status_code == 422 and WHY in bad.content.decode() and "下周" in bad.content.decode()
        none = client.post(url, {"comment": WHY, "due_on": ""})
        assert none.status_code == 422 and "写明再次报送的期限" in none.content.decode()
        assert client.post(url, {"comment": WHY, "due_on": "2026-12-10"}).status_code == 302
        listed = client.get(reverse("reporting:report_list") + "?year=2026").content.decode()
    assert WHY in listed and "限 2026-12-10 前再报" in listed and "市级退回" in listed
    world.report.refresh_from_db()
    world.file(TOO_LATE)
    with time_machine.travel(TOO_LATE, tick=False):
        client = login(Client(), world.city)
        page = client.get(reverse("reporting:report_detail", args=[world.report.pk])).content.decode()
        listed = client.get(reverse("reporting:report_list") + "?year=2026").content.decode()
    assert "首次 2026-11-28" in listed and "最近 2026-12-11" in listed
    assert "报送记录" in page and WHY in page and "退回后超期" in page


def test_who_has_not_been_received_is_asked_in_one_place(world):
    other = make_organization(Level.DISTRICT, name="山亭区")
    assert set(districts_not_received(world.year)) == {world.district, other}
    world.file(ON_TIME)
    assert dict(reports_not_received(world.year)) == {world.district: "已报送", other: "未开始"}
    world.move(world.city, "accept", RETURNED)
    world.report.refresh_from_db()
    assert world.report.accepted_by == world.city.user
    assert list(districts_not_received(world.year)) == [other]


# --- sealed files and words --------------------------------------------------------------------------------------------


def test_a_filed_report_loses_no_file(world):
    scan = world.scan()
    world.file(ON_TIME)
    for act in (
        lambda: remove_attachment(actor=world.office, attachment=scan, now=RETURNED),
        lambda: set_attachment_purpose(actor=world.office, attachment=scan, purpose="SCAN", now=RETURNED),
        lambda: world.scan("另一件", now=RETURNED),
    ):
        with pytest.raises(IllegalTransition, match="新版本"):
            act()
    assert Attachment.objects.current().get() == scan


def test_a_new_version_stands_beside_the_old(world):
    scan = world.scan()
    world.file(ON_TIME)
    newer = world.scan("盖章件第二版", now=RETURNED, replaces=scan)
    assert newer.replaces == scan and Attachment.objects.current().count() == 2
    with pytest.raises(IllegalTransition, match="已有新版本"):
        world.scan("第三版", now=AGAIN, replaces=scan)
    client = login(Client(), world.city)
    page = client.get(reverse("reporting:report_detail", args=[world.report.pk])).content.decode()
    assert "第1版（已有新版本）" in page and "第2版" in page and "报送后" in page
    for file in (scan, newer):
        assert client.get(file.get_absolute_url()).status_code == 200


def test_a_first_scan_may_still_be_added_with_its_time(world):
    world.file(ON_TIME)
    upload = reverse("reporting:report_scan_upload", args=[world.report.pk])
    with time_machine.travel(RETURNED, tick=False):
        client = login(Client(), world.office)
        assert client.post(upload, {"file": picture("盖章件")}).status_code == 303
        assert client.post(upload, {"file": picture("第二件")}).status_code == 422
        scan = Attachment.objects.get()
        remove = reverse("operations:file_remove", args=[scan.uid])
        page = client.post(remove, follow=True).content.decode()
        assert "不能删除" in page
        replaced = client.post(
            reverse("operations:file_replace", args=[scan.uid]), {"file": picture("第二版")}
        )
        assert replaced.status_code == 303
        page = client.get(reverse("reporting:report_detail", args=[world.report.pk])).content.decode()
    assert "2026-12-02 10:00 上传（报送后）" in page
    assert Attachment.objects.current().count() == 2


def test_what_was_filed_stays_readable_when_it_is_removed_after_a_return(world):
    draft = world.scan("报送前删除的")
    remove_attachment(actor=world.office, attachment=draft, now=ON_TIME)
    scan = world.scan()
    world.file(ON_TIME + timedelta(hours=1))
    world.send_back()
    remove_attachment(actor=world.office, attachment=scan, now=RETURNED + timedelta(hours=1))
    world.scan("换过的", now=AGAIN)
    world.file(AGAIN)
    with pytest.raises(IllegalTransition, match="不能恢复"):
        restore_attachment(actor=world.office, attachment=scan, now=AGAIN)
    client = login(Client(), world.city)
    page = client.get(reverse("reporting:report_detail", args=[world.report.pk])).content.decode()
    assert "报送后删除的文件（1个" in page
    assert client.get(scan.get_absolute_url()).status_code == 200
    assert client.get(draft.get_absolute_url()).status_code == 404
    stranger = login(Client(), make_actor(Role.DISTRICT_OFFICE))
    assert stranger.get(scan.get_absolute_url()).status_code == 404


def test_a_section_is_not_written_once_the_report_went_on(world):
    """The check before the write saw a draft; the UPDATE sees that it is none any more."""
    stale = AnnualReport.objects.get(pk=world.report.pk)
    move_report(actor=world.member, report=world.report, action="send_for_review", now=ON_TIME)
    with pytest.raises(IllegalTransition, match="没有保存"):
        save_narrative(
            actor=world.office, report=stale, key="plans", text="迟到的话", expected_revision=0, now=ON_TIME
        )
    assert "迟到的话" not in NarrativeSection.objects.get(report=stale, key="plans").text


def test_each_filing_keeps_its_words(world):
    save_narrative(
        actor=world.office, report=world.report, key="plans", text="第一稿", expected_revision=0, now=ON_TIME
    )
    world.file(ON_TIME)
    world.send_back()
    save_narrative(
        actor=world.office, report=world.report, key="plans", text="第二稿", expected_revision=1, now=AGAIN
    )
    world.file(AGAIN)
    words = [filing.words["plans"] for filing in ReportFiling.objects.order_by("number")]
    assert words == ["第一稿", "第二稿"]
