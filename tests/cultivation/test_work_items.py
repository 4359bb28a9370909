"""责任分解: what is overdue, who may do what, the notice's own items, who hears of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from cultivation.enums import WorkItemState
from cultivation.models import WorkItem
from cultivation.rules.work_items import ALL_SEATS, JOINT_LEAD, days_overdue, seed_items
from cultivation.selectors.work_items import (
    counts_by_party,
    items_by_lead,
    my_open_items,
    open_overdue,
    overdue_items,
    work_item_counts,
)
from cultivation.services.work_item_seeds import seed_work_items
from cultivation.services.work_items import (
    WorkItemDraft,
    create_work_item,
    move_work_item,
    report_progress,
    update_work_item,
)
from cultivation.workflows import WORK_ITEM_WORKFLOW
from tests.factories import login, make_actor, make_member_unit, make_organization, make_user, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry, MemberUnit, Organization, Seat
from zaozhuang_portal.accounts.services.organizations import load_organizations
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.operations.models import Notification

pytestmark = pytest.mark.django_db
NOW = clock.now()
TODAY = clock.shanghai_date(NOW)
days = st.dates(date(2023, 1, 1), date(2028, 1, 1))


# --- the pure rules ---------------------------------------------------------------------------------------------------


@given(st.sampled_from(WorkItemState.values), days, days, st.booleans())
def test_only_an_open_item_is_overdue_and_by_whole_days(state, due_on, today, backfilled):
    found = days_overdue(state=state, due_on=due_on, today=today, backfilled=backfilled)
    if state != "OPEN" or backfilled or today <= due_on:
        assert found == 0
    else:
        assert found == (today - due_on).days > 0
        later = days_overdue(state=state, due_on=due_on, today=today + timedelta(days=1))
        assert later == found + 1


def test_the_notices_items_by_year_and_level():
    assert [item.title for item in seed_items("CITY", 2023)][:1] == ["结合我市实际制定实施方案"]
    by_year = {year: {item.title for item in seed_items("CITY", year)} for year in range(2023, 2028)}
    assert "中期评估，查漏补缺" in by_year[2025] and "中期评估，查漏补缺" not in by_year[2026]
    assert "总结评估，推广先进经验做法" in by_year[2027]
    assert any("扩大试点范围" in title for title in by_year[2024])
    assert not any("试点经验" in title for title in by_year[2023])
    for year in range(2023, 2028):
        for level in ("CITY", "DISTRICT"):
            items = seed_items(level, year)
            assert len({item.title for item in items}) == len(items)
            assert all(item.due_on.year == year and item.clause for item in items)
            assert all(item.lead or item.lead_name == JOINT_LEAD for item in items)
            duties = [item for item in items if "四（三）" in item.clause]
            assert len(duties) == 7 and {item.lead for item in duties} == set(ALL_SEATS)
    spot = next(item for item in seed_items("CITY", 2026) if "C091" in item.clause)
    assert (spot.due_on, spot.dated_by_notice) == (date(2026, 11, 30), True)


# --- seeding ----------------------------------------------------------------------------------------------------------


def test_seeding_is_idempotent_and_lights_no_alarm_for_the_past():
    load_organizations(at=NOW)
    make_year()
    now = clock.start_of_day(date(2026, 2, 1))
    created = seed_work_items(now=now)
    assert (
        created
        == WorkItem.objects.count()
        == sum(
            len(seed_items("CITY", year)) + 7 * len(seed_items("DISTRICT", year))
            for year in range(2023, 2028)
        )
    )
    for item in WorkItem.objects.all():
        item.clean_fields(exclude=["created_by", "updated_by"])
    past = WorkItem.objects.filter(year_id__lt=2026)
    assert all(item.backfilled and item.source_document for item in past)
    assert not overdue_items(make_actor(Role.CITY_OFFICE), today=date(2026, 2, 1))
    removed = WorkItem.objects.filter(year_id=2026).first()
    WorkItem.objects.filter(pk=removed.pk).update(removed_at=now)
    assert seed_work_items(now=now) == 0
    zone = WorkItem.objects.get(
        organization__code="3704GX", year_id=2026, title="工商联引导企业经营者主动承担社会责任"
    )
    assert zone.lead_unit.name == "枣庄高新区党群工作部"
    shared = WorkItem.objects.get(
        organization__code="370400", year_id=2026, title="建立健全劳动关系和谐企业培育机制"
    )
    assert shared.lead_name == JOINT_LEAD and shared.participating_units.count() == 4


def test_an_empty_seat_is_named_as_lead():
    load_organizations(at=NOW)
    make_year()
    Seat.objects.filter(body__organization__code="370481", kind="ENTERPRISE_CONFEDERATION").update(
        state="NOT_ESTABLISHED", unit=None
    )
    seed_work_items(now=NOW, years=[2026])
    item = WorkItem.objects.filter(organization__code="370481", title__startswith="企联").first()
    assert item.lead_unit is None and item.lead_name == "滕州市企联（企业家协会）"


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def office():
    return make_actor(Role.DISTRICT_OFFICE)


@pytest.fixture
def unit(office) -> MemberUnit:
    return make_member_unit(office.organization, name="本区人社局")


def draft(**changes) -> WorkItemDraft:
    return WorkItemDraft(
        **({"title": "逐户走访", "due_on": date(2026, 6, 30), "lead_name": "某单位"} | changes)
    )


def create(office, **changes) -> WorkItem:
    return create_work_item(
        actor=office, organization=office.organization, year=make_year(), draft=draft(**changes), now=NOW
    )


def test_what_an_item_needs(office, unit):
    with pytest.raises(DomainError, match="牵头单位"):
        create(office, lead_name="")
    with pytest.raises(DomainError, match="任务"):
        create(office, title=" ")
    with pytest.raises(DomainError, match="不是"):
        create(office, lead_unit=make_member_unit(make_organization()))
    item = create(office, lead_unit=unit, participating_units=[unit])
    assert (item.lead_name, list(item.participating_units.all())) == ("", [unit])
    with pytest.raises(DomainError, match="同名"):
        create(office)
    with pytest.raises(NotAllowed):
        create_work_item(
            actor=make_actor(Role.DISTRICT_OFFICE),
            organization=office.organization,
            year=make_year(),
            draft=draft(title="别区"),
            now=NOW,
        )


def test_the_person_responsible_hears_and_reports(client, office):
    person = make_actor(Role.INSTRUCTOR, office.organization)
    item = create(office, responsible_user=person.user)
    assert item.responsible_person == person.user.full_name
    note = Notification.objects.get(user=person.user)
    assert note.url == f"/work-items/{item.pk}/"
    assert list(my_open_items(person)) == [item]
    assert work_item_counts(person, today=date(2026, 7, 2)) == {"mine": 1, "mine_overdue": 1, "overdue": 1}
    login(client, person)
    assert "逐户走访" in client.get("/work-items/?mine=1").content.decode()
    refused = client.post(f"/work-items/{item.pk}/", {"progress": "120", "note": "走了一半"})
    assert refused.status_code == 422 and "走了一半" in refused.content.decode()
    done = client.post(f"/work-items/{item.pk}/", {"progress": "５０％", "note": "走了一半"})
    assert done.status_code == 302
    item.refresh_from_db()
    assert (item.progress, item.progress_note) == (50, "走了一半")
    page = client.get(f"/work-items/{item.pk}/").content.decode()
    assert "更新进度" in page and "50%" in page
    assert client.get(f"/work-items/{item.pk}/edit/").status_code == 403
    assert client.post(f"/work-items/{item.pk}/finish/", {"done_on": ""}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.progress) == ("DONE", 100)
    stranger = make_actor(Role.INSTRUCTOR, office.organization)
    with pytest.raises(NotAllowed):
        report_progress(actor=stranger, item=item, progress=1, note="", now=NOW)


def test_a_new_person_hears_only_when_it_changes(office):
    first, second = make_user(), make_user()
    item = create(office, responsible_user=first)
    update_work_item(
        actor=office, item=item, draft=draft(responsible_user=first), expected_version=1, now=NOW
    )
    assert Notification.objects.filter(user=first).count() == 1
    update_work_item(
        actor=office, item=item, draft=draft(responsible_user=second), expected_version=2, now=NOW
    )
    assert Notification.objects.filter(user=second).count() == 1
    with pytest.raises(ConflictError):
        update_work_item(actor=office, item=item, draft=draft(title="另改"), expected_version=2, now=NOW)


@pytest.mark.parametrize("who", ["keeper", "responsible", "stranger"])
@pytest.mark.parametrize("action", WORK_ITEM_WORKFLOW.actions)
@pytest.mark.parametrize("state", WorkItemState.values)
def test_workflow_product(office, state, action, who):
    person = make_actor(Role.INSTRUCTOR, office.organization)
    item = create(office, responsible_user=person.user)
    stamp = {"DONE": {"done_on": TODAY}, "CANCELLED": {"cancel_reason": "并入其他任务"}}.get(state, {})
    WorkItem.objects.filter(pk=item.pk).update(state=state, **stamp)
    item.refresh_from_db()
    actor = {
        "keeper": office,
        "responsible": person,
        "stranger": make_actor(Role.DISTRICT_MEMBER),
    }[who]
    goes = {("OPEN", "finish"): "DONE", ("OPEN", "cancel"): "CANCELLED"}
    goes |= {("DONE", "reopen"): "OPEN", ("CANCELLED", "reopen"): "OPEN"}
    expected = goes.get((state, action))
    if who == "stranger" or (who == "responsible" and action != "finish"):
        expected = None
    try:
        move_work_item(actor=actor, item=item, action=action, reason="工作需要调整", now=NOW)
    except (IllegalTransition, NotAllowed):
        assert expected is None
    else:
        assert item.state == expected
    stored = WorkItem.objects.get(pk=item.pk)
    assert stored.state == (expected or state)
    assert bool(stored.done_on) == (stored.state == "DONE")
    assert bool(stored.cancel_reason) == (stored.state == "CANCELLED")


def test_cancel_needs_a_reason_and_a_day_is_past(office):
    item = create(office)
    with pytest.raises(DomainError, match="5个字"):
        move_work_item(actor=office, item=item, action="cancel", reason="不做", now=NOW)
    with pytest.raises(DomainError, match="晚于今天"):
        move_work_item(actor=office, item=item, action="finish", done_on=date(2999, 1, 1), now=NOW)
    move_work_item(actor=office, item=item, action="cancel", reason="并入其他任务", now=NOW)
    assert AuditEntry.objects.get(action="取消任务").reason == "并入其他任务"
    with pytest.raises(DomainError, match="重新办理"):
        update_work_item(actor=office, item=item, draft=draft(), expected_version=1, now=NOW)


# --- lists ------------------------------------------------------------------------------------------------------------


def test_overdue_first_and_it_never_disappears(office, unit):
    today = date(2027, 3, 1)
    create(office, title="早就逾期", due_on=date(2026, 1, 1), lead_unit=unit)
    create(office, title="刚逾期", due_on=date(2027, 2, 28), lead_unit=unit)
    create(office, title="不急", due_on=date(2027, 12, 1), lead_unit=unit)
    create(office, title="其他单位", due_on=date(2027, 12, 1))
    done = create(office, title="办完了", due_on=date(2026, 1, 1), lead_unit=unit)
    move_work_item(actor=office, item=done, action="finish", now=NOW)
    groups = items_by_lead(office, organization=office.organization, year=2026, today=today)
    assert [(group.lead, group.overdue, group.open, group.done) for group in groups] == [
        ("本区人社局", 2, 3, 1),
        ("某单位", 0, 1, 0),
    ]
    assert [(row.item.title, row.overdue) for row in groups[0].rows] == [
        ("早就逾期", 424),
        ("刚逾期", 1),
        ("不急", 0),
        ("办完了", 0),
    ]
    assert [row.item.title for row in overdue_items(office, today=today)] == ["早就逾期", "刚逾期"]
    counts = {(party.lead): (party.total, party.open, party.overdue) for party in
              counts_by_party(office, year=2026, today=today)}  # fmt: skip
    assert counts == {"本区人社局": (4, 3, 2), "某单位": (1, 1, 0)}
    by_rule = {
        item.pk
        for item in WorkItem.objects.all()
        if days_overdue(state=item.state, due_on=item.due_on, today=today, backfilled=item.backfilled)
    }
    assert by_rule == set(WorkItem.objects.filter(open_overdue(today)).values_list("pk", flat=True))


def test_a_foreign_district_sees_nothing(client, office):
    item = create(office)
    other = make_actor(Role.DISTRICT_OFFICE)
    assert not overdue_items(other, today=date(2099, 1, 1))
    login(client, other)
    assert client.get(f"/work-items/{item.pk}/").status_code == 404


@pytest.mark.parametrize(
    "url", ["/work-items/?year=2026", "/work-items/overdue/?year=2026", "/work-items/?mine=1"]
)
def test_statements_of_the_lists(client, office, unit, url):
    login(client, office)
    counts = []
    for number in range(3):
        create(
            office,
            title=f"任务{number}",
            lead_unit=unit,
            participating_units=[unit],
            responsible_user=office.user,
            due_on=date(2026, 1, 1),
        )
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[-1] <= 4, counts


def test_form_keeps_what_was_typed_and_goes_on(client, office, unit):
    login(client, office)
    make_year()
    typed = {"title": "组织培训", "due_on": "2026年9月30日", "participating_units": [unit.pk]}
    refused = client.post("/work-items/new/?year=2026", typed)
    page = refused.content.decode()
    assert (
        refused.status_code == 422 and "牵头单位" in page and "组织培训" in page and "2026年9月30日" in page
    )
    typed |= {"lead_unit": unit.pk, "save_and_add": "1"}
    asked = client.post("/work-items/new/?year=2026", typed)
    page = asked.content.decode()
    assert asked.status_code == 422 and "完成时限 2026-09-30 已经过去" in page
    assert 'name="confirmed" value="2026-09-30"' in page and "组织培训" in page
    assert not WorkItem.objects.filter(title="组织培训").exists()
    other = client.post(
        "/work-items/new/?year=2026", typed | {"due_on": "2026-9-1", "confirmed": "2026-09-30"}
    )
    assert other.status_code == 422, "another past day is asked about again"
    answer = client.post("/work-items/new/?year=2026", typed | {"confirmed": "2026-09-30"})
    assert (answer.status_code, answer.url) == (302, "/work-items/new/?year=2026")
    item = WorkItem.objects.get(title="组织培训")
    assert (item.year_id, item.due_on) == (2026, date(2026, 9, 30))
    edited = client.post(
        f"/work-items/{item.pk}/edit/",
        {"title": "组织两期培训", "due_on": "2027-10-31", "lead_unit": unit.pk, "version": "1"},
    )
    assert edited.status_code == 302, "a day to come is not asked about"
    item.refresh_from_db()
    assert (item.title, item.version, item.participating_units.count()) == ("组织两期培训", 2, 0)
    assert Organization.objects.filter(pk=item.organization_id).exists()
