"""期限提醒: who is told what on which day; once a day however often it runs; what is done is no longer told."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cultivation.enums import WorkItemState
from cultivation.models import (
    CampaignYear,
    CultivationRoster,
    GuidanceVisit,
    Milestone,
    SubjectContact,
    WorkItem,
)
from cultivation.selectors.reminders import may_open_visit
from evaluation.models import Assessment
from reporting.models import AnnualReport, Snapshot
from reporting.services.reminder_digests import digests_of, send_digests, send_digests_at_nine
from reporting.tasks import send_reminders
from tests.cultivation.planted_faults import Ground
from tests.evaluation.assessment_builders import small_set
from tests.factories import make_actor, make_membership, make_user, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.celery import app
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.clock import SHANGHAI
from zaozhuang_portal.operations.models import Notification, ReminderDigest

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)  # seven days before 30 November
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def ground():
    make_year(2026)
    built = Ground()
    CultivationRoster.objects.create(
        organization=built.district,
        year_id=2026,
        state="CONFIRMED",
        confirmed_at=clock.start_of_day(date(2026, 3, 20)),
        revision=1,
    )
    built.enrollment.confirmed_at = clock.start_of_day(date(2026, 3, 20))
    built.enrollment.save(update_fields=["confirmed_at"])
    return built


def lines(user, day=MONDAY):
    found = digests_of(day).get(user.pk)
    return found.body.splitlines() if found else []


def test_a_district_is_told_of_its_own_report_only_until_it_is_filed(ground):
    office = make_actor(Role.DISTRICT_OFFICE, ground.district).user
    other = Ground("薛城区")
    other.enrollment.confirmed_at = ground.enrollment.confirmed_at
    other.enrollment.save(update_fields=["confirmed_at"])
    elsewhere = make_actor(Role.DISTRICT_OFFICE, other.district).user
    told = "2026年度区（市）书面报告报送市三方委员会办公室：2026年11月30日（周一），剩 7 天"
    assert lines(office) == [told] and lines(elsewhere) == [told]
    at = clock.start_of_day(MONDAY)
    AnnualReport.objects.create(
        organization=ground.district,
        year_id=2026,
        state="SUBMITTED",
        snapshot=Snapshot.objects.create(
            year_id=2026, organization=ground.district, as_of=MONDAY, figures="{}", sha256="0", taken_at=at
        ),
        created_at=at,
        prepared_at=at,
        reviewed_at=at,
        first_filed_at=at,
        submitted_at=at,
    )
    assert lines(office) == [] and lines(elsewhere) == [told]


def test_misses_are_counted_by_name_and_stop_when_done(ground):
    office = make_actor(Role.DISTRICT_OFFICE, ground.district).user
    member = make_actor(Role.DISTRICT_MEMBER, ground.district, member_unit=ground.unit).user
    day = date(2026, 6, 29)  # one day before 30 June
    told = f"2026年度每户至少开展1次指导服务（未完成：{ground.firm.name}）：2026年6月30日（周二），剩 1 天"
    assert lines(office, day) == [told] == lines(member, day)
    ground.visit_on(date(2026, 6, 28))
    assert lines(office, day) == []


def test_the_city_is_told_what_it_owes_and_never_a_districts_miss(ground):
    city = make_actor(Role.CITY_OFFICE).user
    told = "2026年度市级抽查各区（市）落实情况（未完成：全市）：2026年11月30日（周一）"
    assert lines(city) == [f"{told}，剩 7 天"]
    assert lines(city, date(2026, 12, 1)) == [f"{told}，已逾期 1 天"]
    Milestone.objects.filter(code="SPOT_CHECK", year_id=2026).update(done_on=MONDAY, done_basis="抽查通报")
    assert lines(city) == lines(city, date(2026, 12, 1)) == []
    # Nobody is reminded of a year before the portal went into use.
    assert lines(city, date(2023, 12, 28)) == []
    CampaignYear.objects.update(in_use=True)
    assert lines(city, date(2023, 12, 28)) == [
        "2023年度选取1—2个重点行业开展试点（未完成：全市）：2023年12月31日（周日），剩 3 天"
    ]


def test_who_may_not_sign_in_or_only_looks_is_told_nothing(ground):
    gone, disabled = make_user(), make_user(is_active=False)
    make_membership(gone, Role.DISTRICT_OFFICE, ground.district, valid_to=MONDAY - timedelta(days=1))
    make_membership(disabled, Role.DISTRICT_OFFICE, ground.district)
    quiet = [gone, disabled]
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR, Role.LEADER):
        quiet.append(make_actor(role, ground.district.parent).user)
    office = make_actor(Role.DISTRICT_OFFICE, ground.district).user
    for user in quiet:
        ground.record(
            WorkItem, title=f"任务{user.pk}", lead_name="单位", due_on=MONDAY, responsible_user=user
        )
    assert not set(digests_of(MONDAY)) & {user.pk for user in quiet}
    assert office.pk in digests_of(MONDAY)


def item(ground, user, **fields):
    values = {"title": "逐户走访", "lead_unit": ground.unit, "due_on": MONDAY + timedelta(days=3)}
    return ground.record(WorkItem, responsible_user=user, **(values | fields))


def test_tasks_go_to_the_person_who_answers_for_them(ground):
    person = make_actor(Role.INSTRUCTOR, ground.district).user
    colleague = make_actor(Role.INSTRUCTOR, ground.district).user
    task = item(ground, person)
    item(ground, person, title="补录的任务", backfilled=True, source_document="旧台账")
    item(ground, person, title="还早", due_on=MONDAY + timedelta(days=8))
    told = ["责任事项“逐户走访”：2026年11月26日（周四），剩 3 天"]
    assert (lines(person), lines(colleague)) == (told, [])
    assert digests_of(MONDAY)[person.pk].title == "1 项临近或已过期限"
    WorkItem.objects.filter(pk=task.pk).update(state=WorkItemState.DONE, done_on=MONDAY, progress=100)
    assert lines(person) == []


def test_overdue_is_told_one_and_three_days_later_then_no_more(ground):
    person = make_actor(Role.INSTRUCTOR, ground.district).user
    item(ground, person, due_on=date(2026, 11, 16))
    assert lines(person, date(2026, 11, 17)) == ["责任事项“逐户走访”：2026年11月16日（周一），已逾期 1 天"]
    assert lines(person, date(2026, 11, 18)) == []
    assert lines(person, date(2026, 11, 19))[0].endswith("已逾期 3 天")
    assert lines(person, date(2026, 11, 20)) == []
    # Saturday and Sunday tell nothing; what fell on them is told on Monday, once.
    item(ground, person, title="周末到期", due_on=date(2026, 11, 22))
    assert digests_of(date(2026, 11, 21)) == {} == digests_of(date(2026, 11, 22))
    assert lines(person) == ["责任事项“周末到期”：2026年11月22日（周日），已逾期 1 天"]


def test_promises_of_a_person_and_of_nobody_in_person(ground):
    office = make_actor(Role.DISTRICT_OFFICE, ground.district).user
    person = make_actor(Role.INSTRUCTOR, ground.district).user
    moved = make_actor(Role.INSTRUCTOR, Ground("薛城区").district).user
    due = MONDAY + timedelta(days=1)
    for user in (person, moved, None):
        ground.visit_on(date(2026, 11, 20), follow_up_due=due, follow_up_by=user)
    told = f"指导服务跟进“{ground.firm.name}”：2026年11月24日（周二），剩 1 天"
    assert lines(person) == [told]
    assert told in lines(office)
    # She could not open it: the promise was made where she no longer works.
    assert lines(moved) == []


@pytest.mark.parametrize(
    "role",
    ["CITY_OFFICE", "CITY_MEMBER", "DISTRICT_OFFICE", "DISTRICT_MEMBER", "TOWNSHIP_STAFF", "INSTRUCTOR"],
)
def test_who_is_told_of_a_promise_can_open_it(ground, role):
    """may_open_visit and visible_to say the same of one's own promise."""
    other = Ground("薛城区")
    for built in (ground, other):
        place = {"TOWNSHIP_STAFF": built.town, "CITY_OFFICE": None, "CITY_MEMBER": None}.get(
            role, built.district
        )
        actor = make_actor(role, place)
        for owner in (ground, other):
            for town in (owner.town, None):
                visit = owner.visit_on(
                    date(2026, 11, 1), township=town, follow_up_due=MONDAY, follow_up_by=actor.user
                )
                seen = GuidanceVisit.objects.visible_to(actor).filter(pk=visit.pk).exists()
                assert may_open_visit(actor, owner.district.pk, town and town.pk) is seen


