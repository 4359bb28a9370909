"""Contradictions are caught before signing: a word or a mend, stored, in 四、存在问题, and no way around by POST."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cultivation.models import Enrollment, Mediation
from reporting.enums import ReportState
from reporting.models import AnnualReport, ReportExplanation
from reporting.permissions import may_read_paper
from reporting.rules.annual_report import compose_report
from reporting.rules.contradictions import find_points, open_gaps, point_facts, problem_points
from reporting.selectors.report_points import points_of
from reporting.selectors.reports import document_jobs
from reporting.services.annual_reports import figures_of, move_report, open_report, refresh_figures
from reporting.services.report_documents import ANNUAL_REPORT_JOB, JOB_KIND, request_documents
from reporting.services.report_explanations import Unexplained
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from tests.reporting.sample_figures import full_figures
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.permissions import may_use_result

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
WORD = "已与台账核对，情况属实。"


def clean() -> Any:
    """Figures that contradict nothing."""
    figures: Any = copy.deepcopy(full_figures())
    for row in figures["assessments"]:
        row["passed"] = row["verified"]
    for row in figures["subjects"]:
        row["employee_count"] = row["employee_count"] or 10
    figures["participation"] = {"participating": 500, "expected": 600, "rate": "83.3%"}
    figures["roster"] = {"confirmed": True, "seats": 4, "unsigned": [], "stale": []}
    known = figures["activities"]
    known["mechanism"]["coordinators"] = 100
    known["points"]["visitors"] = 10_000
    known["period"] = {"label": "全年", "code": "YEAR", "lines": []}
    return figures


def line(code: str, numerator: str, denominator: str = "") -> dict[str, str]:
    return {
        "code": code, "group": "劳动争议", "label": code, "numerator": numerator, "denominator": denominator,
        "unit": "件", "rate": "",
    }  # fmt: skip


def codes(figures: Any) -> list[str]:
    return [point.code for point in find_points(figures)]


def spoil(figures: Any, what: str) -> None:
    known = figures["activities"]
    period, cases = known["period"]["lines"], known["mediations"]
    settled = sum(row["counts"][cases["outcomes"].index("调解成功")] for row in cases["lines"])
    match what:
        case "ROSTER_UNSIGNED":
            figures["roster"]["unsigned"] = ["总工会"]
        case "ROSTER_NO_SEATS":
            figures["roster"]["seats"] = 0
        case "PARTICIPATION_OVER":
            figures["participation"]["expected"] = 499
        case "PARTICIPATION_UNDER":
            figures["participation"]["participating"] = 0
        case "STAFF_PARTIAL":
            next(row for row in figures["subjects"] if row["kind"] == "ENTERPRISE")["employee_count"] = None
        case "FAILED_ENTERPRISE":
            figures["assessments"][0] |= {"kind": "ENTERPRISE", "verified": 6, "passed": 2}
        case "PARKS_OUTSIDE":
            known["mechanism"]["outside_parks"] = ["官桥工业园"]
        case "COORDINATORS_FEWER":
            known["mechanism"]["coordinators"] = known["mechanism"]["coordinated"]["numerator"] - 1
        case "ITEMS_WITHOUT_PLAN":
            known["work"] |= {"plan_state": "", "items": 3}
        case "MEDIATION_DOUBLES":
            cases["doubles"] = ["2026年3月劳动报酬调解成功既有按月汇总 5 件，又有逐件登记 2 件"]
        case "ADVISORY_DOUBLES":
            known["advisories"]["doubles"] = ["2026年3月劳动报酬当场答复既有按月汇总 5 件，又有逐件登记 2 件"]
        case "POINTS_VISITORS":
            known["points"]["visitors"] = 0
        case "CLOSED_OVER_ACCEPTED":
            period += [line("DISPUTES_ACCEPTED", "5000"), line("DISPUTES_CLOSED", "5001", "5001")]
        case "OWED_UNDER_ACCEPTED":
            period += [line("DISPUTES_ACCEPTED", "5,000.00"), line("DISPUTES_CLOSED", "40", "4999")]
        case "CLOSED_TWICE":
            period += [line("DISPUTES_CLOSED", "40", "50"), line("DISPUTES_SETTLED", str(settled), "41")]
        case "SETTLED_TWICE":
            period += [line("DISPUTES_SETTLED", str(settled + 1), "")]
        case "LEDGER_OVER_ACCEPTED":
            period += [line("DISPUTES_ACCEPTED", str(cases["total"] - 1))]


ALL = (
    "ROSTER_UNSIGNED", "ROSTER_NO_SEATS", "PARTICIPATION_OVER", "PARTICIPATION_UNDER", "STAFF_PARTIAL",
    "FAILED_ENTERPRISE", "PARKS_OUTSIDE", "COORDINATORS_FEWER", "ITEMS_WITHOUT_PLAN", "MEDIATION_DOUBLES",
    "ADVISORY_DOUBLES", "POINTS_VISITORS", "CLOSED_OVER_ACCEPTED", "OWED_UNDER_ACCEPTED", "CLOSED_TWICE",
    "SETTLED_TWICE", "LEDGER_OVER_ACCEPTED",
)  # fmt: skip


def test_what_agrees_needs_no_word() -> None:
    assert codes(clean()) == [] and problem_points(clean()) == () and open_gaps([]) == ()


@pytest.mark.parametrize("what", ALL)
def test_each_contradiction_is_found_and_named_as_a_problem(what: str) -> None:
    figures = clean()
    spoil(figures, what)
    assert what in codes(figures)
    point = next(point for point in find_points(figures) if point.code == what)
    assert point.mend.startswith(("请", "应", "重点")) and point.problem.endswith("。")
    problems = next(s for s in compose_report(figures, {}, date="2026-11-20").sections if s.key == "problems")
    assert point.problem in problems.drafted
    assert isinstance(point_facts(figures), list)


def test_four_of_six_failed_is_said_so() -> None:
    figures = clean()
    spoil(figures, "FAILED_ENTERPRISE")
    assert "经核验的重点培育企业6家中，4家未达到标准。" in problem_points(figures)


# --- the steps -------------------------------------------------------------------------------------------------------


@pytest.fixture
def report(db: Any) -> AnnualReport:
    """Of a district whose ledger counts one mediation twice and whose roster nobody could sign."""
    district = make_organization(Level.DISTRICT)
    year = make_year()
    Enrollment.objects.create(
        subject=make_subject(district, employee_count=10), year=year, organization=district,
        state="CONFIRMED", enrolled_at=NOW, confirmed_at=NOW,
    )  # fmt: skip
    for tally in (True, False):
        Mediation.objects.create(
            organization=district, year=year, happened_on=date(2026, 3, 1), topic="PAY",
            outcome="SETTLED", tally=tally, count=1, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
    member = make_actor(Role.DISTRICT_MEMBER, district)
    return open_report(actor=member, year=year, organization=district, now=NOW)


def asked(report: AnnualReport) -> list[str]:
    return [row.point.code for row in points_of(report, figures_of(report.snapshot), gaps=False)]


def test_every_step_needs_a_word_or_a_mend(report: AnnualReport) -> None:
    member, office = (
        make_actor(role, report.organization) for role in (Role.DISTRICT_MEMBER, Role.DISTRICT_OFFICE)
    )
    found = asked(report)
    assert found == ["PARTICIPATION_UNDER", "MEDIATION_DOUBLES"]
    for words in (
        {},
        {found[0]: WORD},
        {found[0]: WORD, found[1]: "四个字呀"},
        dict.fromkeys(found, "字" * 501),
    ):
        with pytest.raises(Unexplained) as refused:
            move_report(actor=member, report=report, action="send_for_review", now=NOW, words=words)
        assert set(refused.value.missing) <= set(found) and refused.value.missing
        assert not ReportExplanation.objects.exists()
    move_report(
        actor=member, report=report, action="send_for_review", now=NOW, words=dict.fromkeys(found, WORD)
    )
    stored = list(ReportExplanation.objects.values_list("code", "text", "written_by", "written_at"))
    assert stored == [(code, WORD, member.user.pk, NOW) for code in found]
    # The reviewer's own word stands beside it; without one the preparer's holds.
    better = {found[0]: "企业已补登记参与创建，下月更新。"}
    move_report(actor=office, report=report, action="approve", now=NOW, words=better)
    assert ReportExplanation.objects.count() == 3
    with pytest.raises(Unexplained) as refused:
        move_report(actor=office, report=report, action="submit", now=NOW)
    assert set(refused.value.missing) == {"GAPS"}
    assert AnnualReport.objects.get().state == ReportState.REVIEWED
    move_report(actor=office, report=report, action="submit", now=NOW, words={"GAPS": "各单位材料下月报齐。"})
    assert AnnualReport.objects.get().state == ReportState.SUBMITTED


def test_a_mend_needs_no_word_and_other_numbers_ask_again(report: AnnualReport) -> None:
    member = make_actor(Role.DISTRICT_MEMBER, report.organization)
    words = dict.fromkeys(asked(report), WORD)
    move_report(actor=member, report=report, action="send_for_review", now=NOW, words=words)
    move_report(actor=member, report=report, action="withdraw", now=NOW)
    Mediation.objects.filter(tally=True).update(count=7)
    refresh_figures(actor=member, report=report, now=NOW)
    with pytest.raises(Unexplained) as refused:
        move_report(actor=member, report=report, action="send_for_review", now=NOW)
    assert set(refused.value.missing) == {"MEDIATION_DOUBLES"}
    Mediation.objects.filter(tally=True).update(removed_at=NOW)
    refresh_figures(actor=member, report=report, now=NOW)
    move_report(actor=member, report=report, action="send_for_review", now=NOW)


def test_by_post_and_on_the_page(client: Client, report: AnnualReport) -> None:
    member, office = (
        make_actor(role, report.organization) for role in (Role.DISTRICT_MEMBER, Role.DISTRICT_OFFICE)
    )
    found = asked(report)
    move = {
        name: reverse("reporting:report_move", args=[report.pk, name])
        for name in ("send_for_review", "approve", "submit")
    }
    login(client, member)
    page = client.get(move["send_for_review"]).content.decode()
    assert "需说明的事项" in page and "既有按月汇总" in page
    kept = client.post(move["send_for_review"], {f"word_{found[0]}": WORD})
    assert (
        kept.status_code == 422
        and WORD in kept.content.decode()
        and "请写明情况或原因" in kept.content.decode()
    )
    assert AnnualReport.objects.get().state == ReportState.DRAFT
    typed = {f"word_{code}": WORD for code in found}
    assert client.post(move["send_for_review"], typed).status_code == 302
    login(client, office)
    assert "已说明" in client.get(move["approve"]).content.decode()
    assert client.post(move["approve"]).status_code == 302
    assert client.post(move["submit"], {"word_GAPS": "各单位材料下月报齐。"}).status_code == 302
    login(client, make_actor(Role.CITY_OFFICE))
    city = client.get(reverse("reporting:report_detail", args=[report.pk])).content.decode()
    assert "各单位材料下月报齐。" in city and WORD in city and "处待补充" in city


def test_the_reviewer_reads_the_preparers_papers(client: Client, report: AnnualReport) -> None:
    member, office = (
        make_actor(role, report.organization) for role in (Role.DISTRICT_MEMBER, Role.DISTRICT_OFFICE)
    )
    stranger = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    city = make_actor(Role.CITY_OFFICE)
    (job,) = request_documents(actor=member, report=report, formats=["pdf"], now=NOW)
    assert not document_jobs(office, report, kind=JOB_KIND)
    files = [{"uid": "00000000-0000-0000-0000-000000000001", "label": "报告.pdf", "size": 1}]
    Job.objects.filter(pk=job.pk).update(
        state=JobState.DONE, result={"files": files}, started_at=NOW, finished_at=NOW, expires_at=NOW
    )
    job.refresh_from_db()
    (paper,) = document_jobs(office, report, kind=JOB_KIND)
    assert (paper.mine, paper.outdated, paper.job) == (False, False, job)
    login(client, office)
    for page in ("reporting:report_detail", "reporting:report_jobs"):
        text = client.get(reverse(page, args=[report.pk])).content.decode()
        assert "下载 报告.pdf" in text and member.user.full_name in text
    assert may_use_result(member, job) and may_use_result(office, job)
    assert not may_use_result(stranger, job) and not may_use_result(city, job)
    assert ANNUAL_REPORT_JOB.shared(office, job.parameters)
    # The city: what was made of the filed figures, not of a draft.
    filed = {"state": ReportState.SUBMITTED, "snapshot": report.snapshot_id}
    assert may_read_paper(city, report, filed)
    assert not may_read_paper(city, report, filed | {"snapshot": 0})
    with pytest.raises(DomainError):
        ANNUAL_REPORT_JOB.allow(stranger, job.parameters)


def test_a_year_that_has_not_begun_offers_nothing_to_begin(
    client: Client, monkeypatch: pytest.MonkeyPatch, db: Any
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    district = make_organization(Level.DISTRICT)
    make_year(2027)
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    url = reverse("reporting:report_current", args=[2027])
    assert "2027年度统计期从 2026-12-01 开始" in client.get(url).content.decode()
    assert client.post(url).status_code >= 400
    assert not AnnualReport.objects.exists()
