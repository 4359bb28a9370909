"""The yearly choice: candidates, confirmation, removal, targets and their pages."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import EnrollmentState
from cultivation.models import AnnualTarget, CampaignYear, Enrollment, Milestone, Participation
from cultivation.selectors.targets import evaluate_year_targets, roster_of
from cultivation.services.campaign import change_target, load_campaign_years
from cultivation.services.enrollments import choose_subjects, confirm_enrollments, remove_enrollment
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

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


def enroll(actor, year, *subjects, confirm=True):
    rows = choose_subjects(actor=actor, year=year, subjects=subjects, now=clock.now())
    return confirm_enrollments(actor=actor, enrollments=rows, now=clock.now()) if confirm else rows


def test_loading_years_twice_changes_nothing(district):
    first = load_campaign_years(now=clock.now())
    assert first > 0 and load_campaign_years(now=clock.now()) == 0
    assert CampaignYear.objects.count() == 5
    assert AnnualTarget.objects.filter(organization=district, year_id=2026).count() == 2
    assert Milestone.objects.filter(code="ANNUAL_REPORT").count() == 5


def test_the_numbers_and_what_stands_behind_them(office, year, district):
    firms = [make_subject(district) for _ in range(4)]
    park = make_subject(district, kind="INDUSTRIAL_PARK")
    enroll(office, year, *firms[:3], park)
    enroll(office, year, firms[3], confirm=False)
    (mine,) = [
        x for x in evaluate_year_targets(office, years=[2026], today=TODAY) if x.organization == district
    ]
    assert [t.result.quota for t in mine.targets] == ["3／4", "1／1"]
    rows = roster_of(office, year=2026, organization=district)
    assert sum(row.reason.counts for row in rows) == 4
    assert [row.reason.why for row in rows if not row.reason.counts] == ["候选，名单确认后计入"]
    assert Participation.objects.count() == 5


def test_new_and_continued_are_derived(office, district):
    last, this = make_year(2025), make_year(2026)
    old, new = make_subject(district), make_subject(district)
    enroll(office, last, old)
    enroll(office, this, old, new)
    words = {
        row.enrollment.subject: row.continuity.label
        for row in roster_of(office, year=2026, organization=district)
    }
    assert words == {old: "延续", new: "新增"}


def test_targets_of_all_years_and_districts_cost_two_statements(office, year, district):
    city = make_actor(Role.CITY_OFFICE)
    enroll(office, year, *[make_subject(district) for _ in range(3)])
    with CaptureQueriesContext(connection) as queries:
        evaluate_year_targets(city, years=[2023, 2024, 2025, 2026, 2027], today=TODAY)
    assert len(queries) == 2


def test_a_third_pilot_of_2023_warns_and_the_city_target_is_readable_by_districts(office, district):
    year = make_year(2023)
    enroll(office, year, *[make_subject(district, kind="INDUSTRY_PILOT") for _ in range(3)])
    rows = {x.organization.level: x for x in evaluate_year_targets(office, years=[2023], today=TODAY)}
    assert rows[Level.CITY].targets[0].result.warning


def test_removal_needs_a_reason_and_a_removed_subject_can_come_back(office, year, district):
    subject = make_subject(district)
    (row,) = enroll(office, year, subject)
    with pytest.raises(DomainError):
        remove_enrollment(actor=office, enrollment=row, reason=" 停产", now=clock.now())
    remove_enrollment(actor=office, enrollment=row, reason="企业已经停产", now=clock.now())
    with pytest.raises(ConflictError):
        remove_enrollment(
            actor=office, enrollment=Enrollment.objects.get(pk=row.pk), reason="企业已经停产", now=clock.now()
        )
    (again,) = choose_subjects(actor=office, year=year, subjects=[subject], now=clock.now())
    assert again.pk == row.pk and again.state == EnrollmentState.CANDIDATE


def test_the_database_keeps_one_enrollment_a_year(office, year, district):
    subject = make_subject(district)
    enroll(office, year, subject)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrollment.objects.create(subject=subject, year=year, organization=district, enrolled_at=clock.now())


@pytest.mark.parametrize(
    ("role", "choose", "confirm"),
    [
        (Role.DISTRICT_OFFICE, True, True),
        (Role.DISTRICT_MEMBER, True, False),
        (Role.CITY_OFFICE, True, True),
        (Role.CITY_MEMBER, False, False),
        (Role.LEADER, False, False),
        (Role.INSTRUCTOR, False, False),
        (Role.SYSTEM_ADMIN, False, False),
        (Role.AUDITOR, False, False),
    ],
)
def test_who_chooses_and_who_confirms(role, choose, confirm, office, year, district):
    place = {Role.DISTRICT_OFFICE: district, Role.DISTRICT_MEMBER: district, Role.INSTRUCTOR: district}.get(
        role
    )
    actor = make_actor(role, place)
    subject = make_subject(district)
    if choose:
        rows = choose_subjects(actor=actor, year=year, subjects=[subject], now=clock.now())
    else:
        with pytest.raises(NotAllowed):
            choose_subjects(actor=actor, year=year, subjects=[subject], now=clock.now())
        rows = enroll(office, year, subject, confirm=False)
    if confirm:
        assert confirm_enrollments(actor=actor, enrollments=rows, now=clock.now())
    else:
        with pytest.raises(NotAllowed):
            confirm_enrollments(actor=actor, enrollments=rows, now=clock.now())


def test_another_district_cannot_choose_or_confirm(office, year, district):
    stranger = make_actor(Role.DISTRICT_OFFICE)
    subject = make_subject(district)
    with pytest.raises(NotAllowed):
        choose_subjects(actor=stranger, year=year, subjects=[subject], now=clock.now())
    rows = enroll(office, year, subject, confirm=False)
    with pytest.raises(NotAllowed):
        confirm_enrollments(actor=stranger, enrollments=rows, now=clock.now())


def test_a_target_changes_only_with_reason_and_document(district, year):
    city = make_actor(Role.CITY_OFFICE)
    target = AnnualTarget.objects.filter(organization=district, year=year).first()
    for reason, document in (("", "枣人社字〔2026〕1号"), ("园区减少", "")):
        with pytest.raises(DomainError):
            change_target(
                actor=city,
                target=target,
                minimum=3,
                maximum=None,
                reason=reason,
                document=document,
                now=clock.now(),
            )
    change_target(
        actor=city,
        target=target,
        minimum=3,
        maximum=None,
        reason="园区减少",
        document="枣人社字〔2026〕1号",
        now=clock.now(),
    )
    assert AnnualTarget.objects.get(pk=target.pk).minimum == 3
    with pytest.raises(NotAllowed):
        change_target(
            actor=make_actor(Role.DISTRICT_OFFICE, district),
            target=target,
            minimum=1,
            maximum=None,
            reason="园区减少",
            document="x",
            now=clock.now(),
        )


def test_the_roster_in_the_browser(client, office, year, district):
    firms = [make_subject(district, name=f"候选企业{n}") for n in range(4)]
    park = make_subject(district, kind="INDUSTRIAL_PARK", name="候选园区")
    login(client, office)
    choose_url = reverse("cultivation:roster_choose", args=[2026])
    assert client.post(choose_url).status_code == 422
    assert client.post(choose_url, {"subject": [s.pk for s in (*firms, park)]}).status_code == 302
    roster_url = reverse("cultivation:roster", args=[2026])
    page = client.get(roster_url).content.decode()
    assert "进行中" in page and "候选，名单确认后计入" in page
    ids = list(Enrollment.objects.values_list("pk", flat=True))
    assert (
        client.post(reverse("cultivation:roster_confirm", args=[2026]), {"enrollment": ids}).status_code
        == 302
    )
    page = client.get(roster_url).content.decode()
    assert "达标" in page and page.count('<span class="muted">已确认的重点培育对象</span>') == 5
    remove_url = reverse("cultivation:enrollment_remove", args=[ids[0]])
    assert client.post(remove_url, {"reason": "短"}).status_code == 422
    assert client.post(remove_url, {"reason": "企业整体迁出本区"}).status_code == 302
    assert "已调出：企业整体迁出本区" in client.get(roster_url).content.decode()


def test_a_foreign_row_refuses_the_whole_batch(client, office, year, district):
    stranger = make_actor(Role.DISTRICT_OFFICE)
    (foreign,) = enroll(stranger, year, make_subject(stranger.organization), confirm=False)
    (own,) = enroll(office, year, make_subject(district), confirm=False)
    login(client, office)
    url = reverse("cultivation:roster_confirm", args=[2026])
    assert client.post(url, {"enrollment": [own.pk, foreign.pk]}).status_code == 404
    assert not Enrollment.objects.filter(state="CONFIRMED").exists()
    url = reverse("cultivation:roster_choose", args=[2026])
    assert client.post(url, {"subject": [foreign.subject_id]}).status_code == 404


def test_targets_and_calendar_pages(client, office, year):
    login(client, office)
    page = client.get(reverse("cultivation:target_list")).content.decode()
    assert "2026年度" in page and "不少于 4 个企业" in page
    assert "系统设定" in client.get(reverse("cultivation:calendar")).content.decode()
    assert client.get(reverse("cultivation:target_list") + "?year=9999").status_code == 200
