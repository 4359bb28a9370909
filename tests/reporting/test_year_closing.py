"""Closing a year by page and command: refused while a report is missing; later papers name the corrections."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import CampaignYear, CultivationRoster, YearCorrection
from cultivation.services.closed_years import YearClosed
from cultivation.services.enrollments import choose_subjects, confirm_enrollments, remove_enrollment
from cultivation.services.work_items import WorkItemDraft, create_work_item
from reporting.models import AnnualReport
from reporting.selectors.year_closing import open_work, standing_of
from reporting.services.annual_reports import open_report
from reporting.services.report_documents import source_of
from reporting.services.year_closing import close_year
from tests.factories import login, make_actor, make_organization, make_subject, make_user, make_year
from tests.reporting.moves import move_report
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
IN_TIME = datetime(2026, 11, 28, 2, tzinfo=UTC)
AFTER = datetime(2027, 1, 20, 2, tzinfo=UTC)


class City:
    """A city of two districts, the first with an enrolled firm; reports are filed and received by `receive`."""

    def __init__(self) -> None:
        districts = [
            make_organization(Level.DISTRICT, name=name, carries_quota=True) for name in ("滕州市", "薛城区")
        ]
        self.year = make_year(2026)
        self.office = make_actor(Role.CITY_OFFICE)
        self.offices = [make_actor(Role.DISTRICT_OFFICE, district) for district in districts]
        self.members = [make_actor(Role.DISTRICT_MEMBER, district) for district in districts]
        rows = choose_subjects(
            actor=self.offices[0], year=self.year, subjects=[make_subject(districts[0])], now=IN_TIME
        )
        self.enrollment = confirm_enrollments(actor=self.offices[0], enrollments=rows, now=IN_TIME)[0]

    def receive(self, index: int) -> None:
        office, member = self.offices[index], self.members[index]
        assert office.organization is not None
        report = open_report(actor=member, year=self.year, organization=office.organization, now=IN_TIME)
        steps: tuple[tuple[Actor, str], ...] = (
            (member, "send_for_review"),
            (office, "approve"),
            (office, "submit"),
            (self.office, "accept"),
        )
        for actor, action in steps:
            move_report(actor=actor, report=report, action=action, now=IN_TIME)

    def close(self) -> None:
        close_year(actor=self.office, year=self.year, reason="各区（市）报告均已接收", now=AFTER)


@pytest.fixture
def city() -> City:
    return City()


def test_closing_is_refused_while_a_report_is_not_received_and_names_whose(city: City) -> None:
    city.receive(0)
    with pytest.raises(DomainError, match="薛城区（未报送）") as refused:
        city.close()
    assert "滕州市" not in refused.value.message
    assert CampaignYear.objects.get(pk=2026).closed_at is None
    city.receive(1)
    with pytest.raises(DomainError, match="才结束"):
        close_year(actor=city.office, year=city.year, reason="提前封存试试", now=IN_TIME)
    with pytest.raises(NotAllowed):
        close_year(actor=city.offices[0], year=city.year, reason="区（市）封存", now=AFTER)
    city.close()
    assert standing_of(city.year).why_not_closable(AFTER.date()).endswith("已封存。")


def test_closing_names_what_is_open_and_leaves_it(city: City) -> None:
    organization = city.offices[0].organization
    assert organization is not None
    create_work_item(
        actor=city.offices[0],
        organization=organization,
        year=city.year,
        draft=WorkItemDraft(title="补签合同", due_on=AFTER.date(), lead_name="人社局"),
        now=IN_TIME,
    )
    city.receive(0)
    city.receive(1)
    _, left = close_year(actor=city.office, year=city.year, reason="各区（市）报告均已接收", now=AFTER)
    assert [item.words for item in left] == ["未办结的责任事项1项"] and open_work(city.year) == left


def test_the_city_s_receipt_seals_the_roster(city: City) -> None:
    """§1: until closing and after, a subject cannot be taken out once the report was accepted."""
    city.receive(0)
    assert CultivationRoster.objects.get(organization=city.offices[0].organization).sealed_at == IN_TIME
    with pytest.raises(YearClosed, match="已由市三方委员会办公室接收"):
        remove_enrollment(
            actor=city.offices[0], enrollment=city.enrollment, reason="企业停产多月", now=IN_TIME
        )


def test_the_command_does_what_the_page_does(city: City) -> None:
    city.receive(0)
    city.receive(1)
    words = {"reason": "各区（市）报告均已接收", "user": city.office.user.username}
    for wrong, message in (
        ({"user": "nobody"}, "没有登录名"),
        ({"user": city.offices[0].user.username}, "不是市三方委员会办公室人员"),
        ({"reason": "短"}, "封存说明"),
    ):
        with pytest.raises(CommandError, match=message), time_machine.travel(AFTER, tick=False):
            call_command("close_year", 2026, **words | wrong)
    with pytest.raises(CommandError, match="没有2031年度"):
        call_command("close_year", 2031, **words)
    out = StringIO()
    with time_machine.travel(AFTER, tick=False):
        call_command("close_year", 2026, **words, stdout=out)
    assert "已封存2026年度" in out.getvalue()
    assert CampaignYear.objects.get(pk=2026).closed_by == city.office.user
    assert AuditEntry.objects.filter(action="封存年度").count() == 1


def test_pages_from_closing_to_a_correction_done(city: City, client: Client) -> None:
    city.receive(0)
    with time_machine.travel(AFTER, tick=False):
        login(client, city.office)
        close_url = reverse("reporting:year_close", kwargs={"year": 2026})
        assert "薛城区（未报送）" in client.get(close_url).content.decode()
        refused = client.post(close_url, {"reason": "各区（市）报告均已接收"})
        assert refused.status_code == 422 and "薛城区（未报送）" in refused.content.decode()
        city.receive(1)
        assert close_url in client.get(reverse("reporting:year_list")).content.decode()
        done = client.post(close_url, {"reason": "各区（市）报告均已接收"}, follow=True)
        assert "已封存2026年度" in done.content.decode() and close_url not in done.content.decode()

        district = login(Client(), city.offices[0])
        create = reverse("cultivation:correction_create")
        typed = {
            "year": 2026,
            "area": "ROSTER",
            "content": "一户企业已于9月停产，应调出",
            "reason": "短",
            "document_number": "滕人社函〔2027〕3号",
        }
        wrong = district.post(create, typed)
        page = wrong.content.decode()
        assert wrong.status_code == 422 and "至少5个字" in page and typed["content"] in page
        asked = district.post(create, typed | {"reason": "报送后核实停产"}, follow=True)
        assert "待市级答复" in asked.content.decode()
        correction = YearCorrection.objects.get()
        for reader, words in ((client, "答复年度更正"), (district, "办理年度更正")):
            assert (words in reader.get(reverse("reporting:inbox")).content.decode()) is (reader is client)
        consent = reverse("cultivation:correction_consent", kwargs={"pk": correction.pk})
        assert district.post(consent, {}).status_code == 403
        assert "已同意更正" in client.post(consent, {}, follow=True).content.decode()
        assert "办理年度更正" in district.get(reverse("reporting:inbox")).content.decode()
        remove_enrollment(actor=city.offices[0], enrollment=city.enrollment, reason="企业停产多月", now=AFTER)
        detail = reverse("cultivation:correction_detail", kwargs={"pk": correction.pk})
        assert "名单调出" in district.get(detail).content.decode()
        finish = reverse("cultivation:correction_move", kwargs={"pk": correction.pk, "action": "finish"})
        assert "更正已办结" in district.post(finish, follow=True).content.decode()
        report = AnnualReport.objects.get(organization=city.offices[0].organization)
        words = source_of(report, now=AFTER).provenance
        assert "2026年度数据更正" in words and "滕人社函〔2027〕3号" in words and "一户企业" in words
        other = AnnualReport.objects.get(organization=city.offices[1].organization)
        assert source_of(other, now=AFTER).provenance == ""
        listed = district.get(reverse("reporting:year_list")).content.decode()
        assert "已办结" in listed and "滕人社函〔2027〕3号" in listed


def test_the_list_costs_the_same_for_one_and_three_corrections(city: City, client: Client) -> None:
    login(client, city.office)
    counts = []
    for areas in (["LEDGER"], ["ROSTER", "ASSESSMENT"]):
        for area in areas:
            YearCorrection.objects.create(
                year=city.year,
                organization=city.offices[0].organization,
                area=area,
                content="内容",
                reason="理由充分",
                document_number="某号",
                requested_at=AFTER,
                requested_by=make_user(),
            )
        client.get(reverse("reporting:year_list"))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(reverse("reporting:year_list"))
        counts.append(len(caught))
    assert counts[0] == counts[1]
