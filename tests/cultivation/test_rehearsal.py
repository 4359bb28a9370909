"""时限预演: who would miss what on a day of one's choice; dated records after it do not count; nothing is written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import AnnualTarget, CampaignYear, CultivationRoster, Enrollment, WorkItem, WorkPlan
from cultivation.rules.targets import Completion
from cultivation.selectors.data_checks import Scope, scope_of
from cultivation.selectors.rehearsal import rehearse
from cultivation.services.campaign import load_campaign_years
from evaluation.models import Assessment
from tests.cultivation.planted_faults import Ground
from tests.factories import login, make_actor, make_organization, make_subject, make_user, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
CHOSEN_ON = date(2026, 3, 20)
PAIRED_ON = date(2026, 3, 1)
VISITED_ON = date(2026, 11, 10)


@pytest.fixture
def ground():
    make_year(2026)
    built = Ground()
    make_year(2026)
    at = clock.start_of_day(CHOSEN_ON)
    Enrollment.objects.update(confirmed_at=at)
    CultivationRoster.objects.create(
        organization=built.district, year_id=2026, state="CONFIRMED", confirmed_at=at, revision=1
    )
    return built


def misses(ground, day, *, actor=None):
    actor = actor or make_actor(Role.DISTRICT_OFFICE, ground.district)
    rehearsal = rehearse(actor, scope_of(actor), day=day)
    states = [state for milestone in rehearsal.milestones for state in milestone.items] + rehearsal.standing
    return {state.item.code: [miss.label for miss in state.misses] for state in states}


def ask_only_one_firm(ground):
    targets = AnnualTarget.objects.filter(organization=ground.district)
    targets.exclude(metric="KEY_ENTERPRISES").delete()
    targets.update(minimum=1)


def test_the_roster_counts_from_the_day_of_its_confirmation(ground):
    assert misses(ground, CHOSEN_ON - timedelta(days=1))["ROSTER"] == ["滕州市"]
    assert misses(ground, CHOSEN_ON)["ROSTER"] == ["滕州市"], "4 firms and 1 park or township are asked"
    ask_only_one_firm(ground)
    assert misses(ground, CHOSEN_ON)["ROSTER"] == []


def test_a_visit_counts_from_its_day(ground):
    firm = ground.firm.name
    assert misses(ground, VISITED_ON - timedelta(days=1))["FIRST_VISIT"] == [firm]
    assert misses(ground, VISITED_ON)["FIRST_VISIT"] == []
    # Before the roster was confirmed nobody was chosen, so nobody is missed.
    assert misses(ground, CHOSEN_ON - timedelta(days=1))["FIRST_VISIT"] == []


def test_a_pairing_counts_while_it_is_in_force(ground):
    ground.pairing.ends_on = date(2026, 8, 31)
    ground.pairing.save(update_fields=["ends_on"])
    assert misses(ground, date(2026, 8, 31))["PAIRING"] == []
    assert misses(ground, date(2026, 9, 1))["PAIRING"] == [ground.firm.name]


def test_the_plan_counts_once_it_is_submitted(ground):
    assert misses(ground, date(2026, 5, 2))["PLAN"] == ["滕州市"]
    submitted = clock.start_of_day(date(2026, 5, 2))
    WorkPlan.objects.filter(pk=ground.plan.pk).update(
        state="SUBMITTED", first_submitted_at=submitted, submitted_at=submitted
    )
    assert misses(ground, date(2026, 5, 1))["PLAN"] == ["滕州市"]
    assert misses(ground, date(2026, 5, 2))["PLAN"] == []


def test_work_items_and_follow_ups_are_overdue_on_the_day_even_if_done_later(ground):
    item = ground.record(WorkItem, title="任务甲", lead_unit=ground.unit, due_on=date(2026, 6, 30))
    visit = ground.visit_on(date(2026, 6, 1), follow_up_due=date(2026, 6, 15))
    assert misses(ground, date(2026, 6, 30))["WORK_ITEMS"] == []
    assert misses(ground, date(2026, 7, 1))["WORK_ITEMS"] == ["任务甲"]
    WorkItem.objects.filter(pk=item.pk).update(state="DONE", done_on=date(2026, 7, 20), progress=100)
    type(visit).objects.filter(pk=visit.pk).update(follow_up_done_on=date(2026, 7, 20))
    assert misses(ground, date(2026, 7, 19))["WORK_ITEMS"] == ["任务甲"]
    assert misses(ground, date(2026, 7, 20))["WORK_ITEMS"] == []
    assert misses(ground, date(2026, 6, 15))["FOLLOW_UPS"] == []
    assert misses(ground, date(2026, 7, 19))["FOLLOW_UPS"] == [ground.firm.name]
    assert misses(ground, date(2026, 7, 20))["FOLLOW_UPS"] == []


def test_pilots_are_judged_city_wide(ground):
    city = make_actor(Role.CITY_OFFICE)
    make_year(2023)
    assert misses(ground, date(2023, 12, 30), actor=city)["PILOTS"] == ["全市"]
    assert misses(ground, date(2023, 12, 30))["PILOTS"] == []
    assert misses(ground, date(2024, 12, 30), actor=city)["PILOT_SUMMARY"] == [ground.pilot.name]


def test_self_assessments_and_reports_come_from_the_upper_apps(ground):
    found = misses(ground, date(2026, 11, 28))
    assert found["SELF_ASSESSMENT"] == [ground.firm.name]
    assert found["ANNUAL_REPORT"] == ["滕州市"]
    assert not Assessment.objects.exists()


def test_milestones_tell_days_and_targets_stand_as_on_that_day(ground):
    actor = make_actor(Role.DISTRICT_OFFICE, ground.district)
    rehearsal = rehearse(actor, scope_of(actor), day=date(2026, 11, 28))
    words = {state.milestone.code: str(state.deadline) for state in rehearsal.milestones}
    assert "剩 2 天" in words["ANNUAL_REPORT"] and "已逾期 28 天" in words["SELF_ASSESSMENT"]
    judged = {state.milestone.code: bool(state.items) for state in rehearsal.milestones}
    assert judged["ANNUAL_REPORT"] and judged["SPOT_CHECK"]
    for day, actual, completion in (
        (CHOSEN_ON - timedelta(days=1), 0, Completion.IN_PROGRESS),
        (CHOSEN_ON, 1, Completion.IN_PROGRESS),
        (date(2027, 1, 1), 0, Completion.IN_PROGRESS),  # another year's targets
    ):
        (targets,) = rehearse(actor, scope_of(actor), day=day).targets
        assert (targets.targets[0].result.actual, targets.completion) == (actual, completion)


def test_backfilled_choices_are_not_missed(ground):
    Enrollment.objects.update(backfilled=True, source_document="纸质")
    found = misses(ground, date(2026, 10, 1))
    assert found["FIRST_VISIT"] == found["PAIRING"] == found["SELF_ASSESSMENT"] == []


def test_another_district_is_not_seen(ground):
    stranger = make_actor(Role.DISTRICT_OFFICE)
    make_year(2026)
    found = misses(ground, date(2026, 11, 28), actor=stranger)
    assert all("滕州" not in label for labels in found.values() for label in labels)
    assert found["ROSTER"] == [stranger.organization.name]


def test_before_the_years_are_loaded_there_is_nothing_to_rehearse():
    CampaignYear.objects.all().delete()
    assert rehearse(make_actor(Role.CITY_OFFICE), Scope(), day=date(2026, 1, 1)) is None


def row_counts():
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_it_writes_nothing(client, ground):
    login(client, make_actor(Role.CITY_OFFICE))
    url = reverse("cultivation:rehearsal")
    client.get(url)  # the session notes its first request
    before = row_counts()
    with CaptureQueriesContext(connection) as captured:
        for day in ("2025-11-28", "2026-12-30", "2027-12-31"):
            assert client.get(url, {"day": day}).status_code == 200
    assert row_counts() == before
    writing = [query["sql"] for query in captured if not query["sql"].upper().startswith("SELECT")]
    assert not writing


def test_statements_do_not_grow(client, ground):
    login(client, make_actor(Role.CITY_OFFICE))
    url = reverse("cultivation:rehearsal") + "?day=2026-11-28"
    client.get(url)
    counts = []
    for number in range(2):
        district = make_organization(Level.DISTRICT)
        make_year(2026)
        ground.record(WorkItem, title=f"任务{number}", lead_unit=ground.unit, due_on=date(2026, 6, 30))
        firm = make_subject(district)
        Enrollment.objects.create(
            subject=firm,
            year_id=2026,
            organization=district,
            state="CONFIRMED",
            enrolled_at=clock.now(),
            confirmed_at=clock.start_of_day(CHOSEN_ON),
        )
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 19, counts


def test_the_workbench_learns_which_dates_are_kept(client, ground, monkeypatch):
    """A date that was kept never shows as overdue; one that was missed says how many and where."""
    load_campaign_years(now=clock.now())
    ask_only_one_firm(ground)
    november = clock.start_of_day(date(2026, 11, 5))
    monkeypatch.setattr(clock, "now", lambda: november)
    login(client, make_actor(Role.DISTRICT_OFFICE, ground.district))
    url = reverse("cultivation:milestone_states")
    first = client.get("/").content.decode()
    assert url in first and "已逾期" not in first.split('id="h-due"')[1].split("</section>")[0]
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(url).content.decode()
    lines = {line.split("：")[0]: line for line in page.split("<li>")[1:]}
    assert "已完成" in lines["确定年度重点培育名单"] and "逾期" not in lines["确定年度重点培育名单"]
    assert "1 项未完成" in lines["每户至少开展1次指导服务"] and "逾期" in lines["每户至少开展1次指导服务"]
    assert len(captured) <= 12


@pytest.mark.parametrize(
    ("typed", "words"),
    [("明天", "明天"), ("2019-01-01", "不在活动期间"), ("2025-02-30", "2025-02-30")],
)
def test_a_day_that_cannot_be_read_stays_in_the_box(client, ground, typed, words):
    login(client, make_actor(Role.DISTRICT_OFFICE, ground.district))
    answer = client.get(reverse("cultivation:rehearsal"), {"day": typed})
    page = answer.content.decode()
    assert answer.status_code == 422 and f'value="{typed}"' in page and words in page


@pytest.mark.parametrize(
    "role", [Role.CITY_MEMBER, Role.DISTRICT_MEMBER, Role.LEADER, Role.INSTRUCTOR, Role.TOWNSHIP_STAFF]
)
def test_every_link_of_a_miss_opens_for_its_reader(client, ground, role):
    ground.record(WorkItem, title="任务", lead_unit=ground.unit, due_on=date(2026, 6, 30))
    ground.visit_on(date(2026, 6, 1), follow_up_due=date(2026, 6, 15))
    place = {Role.TOWNSHIP_STAFF: ground.town, Role.CITY_MEMBER: None}.get(role, ground.district)
    actor = make_actor(role, place, user=make_user())
    if role == Role.INSTRUCTOR:
        type(ground.pairing).objects.update(person=actor.user)
    else:
        type(ground.pairing).objects.update(ends_on=date(2026, 8, 31))
    login(client, actor)
    rehearsal = rehearse(actor, scope_of(actor), day=date(2026, 10, 31))
    opened = 0
    for state, _ in rehearsal.with_misses:
        if state.linked:
            for miss in state.misses:
                assert client.get(miss.url).status_code == 200, (state.item.code, miss.url)
                opened += 1
    assert opened


def test_a_township_is_judged_with_its_district_and_gets_no_verdict(client, ground):
    CultivationRoster.objects.all().delete()
    staff = make_actor(Role.TOWNSHIP_STAFF, ground.town)
    assert misses(ground, CHOSEN_ON, actor=staff)["ROSTER"] == ["滕州市"]
    login(client, staff)
    assert reverse("cultivation:milestone_states") not in client.get("/").content.decode()
    assert client.get(reverse("cultivation:milestone_states")).status_code == 403
