"""Behind a number of the targets: rows, reasons, history; the five-year ledger in few statements."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import BackfillMatter
from cultivation.models import AnnualTarget
from cultivation.selectors.target_details import bounds_in_words, target_detail
from cultivation.selectors.targets import evaluate_year_targets, visible_targets
from cultivation.services.backfill import answer_backfill, ask_to_backfill
from cultivation.services.campaign import change_target
from cultivation.services.enrollments import choose_subjects, confirm_enrollments, remove_enrollment
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def district():
    return make_organization(Level.DISTRICT, name="滕州市")


@pytest.fixture
def office(district):
    return make_actor(Role.DISTRICT_OFFICE, district)


@pytest.fixture
def year(district):
    return make_year(2026)


def enroll(office, year, *subjects, **fields):
    rows = choose_subjects(actor=office, year=year, subjects=subjects, now=clock.now(), **fields)
    return confirm_enrollments(actor=office, enrollments=rows, reason="测试增补企业", now=clock.now())


def target_of(organization, metric="KEY_ENTERPRISES", year=2026):
    return AnnualTarget.objects.select_related("year", "organization").get(
        organization=organization, year_id=year, metric=metric
    )


def test_what_counted_what_did_not_and_why(office, year, district):
    counted = enroll(office, year, make_subject(district), make_subject(district))
    enroll(office, year, make_subject(district), is_key=False)
    (gone,) = enroll(office, year, make_subject(district))
    remove_enrollment(actor=office, enrollment=gone, reason="企业已经停产", now=clock.now())
    choose_subjects(actor=office, year=year, subjects=[make_subject(district)], now=clock.now())
    enroll(office, year, make_subject(district, kind="INDUSTRIAL_PARK"))
    detail = target_detail(office, target_of(district), today=TODAY)
    assert [item.enrollment.pk for item in detail.counted] == [row.pk for row in counted]
    assert sorted(item.reason.why for item in detail.not_counted) == sorted(
        ["参与创建，不计入重点培育", "已调出：企业已经停产", "候选，名单确认后计入"]
    )
    assert detail.result.quota == "2／4" and "还差 2 个" in detail.result.sentence
    # The page and the list show the same number.
    (listed,) = [
        item.result
        for group in evaluate_year_targets(office, years=[2026], today=TODAY)
        for item in group.targets
        if item.target.pk == detail.target.pk
    ]
    assert listed == detail.result


def test_city_pilots_list_what_the_reader_may_see_and_count_the_rest(office, district):
    year = make_year(2023)
    other = make_organization(Level.DISTRICT)
    stranger = make_actor(Role.DISTRICT_OFFICE, other)
    enroll(office, year, make_subject(district, kind="INDUSTRY_PILOT", name="本区试点"))
    enroll(stranger, year, make_subject(other, kind="INDUSTRY_PILOT", name="他区试点"))
    target = target_of(make_organization(Level.CITY), "INDUSTRY_PILOTS", 2023)
    mine = target_detail(office, target, today=TODAY)
    assert (mine.result.actual, len(mine.counted), mine.hidden) == (2, 1, 1)
    everything = target_detail(make_actor(Role.CITY_OFFICE), target, today=TODAY)
    assert (len(everything.counted), everything.hidden) == (2, 0)


def test_a_district_reads_its_own_targets_and_the_citys(office, year, district):
    make_organization(Level.DISTRICT)
    make_year(2026)
    levels = {(t.organization.level, t.organization_id) for t in visible_targets(office)}
    assert levels == {("DISTRICT", district.pk), ("CITY", make_organization(Level.CITY).pk)}
    assert not visible_targets(make_actor(Role.AUDITOR)).exists()


def test_the_history_of_a_target_tells_old_new_reason_and_document(client, office, district, year):
    city = make_actor(Role.CITY_OFFICE)
    target = target_of(district)
    for minimum, maximum, number in ((3, None, "1号"), (5, 6, "2号")):
        change_target(
            actor=city,
            target=target,
            minimum=minimum,
            maximum=maximum,
            reason="省里调整任务数",
            document=f"枣人社字〔2026〕{number}",
            now=clock.now(),
        )
    history = target_detail(office, target, today=TODAY).history
    assert [(c.old, c.new, c.document) for c in history] == [
        ("不少于 3 个", "5—6 个", "枣人社字〔2026〕2号"),
        ("不少于 4 个", "不少于 3 个", "枣人社字〔2026〕1号"),
    ]
    login(client, office)
    page = client.get(reverse("cultivation:target_detail", args=[target.pk])).content.decode()
    assert "不少于 4 个 → 不少于 3 个" in page and "省里调整任务数（枣人社字〔2026〕1号）" in page
    assert bounds_in_words(1, 2) == "1—2 个"


def test_five_years_of_all_districts_in_five_statements(client, office, year, district):
    for _ in range(3):
        make_organization(Level.DISTRICT)
    make_year(2026)
    login(client, make_actor(Role.CITY_OFFICE))
    url = reverse("cultivation:target_list") + "?year=all"
    client.get(url)
    enroll(office, year, *[make_subject(district) for _ in range(5)])
    with CaptureQueriesContext(connection) as captured:
        page = client.get(url).content.decode()
    assert len(captured) <= 5, [query["sql"] for query in captured]
    # Every cell of every year is a link: two targets a district, one of the city.
    cells = 5 * (2 * 4 + 1)
    assert page.count('href="/targets/') - page.count('href="/targets/"') >= cells
    assert "5／4" in page and "2027年" in page


def test_what_was_confirmed_after_the_day_does_not_count(office, year, district):
    enroll(office, year, *[make_subject(district) for _ in range(4)])
    asked = ask_to_backfill(
        actor=office,
        year=year,
        matter=BackfillMatter.ROSTER,
        paper_on=date(2026, 1, 3),
        reason="名单已按期纸质报送",
        now=clock.start_of_day(TODAY),
    )
    answer_backfill(
        actor=make_actor(Role.CITY_OFFICE),
        request=asked,
        action="consent",
        answer="收文登记有该件",
        now=clock.start_of_day(TODAY),
    )
    enroll(office, year, make_subject(district), backfilled=True, source_document="纸质名单")
    before = clock.start_of_day(date(2026, 1, 5))
    (mine,) = [
        group
        for group in evaluate_year_targets(office, years=[2026], today=date(2026, 1, 4), until=before)
        if group.organization == district
    ]
    assert mine.targets[0].result.actual == 1
