"""The November report: figures, snapshot, narrative, workflow, filing in time and late."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from reporting.enums import ReportState
from reporting.models import AnnualReport, NarrativeSection, Snapshot
from reporting.rules.canonical import canonical_json, fingerprint
from reporting.rules.differences import find_differences
from reporting.selectors.figures import collect_figures
from reporting.selectors.reports import filing_overview
from reporting.services.annual_reports import (
    figures_of,
    open_report,
    refresh_figures,
    save_narrative,
)
from reporting.workflows import ANNUAL_REPORT
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from tests.reporting.moves import move_report
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed

pytestmark = pytest.mark.django_db
IN_TIME = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
LATE = datetime(2026, 11, 30, 16, 0, 0, tzinfo=UTC)  # 24:00 in Shanghai


@pytest.fixture
def district():
    return make_organization(Level.DISTRICT, name="滕州市")


@pytest.fixture
def office(district):
    return make_actor(Role.DISTRICT_OFFICE, district)


@pytest.fixture
def member(district):
    return make_actor(Role.DISTRICT_MEMBER, district)


@pytest.fixture
def year(district):
    return make_year(2026)


def enroll(office, year, *subjects):
    rows = choose_subjects(actor=office, year=year, subjects=subjects, now=clock.now())
    confirm_enrollments(actor=office, enrollments=rows, reason="测试增补对象", now=clock.now())


@pytest.fixture
def report(office, member, year, district):
    enroll(office, year, *[make_subject(district, name=f"企业{n}", employee_count=100 + n) for n in range(3)])
    enroll(office, year, make_subject(district, kind="TOWNSHIP", name="荆河街道"))
    return open_report(actor=member, year=year, organization=district, now=IN_TIME)


def bring_to(report, state, *, office, member, city, now=IN_TIME):
    """Walk the report to a state by its own workflow."""
    steps = {
        ReportState.DRAFT: [],
        ReportState.UNDER_REVIEW: [(member, "send_for_review")],
        ReportState.REVIEWED: [(member, "send_for_review"), (office, "approve")],
        ReportState.SUBMITTED: [(member, "send_for_review"), (office, "approve"), (office, "submit")],
        ReportState.ACCEPTED: [
            (member, "send_for_review"),
            (office, "approve"),
            (office, "submit"),
            (city, "accept"),
        ],
    }[state]
    for actor, action in steps:
        move_report(actor=actor, report=report, action=action, now=now)
    report.refresh_from_db()
    return report


def test_figures_name_the_gap_and_add_up(office, year, district, report):
    figures = figures_of(report.snapshot)
    targets = {row["metric"]: row for row in figures["targets"]}
    assert (targets["KEY_ENTERPRISES"]["actual"], targets["KEY_ENTERPRISES"]["target"]) == (3, 4)
    assert "还差 1 个" in targets["KEY_ENTERPRISES"]["sentence"]
    assert targets["KEY_PARKS_OR_TOWNSHIPS"]["completion"] == "MET"
    kinds = {row["kind"]: row for row in figures["kinds"]}
    assert kinds["ENTERPRISE"]["employee_count"] == 303
    assert sum(row["total"] for row in figures["kinds"]) == len(figures["subjects"]) == 4
    assert figures["participation"] == {"participating": 3, "expected": 3, "rate": "100.0%"}


def test_the_snapshot_is_canonical_and_its_hash_is_checked(report):
    snapshot = report.snapshot
    assert canonical_json(json.loads(snapshot.figures)) == snapshot.figures
    assert fingerprint(snapshot.figures) == snapshot.sha256
    Snapshot.objects.filter(pk=snapshot.pk).update(figures=snapshot.figures.replace("滕州市", "滕洲市"))
    snapshot.refresh_from_db()
    with pytest.raises(DomainError, match="指纹"):
        figures_of(snapshot)


def test_a_float_never_enters_a_snapshot():
    with pytest.raises(TypeError):
        canonical_json({"score": [1.5]})


def test_the_same_figures_have_the_same_hash_and_a_change_shows(office, year, district, report):
    again = refresh_figures(actor=office, report=report, now=IN_TIME)
    assert again.sha256 == AnnualReport.objects.get().snapshot.sha256
    filed = figures_of(again)
    enroll(office, year, make_subject(district, name="新来企业"))
    current = collect_figures(year=year, organization=district, as_of=clock.shanghai_date(clock.now()))
    texts = {item.label: item.text for item in find_differences(filed, current)}
    assert texts["重点培育企业"] == "与上报数不同：+1"


def test_figures_cost_a_constant_number_of_statements(office, year, district):
    counts = []
    for rows in (1, 3):
        enroll(office, year, *[make_subject(district) for _ in range(rows)])
        with CaptureQueriesContext(connection) as queries:
            collect_figures(year=year, organization=district, as_of=clock.shanghai_date(clock.now()))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_two_editors_keep_both_texts(client, office, member, report):
    save_narrative(
        actor=office, report=report, key="plans", text="甲的打算", expected_revision=0, now=IN_TIME
    )
    with pytest.raises(ConflictError):
        save_narrative(
            actor=member, report=report, key="plans", text="乙的打算", expected_revision=0, now=IN_TIME
        )
    login(client, member)
    url = reverse("reporting:narrative_edit", args=[report.pk, "plans"])
    response = client.post(url, {"text": "乙的打算", "revision": "0"})
    page = response.content.decode()
    assert response.status_code == 409 and "甲的打算" in page and "乙的打算" in page
    assert "刚刚被他人修改" in page and f"{office.user.full_name} " in page
    login(client, office)
    own = client.post(url, {"text": "丙的打算", "revision": "0"}).content.decode()
    assert "您刚刚在另一窗口已保存过" in own and "他人" not in own
    assert NarrativeSection.objects.get(report=report, key="plans").text == "甲的打算"
    assert client.post(url, {"text": "甲乙合并的打算", "revision": "1"}).status_code == 302
    assert NarrativeSection.objects.get(report=report, key="plans").text == "甲乙合并的打算"


@pytest.mark.parametrize("state", ReportState.values)
@pytest.mark.parametrize("action", ANNUAL_REPORT.actions)
@pytest.mark.parametrize(
    "role", [Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER, Role.CITY_OFFICE, Role.CITY_MEMBER, Role.LEADER]
)
def test_every_state_and_action_and_role(state, action, role, office, member, report, district):
    city = make_actor(Role.CITY_OFFICE)
    bring_to(report, state, office=office, member=member, city=city)
    actor = make_actor(role, district if role in (Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER) else None)
    declared = {t.action: t for t in ANNUAL_REPORT.transitions if state in t.sources}
    said = {"comment": "请补充典型经验", "due_on": date(2026, 12, 10)}
    if action not in declared:
        with pytest.raises(IllegalTransition):
            move_report(actor=actor, report=report, action=action, now=IN_TIME, **said)
    elif role not in declared[action].roles:
        with pytest.raises(NotAllowed):
            move_report(actor=actor, report=report, action=action, now=IN_TIME, **said)
    else:
        move_report(actor=actor, report=report, action=action, now=IN_TIME, **said)
    report.refresh_from_db()
    moved = action in declared and role in declared[action].roles
    assert report.state == (declared[action].target if moved else state)


@pytest.mark.parametrize(("now", "late"), [(IN_TIME, False), (LATE, True)])
def test_filing_until_24_shanghai_of_30_november(now, late, office, member, report):
    city = make_actor(Role.CITY_OFFICE)
    bring_to(report, ReportState.SUBMITTED, office=office, member=member, city=city, now=now)
    assert report.is_late is late


def test_the_preparer_does_not_review_and_a_return_needs_words(office, report):
    move_report(actor=office, report=report, action="send_for_review", now=IN_TIME)
    with pytest.raises(DomainError, match="同一人"):
        move_report(actor=office, report=report, action="approve", now=IN_TIME)
    with pytest.raises(DomainError, match="至少5个字"):
        move_report(actor=office, report=report, action="return_for_changes", now=IN_TIME, comment="改")


def test_a_filed_report_cannot_be_edited_and_another_district_cannot_touch_it(office, member, report):
    stranger = make_actor(Role.DISTRICT_OFFICE)
    with pytest.raises(NotAllowed):
        move_report(actor=stranger, report=report, action="send_for_review", now=IN_TIME)
    bring_to(report, ReportState.SUBMITTED, office=office, member=member, city=make_actor(Role.CITY_OFFICE))
    with pytest.raises(IllegalTransition):
        save_narrative(actor=office, report=report, key="plans", text="x", expected_revision=0, now=IN_TIME)
    with pytest.raises(IllegalTransition):
        refresh_figures(actor=office, report=report, now=IN_TIME)


def test_the_city_sees_who_has_and_who_has_not(client, office, member, report, year):
    city = make_actor(Role.CITY_OFFICE)
    other = make_organization(Level.DISTRICT, name="山亭区")
    words = lambda now: {r.organization.name: r.word for r in filing_overview(city, year=year, now=now).rows}  # noqa: E731 -- read three times below
    assert words(IN_TIME) == {"滕州市": "填报中", "山亭区": "未开始"}
    assert words(LATE)["山亭区"] == "逾期未报"
    login(client, city)
    assert client.get(reverse("reporting:report_detail", args=[report.pk])).status_code == 404
    bring_to(report, ReportState.SUBMITTED, office=office, member=member, city=city, now=LATE)
    assert words(LATE)["滕州市"] == "已报送（逾期）"
    page = client.get(reverse("reporting:report_list") + "?year=2026").content.decode()
    assert "已报送（逾期）" in page and other.name in page
    assert client.get(reverse("reporting:report_detail", args=[report.pk])).status_code == 200


def test_the_whole_way_in_the_browser_pages(client, office, member, year, district):
    login(client, member)
    start = reverse("reporting:report_current", args=[2026])
    assert client.get(start).status_code == 200 and not AnnualReport.objects.exists()
    detail = client.post(start).url
    page = client.get(detail).content.decode()
    assert "市协调劳动关系三方委员会办公室" in page and "待补充" in page
    pk = AnnualReport.objects.get().pk
    move = lambda action: reverse("reporting:report_move", args=[pk, action])  # noqa: E731 -- a URL by name
    assert client.get(move("send_for_review")).status_code == 200
    assert client.post(move("send_for_review")).status_code == 302
    assert client.post(move("send_for_review")).status_code == 409
    login(client, office)
    assert client.post(move("return_for_changes"), {"comment": "短"}).status_code == 422
    assert client.post(move("approve")).status_code == 302
    # Open 【待补充】 is not filed without a reason; what was typed stays on the page.
    short = client.post(move("submit"), {"word_GAPS": "无"})
    assert short.status_code == 422 and "请写明情况或原因" in short.content.decode()
    assert AnnualReport.objects.get().state == "REVIEWED"
    reason = {"word_GAPS": "其余段落由各成员单位补充，12月中旬前补报。"}
    assert client.post(move("submit"), reason).status_code == 302
    assert reason["word_GAPS"] in client.get(detail).content.decode()
    assert AnnualReport.objects.get().state == ReportState.SUBMITTED
    assert client.get(move("nonsense")).status_code == 404


@pytest.mark.parametrize(
    "role",
    [Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.TOWNSHIP_STAFF, Role.INSTRUCTOR, Role.LEADER, Role.AUDITOR],
)
def test_the_workbench_is_the_first_page_of_each_role(client, role, year):
    login(client, make_actor(role))
    response = client.get("/")
    assert response.status_code == 200 and "工作台" in response.content.decode()


def test_the_district_workbench_costs_five_statements(client, office, year, district):
    login(client, office)
    client.get("/")
    counts = []
    shown = []
    for rows in (3, 7, 40):  # 3, 10 and 50 chosen
        enroll(office, year, *[make_subject(district) for _ in range(rows)])
        with CaptureQueriesContext(connection) as queries:
            shown.append(client.get("/").content.decode())
        counts.append(len(queries))
    assert "3／4" in shown[0]
    assert len(set(counts)) == 1 and counts[0] <= 5, counts


def test_characters_that_would_print_as_boxes_are_shown_with_their_place(client, office, report):
    login(client, office)
    url = reverse("reporting:report_detail", args=[report.pk])
    assert "印成方框" not in client.get(url).content.decode()
    save_narrative(
        actor=office, report=report, key="plans", text="明年继续😀。", expected_revision=0, now=clock.now()
    )
    page = client.get(url).content.decode()
    assert "印成方框" in page and "“😀”，见“" in page