def test_a_firm_is_told_of_its_self_assessment(ground):
    person, stranger = make_user(), make_user()
    SubjectContact.objects.create(user=person, subject=ground.firm, valid_from=date(2026, 1, 1))
    SubjectContact.objects.create(
        user=stranger, subject=ground.subject("外人公司"), valid_from=date(2026, 1, 1)
    )
    day = date(2026, 10, 30)
    told = ["开始2026年度自评：2026年10月31日（周六），剩 1 天"]
    assert lines(person, day) == told and lines(stranger, day) == []
    assessment = Assessment.objects.create(
        subject=ground.firm,
        year_id=2026,
        organization=ground.district,
        indicator_set=small_set(),
        due_on=date(2026, 10, 31),
        created_at=NINE,
        updated_at=NINE,
    )
    assert lines(person, day) == ["2026年度自评：2026年10月31日（周六），剩 1 天"]
    Assessment.objects.filter(pk=assessment.pk).update(extended_to=MONDAY, extension_reason="停产")
    assert lines(person, day) == []
    assert lines(person, date(2026, 11, 20)) == ["2026年度自评：2026年11月23日（周一），剩 3 天"]
    SubjectContact.objects.filter(user=person).update(valid_to=date(2026, 11, 1))
    assert lines(person, date(2026, 11, 20)) == []


