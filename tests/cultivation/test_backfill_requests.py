"""补录 is for years before the portal's use; later only with the city's consent, so that it is no way around lateness."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cultivation.enums import BackfillMatter
from cultivation.models import BackfillRequest, CampaignYear, CultivationRoster, Enrollment, WorkPlan
from cultivation.services.backfill import answer_backfill, ask_to_backfill
from cultivation.services.enrollments import choose_subjects
from cultivation.services.work_items import WorkItemDraft, create_work_item
from cultivation.services.work_plans import create_work_plan
from evaluation.services.assessments import start_assessment
from reporting.models import AnnualReport
from reporting.services.backfilled_reports import backfill_report, correct_backfilled_report
from tests.evaluation.assessment_builders import publish_real
from tests.factories import login, make_actor, make_subject, make_year
from tests.reporting.moves import move_report
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 2, tzinfo=UTC)
PAPER = date(2026, 11, 27)
WHY = "11月27日网络中断，已派人送达盖章件"


@pytest.fixture
def office():
    make_year(2026)
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def city(office):
    return make_actor(Role.CITY_OFFICE)


def ask(office, matter=BackfillMatter.ANNUAL_REPORT, **values):
    defaults = {"year": make_year(2026), "paper_on": PAPER, "reason": WHY}
    return ask_to_backfill(actor=office, matter=matter, now=NOW, **defaults | values)


def consent(office, city, matter=BackfillMatter.ANNUAL_REPORT):
    asked = ask(office, matter)
    return answer_backfill(
        actor=city, request=asked, action="consent", answer="收文登记有该件，同意补录", now=NOW
    )


def enter_report(office, **values):
    defaults = {"filed_on": PAPER, "source_document": "滕劳三方〔2026〕9号"}
    return backfill_report(
        actor=office, year=make_year(2026), organization=office.organization, now=NOW, **defaults | values
    )


def test_from_1_december_a_district_cannot_enter_the_year_just_closed(office):
    with pytest.raises(DomainError, match="系统启用后的年度"):
        enter_report(office)
    url = reverse("reporting:report_backfill", args=[2026])
    with time_machine.travel(NOW, tick=False):
        client = login(Client(), office)
        assert "申请补录" in client.get(url).content.decode()
        answer = client.post(url, {"filed_on": "2026-11-27", "source_document": "滕劳三方〔2026〕9号"})
    assert answer.status_code == 422 and "系统启用后的年度" in answer.content.decode()
    assert "滕劳三方〔2026〕9号" in answer.content.decode()
    assert not AnnualReport.objects.exists()


def test_with_consent_the_day_is_the_one_the_city_consented_to(office, city):
    given = consent(office, city)
    with pytest.raises(DomainError, match="2026-11-27") as caught:
        enter_report(office, filed_on=date(2026, 11, 20))
    assert caught.value.field == "filed_on"
    report = enter_report(office)
    assert (report.consent, report.state, report.is_late) == (given, "SUBMITTED", False)
    answered = AuditEntry.objects.get(kind="BackfillRequest", action="同意补录申请")
    assert answered.reason == "收文登记有该件，同意补录"


def test_the_receipt_is_the_citys_act_with_its_own_date(office, city):
    consent(office, city)
    report = enter_report(office)
    assert report.accepted_at is None
    for action in ("accept", "send_back", "recall", "submit"):
        with pytest.raises((NotAllowed, IllegalTransition)):
            move_report(actor=office, report=report, action=action, now=NOW)
    move_report(actor=city, report=report, action="accept", now=NOW)
    assert (report.state, report.accepted_at, report.accepted_by) == ("ACCEPTED", NOW, city.user)


def test_an_entry_is_corrected_until_it_is_received_and_after_a_return(office, city):
    make_year(2024)
    common = {"actor": office, "now": NOW}
    report = backfill_report(
        year=make_year(2024),
        organization=office.organization,
        filed_on=date(2024, 12, 2),
        source_document="旧号",
        **common,
    )
    assert report.is_late
    put_right = {"filed_on": date(2024, 11, 28), "source_document": "滕劳三方〔2024〕9号"}
    correct_backfilled_report(report=report, **put_right, **common)
    report.refresh_from_db()
    assert not report.is_late and report.filings.count() == 2
    move_report(
        actor=city,
        report=report,
        action="send_back",
        now=NOW,
        comment="文号有误，请核对",
        due_on=date(2026, 12, 9),
    )
    correct_backfilled_report(
        report=report, **put_right | {"source_document": "滕劳三方〔2024〕19号"}, **common
    )
    report.refresh_from_db()
    assert (report.state, report.source_document) == ("SUBMITTED", "滕劳三方〔2024〕19号")
    move_report(actor=city, report=report, action="accept", now=NOW)
    with pytest.raises(IllegalTransition):
        correct_backfilled_report(report=report, **put_right, **common)
    assert [row.outcome for row in report.filings.all()] == ["RECALLED", "RETURNED", "ACCEPTED"]


def test_who_entered_it_and_what_the_city_said_is_on_page_and_paper(office, city):
    from reporting.documents.text import content_text
    from reporting.rules.annual_report import compose_report
    from reporting.services.report_documents import source_of

    make_year(2024)
    report = backfill_report(
        actor=office,
        year=make_year(2024),
        organization=office.organization,
        filed_on=date(2024, 11, 28),
        source_document="滕劳三方〔2024〕9号",
        now=NOW,
    )

    def printed():
        source = source_of(report, now=NOW)
        return content_text(
            compose_report(
                source.figures, source.narrative, date=source.dated.isoformat(), provenance=source.provenance
            )
        )

    assert f"{office.user.full_name}于 2026-12-03 录入" in printed() and "尚未确认收到" in printed()
    page = login(Client(), office).get(reverse("reporting:report_detail", args=[report.pk])).content.decode()
    assert "补录件：据盖章纸质报告" in page
    move_report(actor=city, report=report, action="accept", now=NOW)
    assert f"于 2026-12-03 确认收到（{city.user.full_name}）" in printed()


def test_the_way_in_the_browser(office, city):
    with time_machine.travel(NOW, tick=False):
        district = login(Client(), office)
        form = {"year": "2026", "matter": "ANNUAL_REPORT", "paper_on": "2026-11-27", "reason": WHY}
        url = reverse("cultivation:backfill_ask")
        short = district.post(url, form | {"reason": "断网"})
        assert short.status_code == 422 and "至少5个字" in short.content.decode()
        assert district.post(url, form).status_code == 302
        again = district.post(url, form)
        assert again.status_code == 422 and "已有补录申请" in again.content.decode()
        asked = BackfillRequest.objects.get()
        answer = reverse("cultivation:backfill_answer", args=[asked.pk, "consent"])
        assert district.post(answer, {"answer": "自己同意自己"}).status_code == 403
        hall = login(Client(), city)
        waiting = hall.get(reverse("reporting:inbox")).content.decode()
        assert "2026年度书面报告补录申请" in waiting and "答复补录申请" in waiting
        assert WHY in hall.get(answer).content.decode()
        assert hall.post(answer, {"answer": ""}).status_code == 422
        assert hall.post(answer, {"answer": "收文登记有该件"}).status_code == 302
        assert hall.post(answer, {"answer": "收文登记有该件"}).status_code == 409
        assert "市级已同意" in district.get(reverse("cultivation:backfill_list")).content.decode()
        entered = district.post(
            reverse("reporting:report_backfill", args=[2026]),
            {"filed_on": "2026-11-27", "source_document": "滕劳三方〔2026〕9号"},
        )
    assert entered.status_code == 302 and AnnualReport.objects.get().consent == asked


def test_a_refused_or_revoked_consent_opens_nothing(office, city):
    asked = ask(office)
    answer_backfill(actor=city, request=asked, action="refuse", answer="收文登记没有该件", now=NOW)
    with pytest.raises(DomainError, match="系统启用后"):
        enter_report(office)
    given = consent(office, city)
    answer_backfill(actor=city, request=given, action="revoke", answer="核对后日期有误", now=NOW)
    with pytest.raises(DomainError, match="系统启用后"):
        enter_report(office)


def test_asking_is_the_districts_offices_and_of_years_that_need_it(office, city):
    member = make_actor(Role.DISTRICT_MEMBER, office.organization)
    for actor in (member, city):
        with pytest.raises(NotAllowed):
            ask(actor)
    with pytest.raises(DomainError, match="不需要申请"):
        ask(office, year=make_year(2024))
    with pytest.raises(DomainError, match="之后"):
        ask(office, paper_on=date(2027, 1, 1))


# --- the siblings -------------------------------------------------------------------------------------------------------

PLAN = {"title": "方案"}


def test_a_past_plan_of_a_year_in_use_needs_consent_too(office, city):
    values = {"actor": office, "year": make_year(2026), "values": PLAN, "source_document": "档案", "now": NOW}
    with pytest.raises(DomainError, match="系统启用后"):
        create_work_plan(issued_on=PAPER, **values)
    with time_machine.travel(datetime(2027, 1, 4, 2, tzinfo=UTC), tick=False):
        client = login(Client(), office)
        form = {"title": "方案", "issued_on": "2026-11-27", "source_document": "档案"}
        assert client.post(reverse("cultivation:plan_create", args=[2026]), form).status_code == 302
    made = WorkPlan.objects.get()  # begun late, as what it is
    assert (made.state, made.backfilled) == ("DRAFT", False)
    made.delete()
    consent(office, city, BackfillMatter.WORK_PLAN)
    with pytest.raises(DomainError, match="2026-11-27"):
        create_work_plan(issued_on=date(2026, 11, 1), **values)
    assert create_work_plan(issued_on=PAPER, **values).state == "SUBMITTED"


def test_a_past_roster_of_a_year_in_use_needs_consent_too(office, city):
    subject = make_subject(office.organization)
    values = {
        "actor": office,
        "year": make_year(2026),
        "subjects": [subject],
        "backfilled": True,
        "source_document": "档案",
        "now": NOW,
    }
    with pytest.raises(DomainError, match="系统启用后"):
        choose_subjects(**values)
    assert not Enrollment.objects.exists()
    consent(office, city, BackfillMatter.ROSTER)
    assert choose_subjects(**values)[0].backfilled


def test_a_self_assessment_and_a_task_of_a_year_in_use_are_never_entered_as_past(office):
    year = make_year(2026)
    CampaignYear.objects.filter(pk=2025).update(in_use=True)
    publish_real()
    for number, marked in ((2024, True), (2025, False)):
        made = start_assessment(
            actor=office,
            subject=make_subject(office.organization),
            year=CampaignYear.objects.get(pk=number),
            now=NOW,
            entered_on_behalf_of="张三",
            source_document="纸质自评表",
        )
        assert (made.backfilled, made.source_document) == (marked, "纸质自评表")
    with pytest.raises(DomainError, match="系统启用后"):
        create_work_item(
            actor=office,
            organization=office.organization,
            year=year,
            draft=WorkItemDraft(title="任务", due_on=PAPER),
            backfilled=True,
            source_document="档案",
            now=NOW,
        )


# What a day is set for: entering it from paper asks check_backfill, or is refused for years in use.
RULED = {
    "AnnualReport",
    "WorkPlan",
    "Enrollment",
    "CultivationRoster",
    "Assessment",
    "WorkItem",
    "Rectification",
}
# What comes with a ruled row, or has no day by which it is late: the mark says only that it was entered afterwards.
FREE = {"Participation", "Subject", "ImportBatch"}
# No act enters these afterwards yet; the first that does belongs into one of the sets above.
UNWRITTEN = {"SpotCheckRound", "SpotCheck"}


def test_every_kind_of_row_that_can_be_back_filled_is_ruled_or_has_no_day():
    """A new model with 补录 says which it is: one that is due by a day must not become a way around lateness."""
    from cultivation.models.records import Record

    marked = {
        model.__name__
        for model in apps.get_models()
        if any(field.name == "backfilled" for field in model._meta.concrete_fields)
        and (model is WorkPlan or model.__name__ == "WorkItem" or not issubclass(model, Record))
    }
    assert marked == RULED | FREE | UNWRITTEN
    room = Path(settings.BASE_DIR) / "evaluation" / "services" / "spot_checks"
    assert not [path for path in room.glob("*.py") if "backfilled=True" in path.read_text("utf-8")]
    assert CultivationRoster._meta.get_field("backfilled")
