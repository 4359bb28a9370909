"""The inbox: the number on the workbench is the number of rows; one goes from thing to thing; nothing is told twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import CampaignYear, GuidanceVisit, SubjectTransfer, WorkItem, WorkPlan
from cultivation.selectors.todo_case import todo_case
from cultivation.services.work_items import move_work_item
from evaluation.models import Assessment
from reporting.demo.accounts import DEMO_SIGN_INS
from reporting.models import AnnualReport
from reporting.selectors.drafts import draft_parts
from reporting.selectors.inbox import InboxFilter, find_todo, load_inbox, next_todo, page_of, place_of
from reporting.selectors.todos import todo_parts
from reporting.selectors.waiting import owed_parts, remindable_parts, sent_parts
from reporting.selectors.workbench import load_workbench
from tests.factories import (
    login,
    make_actor,
    make_member_unit,
    make_membership,
    make_organization,
    make_subject,
    make_year,
)
from zaozhuang_portal.accounts.actors import Actor, list_capacities
from zaozhuang_portal.accounts.enums import ADMIN_ROLES, Level, Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Notification, Reminder
from zaozhuang_portal.operations.selectors.todos import count_parts, list_parts

pytestmark = pytest.mark.django_db
TODAY = clock.shanghai_date(clock.now())


@pytest.fixture
def year():
    return make_year(TODAY.year)


@pytest.fixture
def office(year):
    return make_actor(Role.DISTRICT_OFFICE)


def item(organization, title, user=None, due=TODAY, **values):
    now = clock.now()
    return WorkItem.objects.create(
        organization=organization,
        year_id=TODAY.year,
        title=title,
        lead_name="人社局",
        due_on=due,
        responsible_user=user,
        responsible_person=user.full_name if user else "",
        created_at=now,
        updated_at=now,
        **values,
    )


def visit(subject, user, due=TODAY):
    now = clock.now()
    return GuidanceVisit.objects.create(
        subject=subject,
        organization=subject.managing_organization,
        year_id=TODAY.year,
        happened_on=due - timedelta(days=10),
        topic="回访",
        follow_up_due=due,
        follow_up_by=user,
        created_at=now,
        updated_at=now,
    )


def tokens(actor, chosen=None):
    inbox = load_inbox(todo_case(actor, TODAY), chosen or InboxFilter(), today=TODAY, cursor="")
    return [row.what for row in inbox.page.rows]


def page(client, name, **query):
    response = client.get(reverse(f"reporting:{name}"), query)
    assert response.status_code == 200
    return response.content.decode()


# --- one truth ------------------------------------------------------------------------------------------------------


def test_for_each_demo_role_the_count_of_each_kind_is_the_number_of_its_rows(client):
    call_command("seed_demo", enterprises=105, verbosity=0)
    seen: set[str] = set()
    for entry in DEMO_SIGN_INS:
        user = User.objects.get(username=entry.username)
        actor = Actor(user, list_capacities(user)[0])
        case = todo_case(actor, TODAY)
        parts = todo_parts(case)
        counts = count_parts(parts)
        rows = list_parts(parts)
        assert counts == [sum(row.part is part for row in rows) for part in parts], entry.username
        assert len({row.token for row in rows}) == len(rows)
        board = load_workbench(actor, year=TODAY.year, today=TODAY)
        assert [todo.count for todo in board.todos] == [count for count in counts if count]
        login(client, actor)
        if actor.role not in ADMIN_ROLES:
            assert client.get(reverse("reporting:inbox_badge")).content.decode() == str(len(rows) or "")
        # Each row leads to a page this person may use, once per kind.
        for row in {row.part.key: row for row in rows}.values():
            assert client.get(row.url).status_code == 200, (entry.username, row.url)
        for part in [*sent_parts(case, finished=True), *owed_parts(case), *draft_parts(case)]:
            for row in list_parts([part])[:1]:
                assert client.get(row.url).status_code == 200, (entry.username, row.url)
        seen |= {part.key for part, count in zip(parts, counts, strict=True) if count}
    assert {"reviews", "candidates", "confirmations", "reports_submitted", "follow_ups_overdue"} <= seen


def test_rows_are_sorted_by_deadline_none_last_and_filtered(office):
    subject = make_subject(office.district)
    visit(subject, office.user, TODAY - timedelta(days=3))
    item(office.district, "后办", office.user, TODAY + timedelta(days=5))
    item(office.district, "先办", office.user, TODAY - timedelta(days=9))
    own = tokens(office)
    assert [own.index(word) for word in ("先办", subject.name, "后办")] == sorted(
        own.index(word) for word in ("先办", subject.name, "后办")
    )
    assert own[-3:] == [f"{year}年度资料待补录" for year in (2023, 2024, 2025)], "nobody is late with these"
    late = tokens(office, InboxFilter(late=True))
    assert "先办" in late and "后办" not in late and own[-1] not in late
    assert tokens(office, InboxFilter(kind="work_items")) == ["先办", "后办"]


def test_an_office_sees_overdue_items_of_others_once_and_a_colleague_does_not(office, year):
    member = make_actor(Role.DISTRICT_MEMBER, office.district)
    item(office.district, "同事的", member.user, TODAY - timedelta(days=1))
    item(office.district, "自己的", office.user, TODAY - timedelta(days=1))
    assert tokens(office).count("同事的") == tokens(office).count("自己的") == 1
    assert "自己的" not in tokens(member) and tokens(member).count("同事的") == 1
    other = make_actor(Role.DISTRICT_OFFICE)
    assert "同事的" not in tokens(other)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("SUBMITTED", "plans_submitted"),
        ("RETURNED", "plans_returned"),
        ("DRAFT", "plans_draft"),
        ("ACCEPTED", ""),
    ],
)
def test_a_plan_waits_for_exactly_one_side(office, year, state, expected):
    now = clock.now()
    sent = {} if state == "DRAFT" else {"first_submitted_at": now, "submitted_at": now}
    decided = {"decided_at": now} if state in {"RETURNED", "ACCEPTED"} else {}
    WorkPlan.objects.create(
        organization=office.district, year=year, title="方案", state=state, created_at=now, updated_at=now,
        return_reason="请补充时间安排" if state == "RETURNED" else "", **sent, **decided,
    )  # fmt: skip
    city = make_actor(Role.CITY_OFFICE)
    found = {
        row.part.key
        for actor in (office, city, make_actor(Role.DISTRICT_MEMBER, office.district))
        for row in list_parts(todo_parts(todo_case(actor, TODAY)))
        if row.part.key.startswith("plans")
    }
    assert found == ({expected} if expected else set())


def test_a_transfer_waits_for_the_other_side_and_for_the_city_when_nobody_is_there(office, year):
    target = make_organization(Level.DISTRICT)
    subject = make_subject(office.district)
    SubjectTransfer.objects.create(
        subject=subject, from_organization=office.district, to_organization=target,
        requesting_organization=office.district, reason="企业迁址", requested_at=clock.now(),
        requested_by=office.user,
    )  # fmt: skip
    city = make_actor(Role.CITY_OFFICE)
    assert subject.name in tokens(city, InboxFilter(kind="transfers"))
    there = make_actor(Role.DISTRICT_OFFICE, target)
    assert subject.name not in tokens(city, InboxFilter(kind="transfers"))
    assert subject.name in tokens(there, InboxFilter(kind="transfers"))
    assert tokens(office, InboxFilter(kind="transfers")) == []


def test_a_report_under_review_waits_for_the_colleague_of_the_office(office, year):
    from reporting.services.annual_reports import open_report
    from tests.reporting.moves import move_report

    report = open_report(actor=office, year=year, organization=office.district, now=clock.now())
    move_report(actor=office, report=report, action="send_for_review", now=clock.now())
    colleague = make_actor(Role.DISTRICT_OFFICE, office.district)
    member = make_actor(Role.DISTRICT_MEMBER, office.district)

    def kinds(actor):
        return {row.part.key for row in list_parts(todo_parts(todo_case(actor, TODAY)))}

    assert "reports_review" in kinds(colleague)
    assert not {"reports_review", "reports_missing", "reports_draft"} & (kinds(office) | kinds(member))
    assert "本区（市）三方办公室审核" in {
        row.place for row in list_parts(sent_parts(todo_case(office, TODAY)))
    }


@pytest.mark.parametrize("name", ["inbox", "sent", "drafts", "done", "inbox_badge"])
def test_statements_do_not_grow_with_the_rows(client, office, year, name):
    login(client, office)
    member = make_actor(Role.DISTRICT_MEMBER, office.district)
    counts = []
    for rows in (1, 3, 20):
        for number in range(rows):
            item(office.district, f"自己{rows}-{number}", office.user, TODAY - timedelta(days=1))
            late = item(office.district, f"同事{rows}-{number}", member.user, TODAY - timedelta(days=1))
            visit(make_subject(office.district), member.user, TODAY - timedelta(days=1))
            done = item(office.district, f"已办{rows}-{number}", office.user)
            move_work_item(actor=office, item=done, action="finish", now=clock.now())
            Reminder.objects.create(kind="WorkItem", object_id=str(late.pk), label="x", last_at=clock.now())
        client.get(reverse(f"reporting:{name}"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(f"reporting:{name}"))
        counts.append(len(queries))
    assert len(set(counts)) == 1 and counts[0] <= 6, counts


def test_without_a_campaign_year_the_inbox_is_empty(client):
    actor = make_actor(Role.DISTRICT_OFFICE)
    login(client, actor)
    assert "没有等您办理的事项" in page(client, "inbox")
    assert client.get(reverse("reporting:inbox_badge")).content == b""


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cursor", "first", "previous", "following"),
    [("", 0, "", "2"), ("2", 50, "1", "3"), ("3", 100, "2", ""), ("last", 100, "2", ""), ("99", 100, "2", ""), ("x", 0, "", "2")],
)  # fmt: skip
def test_pages_of_fifty(cursor, first, previous, following):
    found = page_of(list(range(120)), cursor)
    assert (found.rows[0], found.previous, found.next, found.total) == (first, previous, following, 120)
    assert page_of([], cursor).rows == []


def test_the_address_keeps_the_filter_and_pages(client, office):
    login(client, office)
    for number in range(60):
        item(office.district, f"事项{number:02d}", office.user, TODAY + timedelta(days=number))
    first = page(client, "inbox", kind="work_items")
    assert "事项49" in first and "事项50" not in first and "kind=work_items&amp;page=2" in first
    assert "事项50" in page(client, "inbox", kind="work_items", page="2")
    assert "没有符合条件的待办" in page(client, "inbox", kind="work_items", late="1")


# --- from one to the next -------------------------------------------------------------------------------------------


def test_after_one_thing_the_next_is_offered_until_none_is_left(client, office):
    login(client, office)
    first, second = (
        item(office.district, f"任务{n}", office.user, TODAY + timedelta(days=n)) for n in (1, 2)
    )
    query = {"kind": "work_items"}
    opened = client.get(reverse("reporting:inbox_open", args=[f"work_items.{first.pk}.0"]), query)
    assert opened.url == reverse("cultivation:work_item_detail", args=[first.pk])
    move = reverse("cultivation:work_item_move", args=[first.pk, "finish"])
    after = client.post(move, {"done_on": ""}, follow=True).content.decode()
    assert "下一项待办" in after and "返回待办" in after
    onward = client.get(reverse("reporting:inbox_next"), query)
    assert onward.url == reverse("cultivation:work_item_detail", args=[second.pk])
    client.post(reverse("cultivation:work_item_move", args=[second.pk, "finish"]), {"done_on": ""})
    end = client.get(reverse("reporting:inbox_next"), query, follow=True).content.decode()
    assert "没有下一项待办了" in end
    # Back on the list the walk is over.
    third = item(office.district, "任务3", office.user)
    after = client.post(
        reverse("cultivation:work_item_move", args=[third.pk, "finish"]), {"done_on": ""}, follow=True
    )
    assert "下一项待办" not in after.content.decode()


def test_the_next_one_is_behind_the_place_and_then_the_first(office):
    for days in (1, 2, 3):
        item(office.district, f"任务{days}", office.user, TODAY + timedelta(days=days))
    case, chosen = todo_case(office, TODAY), InboxFilter(kind="work_items")
    rows = load_inbox(case, chosen, today=TODAY, cursor="").page.rows
    for place, expected in ((place_of(rows[1]), "任务3"), (place_of(rows[2]), "任务1"), ("", "任务1")):
        row = next_todo(case, chosen, place, today=TODAY)
        assert row is not None and row.what == expected


@pytest.mark.parametrize(
    "token",
    [
        "work_items.0.0",
        "nonsense",
        "work_items.x.0",
        "work_items.99999999999999999999.0",
        "..",
        "work_items.1",
    ],
)
def test_a_thing_that_no_longer_waits_leads_back_to_the_list(client, office, token):
    login(client, office)
    item(make_organization(Level.DISTRICT), "别处的")
    assert find_todo(todo_case(office, TODAY), token) is None
    response = client.get(reverse("reporting:inbox_open", args=[token]), follow=True)
    assert "已经办理" in response.content.decode()


# --- 已办, 草稿 --------------------------------------------------------------------------------------------------------


def test_done_lists_own_acts_in_this_capacity_with_links_that_work(client, office):
    mine, gone = item(office.district, "我办的", office.user), item(office.district, "已删的", office.user)
    for one in (mine, gone):
        move_work_item(actor=office, item=one, action="finish", now=clock.now())
    WorkItem.objects.filter(pk=gone.pk).update(removed_at=clock.now())
    elsewhere = make_membership(office.user, Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    other = Actor(office.user, next(c for c in list_capacities(office.user) if c.key == f"m{elsewhere.pk}"))
    theirs = item(other.organization, "另一身份办的", office.user)
    move_work_item(actor=other, item=theirs, action="finish", now=clock.now())
    login(client, office)
    shown = page(client, "done")
    assert reverse("cultivation:work_item_detail", args=[mine.pk]) in shown
    assert "已删的" in shown and reverse("cultivation:work_item_detail", args=[gone.pk]) not in shown
    assert "另一身份办的" not in shown


def test_drafts_are_those_of_the_unit_and_of_nobody_else(client, office, year):
    now = clock.now()
    for place in (office.district, make_organization(Level.DISTRICT)):
        WorkPlan.objects.create(
            organization=place, year=year, title=f"{place}方案草稿", created_at=now, updated_at=now
        )
    login(client, office)
    shown = page(client, "drafts")
    assert f"{office.district}方案草稿" in shown and shown.count("方案草稿</td>") == 1
    login(client, make_actor(Role.CITY_OFFICE))
    assert "方案草稿" not in page(client, "drafts")


def test_notices_have_the_tabs(client, office):
    login(client, office)
    Notification.objects.create(user=office.user, at=clock.now(), title="报告已生成")
    shown = page(client, "notices")
    assert "报告已生成" in shown and reverse("reporting:done") in shown


# --- what waits for others ------------------------------------------------------------------------------------------


def test_each_office_may_remind_of_what_is_owed_to_it(office, year):
    unit = make_member_unit(office.district)
    member = make_actor(Role.DISTRICT_MEMBER, office.district, member_unit=unit)
    city = make_actor(Role.CITY_OFFICE)
    item(office.district, "区里的", member.user, TODAY - timedelta(days=1))
    visit(make_subject(office.district), member.user, TODAY - timedelta(days=1))

    def keys(actor):
        return {row.part.key for row in list_parts(remindable_parts(todo_case(actor, TODAY)))}

    assert keys(city) == {"plans_due", "rosters_due", "reports_due", "late_work_items"}
    assert keys(office) == {"late_work_items", "late_follow_ups"}
    assert keys(member) == set()
    assert keys(make_actor(Role.DISTRICT_OFFICE)) == set()
    for role in (Role.CITY_MEMBER, Role.LEADER, Role.INSTRUCTOR, Role.TOWNSHIP_STAFF):
        assert keys(make_actor(role)) == set()


def test_before_the_years_are_loaded_nothing_waits():
    CampaignYear.objects.all().delete()
    assert todo_case(make_actor(Role.CITY_OFFICE), date(2026, 1, 1)) is None
    assert Assessment.objects.count() == AnnualReport.objects.count() == 0
    assert remindable_parts(None) == sent_parts(None) == draft_parts(None) == []