def test_two_capacities_of_one_person_make_one_digest(ground):
    person = make_actor(Role.DISTRICT_OFFICE, ground.district).user
    make_membership(person, Role.DISTRICT_MEMBER, ground.district, member_unit=ground.unit)
    item(ground, person)
    assert digests_of(MONDAY)[person.pk].things == 2
    assert send_digests(now=NINE) == 1
    told = Notification.objects.get(user=person)
    assert (told.title, told.kind, told.object_id) == ("2 项临近或已过期限", "ReminderDigest", "2026-11-23")
    assert told.url == "/inbox/" and len(told.body.splitlines()) == 2
    entry = AuditEntry.objects.get(kind="ReminderDigest")
    assert (entry.action, entry.changes) == ("发送期限提醒", {"told": [None, 1]})


def test_a_second_run_tells_only_who_was_not_told(ground):
    person = make_actor(Role.DISTRICT_OFFICE, ground.district).user
    assert (send_digests(now=NINE), send_digests(now=NINE)) == (1, 0)
    late = make_actor(Role.DISTRICT_MEMBER, ground.district).user
    assert send_digests(now=NINE + timedelta(hours=1)) == 1
    assert {row.user for row in Notification.objects.all()} == {person, late}
    with pytest.raises(IntegrityError, match=r"one_digest_per_person_and_day|UNIQUE"), transaction.atomic():
        row = ReminderDigest.objects.first()
        ReminderDigest.objects.create(user_id=row.user_id, day=row.day, things=1, run=row.run)


def test_the_clock_sends_from_nine_once_a_day(ground):
    make_actor(Role.DISTRICT_OFFICE, ground.district)
    assert send_digests_at_nine(now=NINE - timedelta(minutes=1)) == 0
    assert send_digests_at_nine(now=NINE + timedelta(hours=2)) == 1
    make_actor(Role.DISTRICT_MEMBER, ground.district)
    assert send_digests_at_nine(now=NINE + timedelta(hours=3)) == 0
    assert send_digests_at_nine(now=NINE - timedelta(days=1)) == 0  # a Sunday


def test_beat_knows_the_task():
    entry = app.conf.beat_schedule["send-reminders"]
    app.loader.import_default_modules()
    assert app.tasks[entry["task"]].name == send_reminders.name and entry["schedule"] == 300.0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_everybody_once(ground):
    people = [make_actor(Role.DISTRICT_OFFICE, ground.district).user for _ in range(5)]
    gate, told, problems = threading.Barrier(4), [], []

    def send() -> None:
        try:
            gate.wait(10)
            told.append(send_digests(now=NINE))
        except BaseException as problem:  # handed to the main thread
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems and sum(told) == len(people)
    assert Notification.objects.count() == len(people) == ReminderDigest.objects.count()


def test_statements_do_not_grow_with_people_and_things(ground):
    def count() -> int:
        Notification.objects.all().delete()
        ReminderDigest.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            send_digests(now=NINE)
        return len(asked)

    def crowd(number: int) -> None:
        for _ in range(number):
            user = make_actor(Role.DISTRICT_OFFICE, ground.district).user
            item(ground, user, title=f"任务{user.pk}")
            ground.visit_on(date(2026, 11, 20), follow_up_due=MONDAY + timedelta(days=1), follow_up_by=user)

    crowd(2)
    count()  # the calendar of holidays is read once per process
    few = count()
    crowd(20)
    assert count() == few <= 21


def test_the_command_shows_and_sends(ground, monkeypatch):
    person = make_actor(Role.DISTRICT_OFFICE, ground.district).user
    monkeypatch.setattr(clock, "now", lambda: NINE)
    out = StringIO()
    call_command("send_reminders", "--day", "2026-11-27", "--dry-run", stdout=out)
    assert f"{person.full_name}：1 项临近或已过期限" in out.getvalue() and "剩 3 天" in out.getvalue()
    assert not Notification.objects.exists()
    with pytest.raises(CommandError, match="只能发送今天"):
        call_command("send_reminders", "--day", "2026-11-27")
    with pytest.raises(CommandError, match="不是日期"):
        call_command("send_reminders", "--day", "11月27日", "--dry-run")
    call_command("send_reminders", stdout=out)
    assert "已提醒 1 人" in out.getvalue() and Notification.objects.get().user == person
