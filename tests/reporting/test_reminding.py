"""催办: said before, done, said after; only what is owed, only once a day, only people it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import EnrollmentState
from cultivation.models import Countersignature, Enrollment, SubjectContact, WorkPlan
from cultivation.selectors.todo_case import todo_case
from reporting.selectors.waiting import remindable_parts
from reporting.services import reminding
from reporting.services.reminding import ReminderPlan, plan_reminders, send_reminders
from tests.factories import login, make_actor, make_member_unit, make_subject, make_user, make_year
from tests.reporting.test_inbox import TODAY, item, visit
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, Seat, TripartiteBody
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Notification, Reminder
from zaozhuang_portal.operations.selectors.todos import list_parts

pytestmark = pytest.mark.django_db
LATE = TODAY - timedelta(days=2)


@pytest.fixture
def office():
    make_year(TODAY.year)
    return make_actor(Role.DISTRICT_OFFICE)


def rows(actor):
    return list_parts(remindable_parts(todo_case(actor, TODAY)))


def send(actor, *tokens, now=None):
    return send_reminders(todo_case(actor, TODAY), tokens, now=now or clock.now())


def test_several_at_once_with_what_is_skipped_said_before_and_after(client, office):
    member = make_actor(Role.DISTRICT_MEMBER, office.district)
    items = [item(office.district, f"任务{n}", member.user, LATE) for n in range(12)]
    for one in items[:2]:
        Reminder.objects.create(kind="WorkItem", object_id=str(one.pk), label="x", last_at=clock.now())
    login(client, office)
    chosen = [row.token for row in rows(office)]
    assert len(chosen) == 12
    shown = client.post(reverse("reporting:remind"), {"item": chosen}).content.decode()
    assert "将催办 10 项，跳过 2 项（24 小时内已催办）" in shown
    assert not Notification.objects.exists()
    after = client.post(reverse("reporting:remind"), {"item": chosen, "confirmed": "1"}, follow=True)
    words = after.content.decode()
    assert "已催办 10 项，跳过 2 项（24 小时内已催办）" in words
    assert f"已催办 1 次，上次 {TODAY}" in words
    assert Notification.objects.filter(user=member.user, kind="WorkItem").count() == 10
    assert AuditEntry.objects.filter(action="催办").count() == 10
    again = client.post(reverse("reporting:remind"), {"item": chosen, "confirmed": "1"}, follow=True)
    assert "已催办 0 项，跳过 12 项（24 小时内已催办）" in again.content.decode()
    # At the thing itself, and in the receiver's inbox.
    url = reverse("cultivation:work_item_detail", args=[items[5].pk])
    assert f"已催办 1 次，上次 {TODAY}" in client.get(url).content.decode()
    login(client, member)
    assert f"已催办 1 次，上次 {TODAY}" in client.get(reverse("reporting:inbox")).content.decode()


def test_all_of_a_list_are_chosen_by_one_press(client, office):
    member = make_actor(Role.DISTRICT_MEMBER, office.district)
    for n in range(3):
        item(office.district, f"任务{n}", member.user, LATE)
    visit(make_subject(office.district), member.user, LATE)
    login(client, office)
    shown = client.post(reverse("reporting:remind"), {"every": "1", "kind": "办理责任事项"}).content.decode()
    assert "将催办 3 项" in shown


def test_nobody_to_tell_and_gone_are_said_with_their_numbers():
    plan = ReminderPlan(recent=[], nobody=["a"], gone=2)
    assert (
        plan.words("将催办") == "将催办 0 项，跳过 3 项（没有可通知的人员账号 1 项、已办理或不再等待 2 项）"
    )
    assert ReminderPlan(ready=[("a", [])]).words("已催办") == "已催办 1 项"


def test_whom_each_kind_concerns(office):
    district = office.district
    body = TripartiteBody.objects.create(organization=district, name="三方会议", established=True)
    unit = make_member_unit(district)
    Seat.objects.create(body=body, kind="HRSS", state="FILLED", unit=unit)
    Seat.objects.create(body=body, kind="TRADE_UNION_FEDERATION", state="REPRESENTED", unit=unit)
    member = make_actor(Role.DISTRICT_MEMBER, district, member_unit=unit)
    now = clock.now()
    plan = WorkPlan.objects.create(
        organization=district, year_id=TODAY.year, title="方案", created_at=now, updated_at=now
    )
    subject = make_subject(district)
    contact = make_user()
    SubjectContact.objects.create(user=contact, subject=subject, valid_from=TODAY)
    Enrollment.objects.create(
        subject=subject, year_id=TODAY.year, organization=district, state=EnrollmentState.CONFIRMED,
        enrolled_at=now, confirmed_at=now,
    )  # fmt: skip
    nobody = item(district, "没有账号", None, LATE)
    led = item(district, "牵头单位的", None, LATE)
    led.lead_unit, led.lead_name = unit, ""
    led.save()
    visit(make_subject(district), member.user, LATE)
    found = rows(office)
    people = {
        row.part.key + (row.what if row.part.key == "late_work_items" else ""): [user.pk for user in users]
        for row, users in plan_reminders(
            todo_case(office, TODAY), [row.token for row in found], now=now
        ).ready
    }
    # One row for the unit that holds two seats.
    assert [row.part.key for row in found].count("seats_plan") == 1
    assert people == {
        "seats_plan": [member.user.pk],
        "self_not_begun": [contact.pk],
        f"late_work_items{led.title}": [member.user.pk],
        f"late_work_items{nobody.title}": [office.user.pk],
        "late_follow_ups": [member.user.pk],
    }
    Countersignature.objects.create(
        plan=plan, seat=Seat.objects.first(), opinion="AGREE", signed_by="x", signed_on=TODAY,
        signed_version=1, entered_by=member.user, entered_at=now,
    )  # fmt: skip
    assert "seats_plan" not in {row.part.key for row in rows(office)}


def test_an_unsigned_seat_says_how_often_its_unit_was_reminded(client, office):
    body = TripartiteBody.objects.create(organization=office.district, name="三方会议", established=True)
    unit = make_member_unit(office.district)
    Seat.objects.create(body=body, kind="HRSS", state="FILLED", unit=unit)
    make_actor(Role.DISTRICT_MEMBER, office.district, member_unit=unit)
    now = clock.now()
    plan = WorkPlan.objects.create(
        organization=office.district, year_id=TODAY.year, title="方案", created_at=now, updated_at=now
    )
    send(office, *(row.token for row in rows(office)))
    login(client, office)
    shown = client.get(reverse("cultivation:countersign", args=["plan", plan.pk])).content.decode()
    assert f"已催办 1 次，上次 {TODAY}" in shown


def test_the_city_reminds_the_offices_of_districts_without_plan_or_report(client, office):
    city = make_actor(Role.CITY_OFFICE)
    found = {row.part.key: row for row in rows(city) if row.target == office.district.pk}
    assert set(found) == {"plans_due", "rosters_due", "reports_due"}
    done = send(city, *(row.token for row in found.values()))
    assert len(done.ready) == 3
    assert Notification.objects.filter(user=office.user).count() == 3
    login(client, city)
    for name in ("cultivation:plan_list", "reporting:report_list"):
        assert (
            f"已催办 1 次，上次 {TODAY}" in client.get(f"{reverse(name)}?year={TODAY.year}").content.decode()
        )


def test_nobody_reminds_of_what_is_not_owed_to_it(client, office):
    stranger = make_actor(Role.DISTRICT_OFFICE)
    member = make_actor(Role.DISTRICT_MEMBER, office.district)
    item(office.district, "别区的", member.user, LATE)
    token = rows(office)[0].token
    for actor in (stranger, member):
        outcome = send(actor, token)
        assert (outcome.ready, outcome.gone) == ([], 1)
    assert not Reminder.objects.exists() and not Notification.objects.exists()
    login(client, make_actor(Role.LEADER))
    assert client.get(reverse("reporting:remind")).status_code == 403


def test_of_two_offices_at_once_one_reminds(office, monkeypatch):
    """The second one planned before the first one sent."""
    member = make_actor(Role.DISTRICT_MEMBER, office.district)
    item(office.district, "同时催", member.user, LATE)
    colleague, city = make_actor(Role.DISTRICT_OFFICE, office.district), make_actor(Role.CITY_OFFICE)
    plans = {}
    for actor in (colleague, city):
        case = todo_case(actor, TODAY)
        token = next(row.token for row in rows(actor) if row.what == "同时催")
        plans[actor.user.pk] = (case, token, plan_reminders(case, [token], now=clock.now()))
        assert len(plans[actor.user.pk][2].ready) == 1
    sent = []
    for case, token, planned in plans.values():
        monkeypatch.setattr(reminding, "plan_reminders", lambda *_, planned=planned, **__: planned)
        sent.append(send_reminders(case, [token], now=clock.now()))
    assert [len(one.ready) for one in sent] == [1, 0] and len(sent[1].recent) == 1
    assert Notification.objects.filter(user=member.user).count() == 1


def test_bad_requests_are_422_in_words(client, office):
    login(client, office)
    for data in ({}, {"item": [f"late_work_items.{n}.0" for n in range(201)]}):
        response = client.post(reverse("reporting:remind"), data)
        assert response.status_code == 422
    assert "一次最多催办 200 项，您选了 201 项" in response.content.decode()
    with pytest.raises(DomainError):
        plan_reminders(todo_case(office, TODAY), [str(n) for n in range(201)], now=clock.now())


def test_planning_costs_the_same_for_1_and_10_rows(office):
    member = make_actor(Role.DISTRICT_MEMBER, office.district)
    counts = []
    for number in (1, 10):
        for n in range(number):
            item(office.district, f"任务{number}-{n}", member.user, LATE)
        chosen = [row.token for row in rows(office)]
        with CaptureQueriesContext(connection) as queries:
            plan_reminders(todo_case(office, TODAY), chosen, now=clock.now())
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
